package io.balsa.mapreduce.coordinator;

import java.util.List;

import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.Sums;

/** What the attempt that won a task left behind. */
sealed interface Result {
    /** The attempt that won. */
    int attempt();

    Sums sums();

    /** Written, as found in the files' lengths. */
    long bytes();

    long digest();

    /** One run for each reduce. */
    record OfMap(int attempt, List<Run> runs, Sums sums) implements Result {
        @Override
        public long bytes() {
            return runs.stream().mapToLong(Run::bytes).sum();
        }

        @Override
        public long digest() {
            long digest = attempt;
            for (final Run run : runs) {
                digest = Mix.of(digest, Mix.of(run.bytes(), run.crc()));
            }
            return Mix.of(digest, Result.digest(sums));
        }
    }

    /** Files that wait for their names. */
    record OfReduce(int attempt, List<OutputFile> outputs, Sums sums) implements Result {
        @Override
        public long bytes() {
            return outputs.stream().mapToLong(OutputFile::bytes).sum();
        }

        @Override
        public long digest() {
            long digest = attempt;
            for (final OutputFile output : outputs) {
                digest = Mix.of(digest, Mix.of(output.bytes(), Mix.of(Mix.of(output.name()),
                    Mix.of(output.temporary()))));
            }
            return Mix.of(digest, Result.digest(sums));
        }
    }

    private static long digest(Sums sums) {
        long digest = Mix.of(sums.recordsIn(), Mix.of(sums.recordsOut(), sums.skipped()));
        for (final var counter : sums.counters().values().entrySet()) {
            digest = Mix.of(digest, Mix.of(Mix.of(counter.getKey()), counter.getValue()));
        }
        for (final String example : sums.examples()) {
            digest = Mix.of(digest, Mix.of(example));
        }
        return digest;
    }
}
