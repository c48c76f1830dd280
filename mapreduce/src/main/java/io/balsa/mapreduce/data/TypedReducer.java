package io.balsa.mapreduce.data;

import java.util.Iterator;
import java.util.NoSuchElementException;

import io.balsa.mapreduce.ByteGroup;
import io.balsa.mapreduce.ByteReducer;
import io.balsa.mapreduce.Codec;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.TaskContext;

/** A reducer of objects as one of bytes. */
final class TypedReducer<K, V> implements ByteReducer {
    private final Reducer<K, V> reducer;
    private final Codec<K> keys;
    private final Codec<V> values;

    TypedReducer(Reducer<K, V> reducer, Codec<K> keys, Codec<V> values) {
        this.reducer = reducer;
        this.keys = keys;
        this.values = values;
    }

    @SuppressWarnings("unchecked") // that reducer and codecs fit each other is the job's word; a cast of theirs tells
    static TypedReducer<Object, Object> of(Reducer<?, ?> reducer, Codec<?> keys, Codec<?> values) {
        return new TypedReducer<>((Reducer<Object, Object>) reducer, (Codec<Object>) keys, (Codec<Object>) values);
    }

    @Override
    public void open(TaskContext context) throws Exception {
        reducer.open(context);
    }

    @Override
    public void reduce(ByteGroup group, ReduceOutput output) throws Exception {
        final Values iterator = new Values(group);
        reducer.reduce(keys.decode(group.keyArray(), group.keyOffset(), group.keyLength()), iterator, output);
    }

    @Override
    public void close(ReduceOutput output) throws Exception {
        reducer.close(output);
    }

    /** The values of one key; goes through them once. */
    private final class Values implements Iterable<V>, Iterator<V> {
        private final ByteGroup group;
        private boolean used;
        private boolean ahead;
        private boolean more;

        Values(ByteGroup group) {
            this.group = group;
        }

        @Override
        public Iterator<V> iterator() {
            if (used) {
                throw new IllegalStateException("the values of a key can be gone through once; keep what is needed");
            }
            used = true;
            return this;
        }

        @Override
        public boolean hasNext() {
            if (!ahead) {
                more = group.next();
                ahead = true;
            }
            return more;
        }

        @Override
        public V next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all values of the key were read");
            }
            ahead = false;
            return values.decode(group.valueArray(), group.valueOffset(), group.valueLength());
        }
    }
}
