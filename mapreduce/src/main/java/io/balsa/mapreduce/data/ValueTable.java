package io.balsa.mapreduce.data;

import java.io.IOException;
import java.util.Arrays;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.LongCodec;

/**
 * A table whose word leads to a chain of values, combined whenever there are a few of them.
 * <pre>
 *   word:    last node (32 bits)  first node (32 bits)
 *   node:    next node (4 bytes)  value's length (4 bytes)  value, in room of 8, 16, 32, ... bytes
 * </pre>
 * Nodes are used again: what a key that comes a million times takes is what a few of its values take.
 */
final class ValueTable extends KeyTable {
    private static final int HEAD = 2 * Integer.BYTES;
    private static final int LEAST_ROOM_BITS = 3;
    private static final int NOWHERE = -1;
    private static final long LOW = 0xffff_ffffL;
    /** How many values of a key are kept apart: fewer cost more calls, more cost memory. */
    private static final int CHAIN = 16;

    private final ValueCombiner<?, ?> combiner;
    private final int[] free = new int[Integer.SIZE];
    private final int[] pendingEnds = new int[BATCH];
    private final byte[] numberBytes = new byte[LongCodec.MAX_LENGTH];
    /** So many bytes of values end a batch. */
    private final long mostRoom;
    private final ByteBuilder pendingValues = new ByteBuilder(1 << 12);
    private long pendingRoom;

    ValueTable(long budget, Partitions partitions, ValueCombiner<?, ?> combiner) {
        super(budget, partitions);
        this.combiner = combiner;
        mostRoom = budget / 16;
        Arrays.fill(free, NOWHERE);
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, long value) {
        return add(key, keyOffset, keyLength, numberBytes, 0, LongCodec.encode(value, numberBytes, 0));
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength) {
        if ((isBatchFull(key) || pendingRoom > mostRoom) && !settle()) {
            return false;
        }
        final int index = enqueue(key, keyOffset, keyLength);
        pendingValues.append(value, valueOffset, valueLength);
        pendingEnds[index] = pendingValues.length();
        pendingRoom += HEAD + room(sizeClass(valueLength));
        return true;
    }

    @Override
    long pendingValueBytes() {
        return pendingRoom;
    }

    @Override
    void clearPending() {
        pendingValues.truncate(0);
        pendingRoom = 0;
    }

    @Override
    void absorb(int slot, boolean fresh, int pendingIndex) {
        final int start = pendingIndex == 0 ? 0 : pendingEnds[pendingIndex - 1];
        final int length = pendingEnds[pendingIndex] - start;
        final int node = newNode(length);
        fill(node, pendingValues.array(), start, length);
        if (fresh) {
            setOnly(slot, node);
            return;
        }
        final long chain = table[slot + 3];
        INT.set(arena, (int) (chain >>> 32), node);
        table[slot + 3] = (long) node << 32 | chain & LOW;
        table[slot + 2] += 1L << 32;
        if ((countOf(slot) + 1) % CHAIN == 0) {
            combine(slot);
        }
    }

    /** Makes the chain one value, unless there is no room for that: then it stays as it is. */
    private void combine(int slot) {
        final ByteBuilder combined = combined(slot, keyOffset(slot), keyLength(slot));
        if (free[sizeClass(combined.length())] == NOWHERE
            && arena.length - used - pendingRoom < HEAD + room(sizeClass(combined.length()))) {
            return;
        }
        final int node = newNode(combined.length());
        fill(node, combined.array(), 0, combined.length());
        int old = (int) table[slot + 3];
        while (old != NOWHERE) {
            final int next = (int) INT.get(arena, old);
            final int size = sizeClass((int) INT.get(arena, old + Integer.BYTES));
            INT.set(arena, old, free[size]);
            free[size] = old;
            old = next;
        }
        setOnly(slot, node);
    }

    private ByteBuilder combined(int slot, int keyOffset, int keyLength) {
        combiner.clear();
        for (int node = (int) table[slot + 3]; node != NOWHERE; node = (int) INT.get(arena, node)) {
            combiner.collect(arena, node + HEAD, (int) INT.get(arena, node + Integer.BYTES));
        }
        return combiner.combine(arena, keyOffset, keyLength);
    }

    @Override
    void drainSlot(int slot, int keyOffset, int keyLength, PairSink sink) throws IOException {
        final ByteBuilder value = combined(slot, keyOffset, keyLength);
        sink.pair(arena, keyOffset, keyLength, value.array(), 0, value.length());
    }

    @Override
    void forgetValues() {
        Arrays.fill(free, NOWHERE);
    }

    private void setOnly(int slot, int node) {
        table[slot + 3] = (long) node << 32 | node;
        table[slot + 2] &= LOW;
    }

    /** Returns where a node with room for {@code length} bytes lies: a used one, or one at the arena's end. */
    private int newNode(int length) {
        final int size = sizeClass(length);
        int node = free[size];
        if (node == NOWHERE) {
            node = used;
            used += HEAD + room(size);
        } else {
            free[size] = (int) INT.get(arena, node);
        }
        return node;
    }

    private void fill(int node, byte[] value, int offset, int length) {
        INT.set(arena, node, NOWHERE);
        INT.set(arena, node + Integer.BYTES, length);
        System.arraycopy(value, offset, arena, node + HEAD, length);
    }

    private static int sizeClass(int length) {
        final int room = Math.max(length, 1 << LEAST_ROOM_BITS);
        return Integer.SIZE - Integer.numberOfLeadingZeros(room - 1) - LEAST_ROOM_BITS;
    }

    private static int room(int sizeClass) {
        return 1 << sizeClass + LEAST_ROOM_BITS;
    }
}
