package io.balsa.mapreduce;

/** Where a {@link Mapper} puts its pairs. */
public interface MapOutput<K, V> extends TaskContext {
    /** Emits a pair; both are encoded at once and may be changed afterwards. Neither may be null. */
    void emit(K key, V value);
}
