package io.balsa.mapreduce.data;

import java.io.IOException;
import java.util.Arrays;

import io.balsa.mapreduce.LongCodec;

/**
 * Pairs one behind the other, sorted when they are handed over; for jobs where nothing is gained by combining early.
 * <pre>
 *   arena:      key length  value length  key  value        lengths of 1 to 5 bytes, seven bits each, lowest first
 *   reference:  partition (24 bits)  position in the arena (40 bits)
 * </pre>
 */
final class SortBuffer implements PairBuffer {
    private static final int SHIFT = 40;
    private static final long POSITION = (1L << SHIFT) - 1;
    private static final int MAX_HEAD = 10;
    private static final int FIRST_ARENA = 1 << 16;
    private static final int FIRST_CAPACITY = 1 << 11;
    /** How many pairs are found before the first of them is handed over. */
    private static final int AHEAD = 64;

    private final long budget;
    private final Partitions partitions;
    private final boolean sortValues;
    private final PrefixSort sort = new PrefixSort(this::compareTails);
    private final int[] ends;
    private final byte[] numberBytes = new byte[LongCodec.MAX_LENGTH];
    private final int[] keyOffsets = new int[AHEAD];
    private final int[] keyLengths = new int[AHEAD];
    private final int[] valueLengths = new int[AHEAD];
    private final Cursor left = new Cursor();
    private final Cursor right = new Cursor();
    private byte[] arena = new byte[FIRST_ARENA];
    private int used;
    private int pairs;

    /** @param sortValues whether pairs of equal keys are sorted by their values */
    SortBuffer(long budget, Partitions partitions, boolean sortValues) {
        this.budget = budget;
        this.partitions = partitions;
        this.sortValues = sortValues;
        ends = new int[partitions.count()];
    }

    /** Where the parts of a pair lie. */
    private final class Cursor {
        private int keyOffset;
        private int keyLength;
        private int valueLength;

        private int at;

        void read(long reference) {
            at = (int) (reference & POSITION);
            keyLength = length();
            valueLength = length();
            keyOffset = at;
        }

        private int length() {
            byte next = arena[at++];
            int length = next & 0x7f;
            for (int shift = 7; next < 0; shift += 7) {
                next = arena[at++];
                length |= (next & 0x7f) << shift;
            }
            return length;
        }

        int valueOffset() {
            return keyOffset + keyLength;
        }
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, long value) {
        return add(key, keyOffset, keyLength, numberBytes, 0, LongCodec.encode(value, numberBytes, 0));
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength) {
        final long needed = (long) MAX_HEAD + keyLength + valueLength;
        if (arena.length - used < needed && !growArena(needed) || pairs == sort.capacity() && !growPairs()) {
            return false;
        }
        final int partition = partitions.of(key, keyOffset, keyLength);
        sort.set(pairs++, KeyBytes.prefix(key, keyOffset, keyLength), (long) partition << SHIFT | used);
        putLength(keyLength);
        putLength(valueLength);
        System.arraycopy(key, keyOffset, arena, used, keyLength);
        used += keyLength;
        System.arraycopy(value, valueOffset, arena, used, valueLength);
        used += valueLength;
        return true;
    }

    private void putLength(int length) {
        int rest = length;
        while (rest > 0x7f) {
            arena[used++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        arena[used++] = (byte) rest;
    }

    private boolean growArena(long needed) {
        final long most = budget - (long) sort.capacity() * PrefixSort.BYTES_PER_ELEMENT;
        final long capacity = Math.min(Math.max(2L * arena.length, used + needed), most);
        if (capacity < used + needed) {
            return false;
        }
        arena = Arrays.copyOf(arena, (int) capacity);
        return true;
    }

    private boolean growPairs() {
        final long most = (budget - arena.length) / PrefixSort.BYTES_PER_ELEMENT;
        final long capacity = Math.min(Math.max(2L * sort.capacity(), FIRST_CAPACITY), most);
        if (capacity <= pairs) {
            return false;
        }
        sort.grow((int) capacity);
        return true;
    }

    @Override
    public boolean settle() {
        return true;
    }

    @Override
    public boolean hasPending(byte[] array) {
        return false;
    }

    @Override
    public boolean isEmpty() {
        return pairs == 0;
    }

    @Override
    public int size() {
        return pairs;
    }

    @Override
    public void drain(PairSink sink) throws IOException {
        sort.groupByPart(pairs, SHIFT, ends);
        int start = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            sink.beginPartition(partition);
            sort.sort(start, ends[partition]);
            for (; start < ends[partition]; start += AHEAD) {
                drain(start, Math.min(AHEAD, ends[partition] - start), sink);
            }
            start = ends[partition];
        }
        pairs = 0;
        used = 0;
    }

    /**
     * Sorted, neighbours lie anywhere in the arena, and the first look at each waits for memory. Many are looked at in
     * a row, with nothing between them that would have to know the last before the next: so they wait together.
     */
    private void drain(int from, int count, PairSink sink) throws IOException {
        for (int i = 0; i < count; i++) {
            left.read(sort.reference(from + i));
            keyOffsets[i] = left.keyOffset;
            keyLengths[i] = left.keyLength;
            valueLengths[i] = left.valueLength;
        }
        for (int i = 0; i < count; i++) {
            final int valueOffset = keyOffsets[i] + keyLengths[i];
            sink.pair(arena, keyOffsets[i], keyLengths[i], arena, valueOffset, valueLengths[i]);
        }
    }

    private int compareTails(long a, long b) {
        left.read(a);
        right.read(b);
        final int keys = KeyBytes.compareTails(arena, left.keyOffset, left.keyLength,
            arena, right.keyOffset, right.keyLength);
        if (keys != 0 || !sortValues) {
            return keys;
        }
        return Arrays.compareUnsigned(arena, left.valueOffset(), left.valueOffset() + left.valueLength,
            arena, right.valueOffset(), right.valueOffset() + right.valueLength);
    }
}
