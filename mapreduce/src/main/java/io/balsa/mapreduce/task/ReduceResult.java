package io.balsa.mapreduce.task;

import java.util.List;

import io.balsa.mapreduce.Counters;

/**
 * What an attempt of a reduce task came to.
 *
 * @param outputs   {@code mr-out-<r>} first, then the named ones
 * @param groups    keys given to the reducer
 * @param recordsIn values read from the runs
 */
public record ReduceResult(List<OutputFile> outputs, Counters counters, long groups, long recordsIn) {
    public ReduceResult {
        outputs = List.copyOf(outputs);
    }

    /** The length of all outputs. */
    public long bytes() {
        return outputs.stream().mapToLong(OutputFile::bytes).sum();
    }
}
