package io.balsa.mapreduce.task;

import java.util.List;

import io.balsa.mapreduce.Counters;

/**
 * What an attempt of a map task came to.
 *
 * @param runs       R of them, in the order of reduce tasks
 * @param recordsIn  records given to the mapper
 * @param recordsOut pairs it emitted, before any were combined
 * @param skipped    the records that were left out
 */
public record MapResult(List<RunRef> runs, Counters counters, long recordsIn, long recordsOut,
                        List<SkippedRecord> skipped) {
    public MapResult {
        runs = List.copyOf(runs);
        skipped = List.copyOf(skipped);
    }

    /** The length of all runs. */
    public long bytes() {
        return runs.stream().mapToLong(RunRef::bytes).sum();
    }
}
