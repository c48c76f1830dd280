package io.balsa.mapreduce.bench;

import java.nio.file.Path;

/**
 * One way to count the words of a directory. Runs in a process of its own.
 *
 * @param name  as it is shown and asked for
 * @param ours  whether it is Balsa's
 * @param zipf  which of the texts it counts
 * @param goal  megabytes a second that it must reach; 0 if it is there for comparison
 * @param heap  {@code -Xmx} of its process
 * @param warm  runs that are not counted
 * @param runs  runs that are
 * @param count does it once
 */
record Row(String name, boolean ours, boolean zipf, int goal, String heap, int warm, int runs, Count count) {
    /** Counts words. What it returns is asked when the time was taken. */
    @FunctionalInterface
    interface Count {
        Check run(Path input, Path scratch) throws Exception;
    }

    /** Looks at what was counted. */
    @FunctionalInterface
    interface Check {
        Answer answer() throws Exception;
    }

    /** What all rows that count one text must agree on. */
    record Answer(long distinct, long words) {
        @Override
        public String toString() {
            return distinct + "/" + words;
        }
    }
}
