package io.balsa.mapreduce;

/**
 * Makes one value out of several of the same key before they leave the map task. It may be called any number of times,
 * on its own results too: the job must come out the same whichever values are combined, in whichever groups. The order
 * of the values in the task is kept.
 */
public interface Combiner<K, V> {
    /** @param values at least two; can be gone through once, and only during the call */
    V combine(K key, Iterable<V> values);
}
