package io.balsa.mapreduce.data;

import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.ByteBuilder;

/** Sorted pairs of each partition, in memory: lengths of key and value in four bytes each, key, value. */
final class MemorySegments implements PairSink {
    private static final int HEAD = 2 * Integer.BYTES;

    private final List<ByteBuilder> partitions = new ArrayList<>();

    @Override
    public void beginPartition(int partition) {
        partitions.add(new ByteBuilder(1 << 10));
    }

    @Override
    public void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength) {
        final ByteBuilder bytes = partitions.get(partitions.size() - 1);
        putInt(bytes, keyLength);
        putInt(bytes, valueLength);
        bytes.append(key, keyOffset, keyLength);
        bytes.append(value, valueOffset, valueLength);
    }

    private static void putInt(ByteBuilder bytes, int value) {
        bytes.append(value >>> 24);
        bytes.append(value >>> 16);
        bytes.append(value >>> 8);
        bytes.append(value);
    }

    /** Returns the pairs of a partition. */
    PairCursor cursor(int partition) {
        final ByteBuilder bytes = partitions.get(partition);
        return new Cursor(bytes.array(), bytes.length());
    }

    private static final class Cursor implements PairCursor {
        private final byte[] array;
        private final int end;
        private int at;
        private int keyOffset;
        private int keyLength;
        private int valueLength;
        private long prefix;

        Cursor(byte[] array, int end) {
            this.array = array;
            this.end = end;
        }

        @Override
        public boolean next() {
            if (at == end) {
                return false;
            }
            keyLength = getInt(at);
            valueLength = getInt(at + Integer.BYTES);
            keyOffset = at + HEAD;
            at = keyOffset + keyLength + valueLength;
            prefix = KeyBytes.prefix(array, keyOffset, keyLength);
            return true;
        }

        private int getInt(int from) {
            return array[from] << 24 | (array[from + 1] & 0xff) << 16 | (array[from + 2] & 0xff) << 8
                | array[from + 3] & 0xff;
        }

        @Override
        public long prefix() {
            return prefix;
        }

        @Override
        public byte[] array() {
            return array;
        }

        @Override
        public int keyOffset() {
            return keyOffset;
        }

        @Override
        public int keyLength() {
            return keyLength;
        }

        @Override
        public int valueLength() {
            return valueLength;
        }

        @Override
        public void close() {
            // Memory only.
        }
    }
}
