package io.balsa.raft.core;

import java.util.Arrays;

/** Arithmetic on one value per voter. */
final class Quorum {
    private final long[] sorted;

    Quorum(int voters) {
        sorted = new long[voters];
    }

    /**
     * The greatest value that a majority has reached.
     *
     * @param values one per other voter, in any order
     * @param counts whether each of them counts; one that does not has reached nothing
     * @param own    this server's value
     */
    long reached(long[] values, boolean[] counts, long own) {
        for (int row = 0; row < values.length; row++) {
            sorted[row] = counts[row] ? values[row] : Long.MIN_VALUE;
        }
        sorted[values.length] = own;
        Arrays.sort(sorted);
        return sorted[sorted.length - (sorted.length / 2 + 1)];
    }
}
