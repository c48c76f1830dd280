package io.balsa.mapreduce;

/**
 * A {@link Combiner} of numbers, for jobs whose values are encoded by {@link LongCodec}. Associative and commutative.
 */
public interface LongCombiner {
    long combine(long left, long right);
}
