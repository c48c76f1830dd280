package io.balsa.mapreduce;

/** Adds numbers up. */
public final class LongSum implements LongCombiner {
    @Override
    public long combine(long left, long right) {
        return left + right;
    }
}
