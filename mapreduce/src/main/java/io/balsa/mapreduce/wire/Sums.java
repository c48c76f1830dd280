package io.balsa.mapreduce.wire;

import java.util.List;
import java.util.stream.Stream;

import io.balsa.mapreduce.Counters;

/**
 * What an attempt counted. Those of a job are the sums over the attempts that won.
 *
 * @param recordsOut pairs that a map emitted, keys that a reduce was given
 * @param skipped    records that the job's code could not bear
 * @param examples   the first few of those, a line each
 * @param counters   the job's own
 */
public record Sums(long recordsIn, long recordsOut, long skipped, List<String> examples, Counters counters) {
    /** How many examples are kept of one task or one job: what is counted must stay small. */
    public static final int MAX_EXAMPLES = 10;
    public static final Sums NONE = new Sums(0, 0, 0, List.of(), Counters.NONE);

    public Sums {
        examples = examples.stream().limit(MAX_EXAMPLES).toList();
    }

    public Sums plus(Sums other) {
        return new Sums(recordsIn + other.recordsIn, recordsOut + other.recordsOut, skipped + other.skipped,
            Stream.concat(examples.stream(), other.examples.stream()).toList(), counters.plus(other.counters));
    }
}
