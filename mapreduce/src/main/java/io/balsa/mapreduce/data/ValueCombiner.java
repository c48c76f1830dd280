package io.balsa.mapreduce.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.Codec;
import io.balsa.mapreduce.Combiner;

/** A job's combiner between encoded values: collects some of one key, and gives what they combine to. */
final class ValueCombiner<K, V> {
    private final Combiner<K, V> combiner;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final ByteBuilder bytes = new ByteBuilder(1 << 10);
    private final ByteBuilder result = new ByteBuilder(1 << 6);
    private int[] ends = new int[16];
    private int count;

    ValueCombiner(Combiner<K, V> combiner, Codec<K> keys, Codec<V> values) {
        this.combiner = combiner;
        this.keys = keys;
        this.values = values;
    }

    @SuppressWarnings("unchecked") // that combiner and codecs fit each other is the job's word; a cast of theirs tells
    static ValueCombiner<Object, Object> of(Combiner<?, ?> combiner, Codec<?> keys, Codec<?> values) {
        return new ValueCombiner<>((Combiner<Object, Object>) combiner, (Codec<Object>) keys, (Codec<Object>) values);
    }

    int count() {
        return count;
    }

    /** Bytes collected so far. */
    int length() {
        return bytes.length();
    }

    void clear() {
        bytes.truncate(0);
        count = 0;
    }

    void collect(byte[] array, int offset, int length) {
        bytes.append(array, offset, length);
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        ends[count++] = bytes.length();
    }

    /** Combines what was collected, at least one value, and forgets it; the result is good until the next call. */
    ByteBuilder combine(byte[] key, int keyOffset, int keyLength) {
        result.truncate(0);
        if (count == 1) {
            result.append(bytes.array(), 0, bytes.length());
        } else {
            values.encode(combiner.combine(keys.decode(key, keyOffset, keyLength), Collected::new), result);
        }
        clear();
        return result;
    }

    private final class Collected implements Iterator<V> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        public V next() {
            if (next >= count) {
                throw new NoSuchElementException("all values of the key were read");
            }
            final int start = next == 0 ? 0 : ends[next - 1];
            return values.decode(bytes.array(), start, ends[next++] - start);
        }
    }
}
