package io.balsa.mapreduce;

/**
 * Makes lines out of the values of each key; keys come in the order of their encoded bytes, taken as unsigned. One
 * instance serves one attempt of one task, on one thread.
 */
public interface Reducer<K, V> {
    /** Called once, before the first key. */
    default void open(TaskContext context) throws Exception {
    }

    /** @param values can be gone through once, and only during the call */
    void reduce(K key, Iterable<V> values, ReduceOutput output) throws Exception;

    /** Called once, after the last key; may write. */
    default void close(ReduceOutput output) throws Exception {
    }
}
