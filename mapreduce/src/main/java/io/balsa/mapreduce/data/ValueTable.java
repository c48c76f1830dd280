package io.balsa.mapreduce.data;

import java.io.IOException;
import java.util.Arrays;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.LongCodec;

/**
 * A table whose word leads to a chain of values, combined whenever there are a few of them.
 * <pre>
 *   word:    last node (32 bits)  first node (32 bits)
 *   node:    next node (4 bytes)  where its values end (4 bytes)  size class (1 byte)  values; 16, 32, 64, ... bytes
 *   value:   length (1 to 5 bytes, seven bits each, lowest first)  bytes
 * </pre>
 * Nodes are used again: what a key that comes a million times takes is what a few of its values take. They lie where
 * there was room, and reading each waits for memory: so a key that was combined once gets a node that holds what comes
 * until the next time.
 */
final class ValueTable extends KeyTable {
    private static final int HEAD = 2 * Integer.BYTES + 1;
    private static final int LEAST_BITS = 4;
    private static final int NOWHERE = -1;
    private static final long LOW = 0xffff_ffffL;
    /** How many values of a key are kept apart: fewer cost more calls, more cost memory. */
    private static final int CHAIN = 16;
    /** The most bytes that a node has to spare for further values. */
    private static final int SPARE = 40;

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
        pendingRoom += size(sizeClass(valueLength));
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
        if (fresh) {
            setOnly(slot, newNode(sizeClass(length), pendingValues.array(), start, length));
            return;
        }
        final long chain = table[slot + 3];
        final int last = (int) (chain >>> 32);
        if (!append(last, pendingValues.array(), start, length)) {
            final int node = newNode(sizeClass(length), pendingValues.array(), start, length);
            INT.set(arena, last, node);
            table[slot + 3] = (long) node << 32 | chain & LOW;
        }
        table[slot + 2] += 1L << 32;
        if ((countOf(slot) + 1) % CHAIN == 0) {
            combine(slot);
        }
    }

    /** Makes the chain one value, unless there is no room for that: then it stays as it is. */
    private void combine(int slot) {
        collect(slot);
        final int spare = Math.min(combiner.length() + combiner.count(), SPARE);
        final ByteBuilder combined = combiner.combine(arena, keyOffset(slot), keyLength(slot));
        int sizeClass = sizeClass(combined.length() + spare);
        if (!hasRoom(sizeClass)) {
            sizeClass = sizeClass(combined.length());
            if (!hasRoom(sizeClass)) {
                return;
            }
        }
        final int node = newNode(sizeClass, combined.array(), 0, combined.length());
        int old = (int) table[slot + 3];
        while (old != NOWHERE) {
            final int next = (int) INT.get(arena, old);
            final int oldClass = arena[old + HEAD - 1];
            INT.set(arena, old, free[oldClass]);
            free[oldClass] = old;
            old = next;
        }
        setOnly(slot, node);
    }

    /** Whether there is a node to be used again, or room for one beside what is kept for pending pairs. */
    private boolean hasRoom(int sizeClass) {
        return free[sizeClass] != NOWHERE || arena.length - used - pendingBytes() >= size(sizeClass);
    }

    /** Gives the values of a chain to the combiner. */
    private void collect(int slot) {
        combiner.clear();
        for (int node = (int) table[slot + 3]; node != NOWHERE; node = (int) INT.get(arena, node)) {
            final int end = (int) INT.get(arena, node + Integer.BYTES);
            int at = node + HEAD;
            while (at < end) {
                byte next = arena[at++];
                int length = next & 0x7f;
                for (int shift = 7; next < 0; shift += 7) {
                    next = arena[at++];
                    length |= (next & 0x7f) << shift;
                }
                combiner.collect(arena, at, length);
                at += length;
            }
        }
    }

    @Override
    void drainSlot(int slot, int keyOffset, int keyLength, PairSink sink) throws IOException {
        collect(slot);
        final ByteBuilder value = combiner.combine(arena, keyOffset, keyLength);
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

    /** Returns where a node with its first value lies: a used one, or one at the arena's end. */
    private int newNode(int sizeClass, byte[] value, int offset, int length) {
        int node = free[sizeClass];
        if (node == NOWHERE) {
            node = used;
            used += size(sizeClass);
        } else {
            free[sizeClass] = (int) INT.get(arena, node);
        }
        INT.set(arena, node, NOWHERE);
        INT.set(arena, node + Integer.BYTES, node + HEAD);
        arena[node + HEAD - 1] = (byte) sizeClass;
        append(node, value, offset, length);
        return node;
    }

    /** Returns false, and does nothing, if the node has no room for the value. */
    private boolean append(int node, byte[] value, int offset, int length) {
        int at = (int) INT.get(arena, node + Integer.BYTES);
        if (node + size(arena[node + HEAD - 1]) - at < bytesOf(length)) {
            return false;
        }
        int rest = length;
        while (rest > 0x7f) {
            arena[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        arena[at++] = (byte) rest;
        System.arraycopy(value, offset, arena, at, length);
        INT.set(arena, node + Integer.BYTES, at + length);
        return true;
    }

    /** Returns what a value takes in a node, with its length before it. */
    private static int bytesOf(int length) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(length | 1) + 6) / 7 + length;
    }

    /** Returns the least class of nodes that have room for a value. */
    private static int sizeClass(int length) {
        final int size = Math.max(HEAD + bytesOf(length), 1 << LEAST_BITS);
        return Integer.SIZE - Integer.numberOfLeadingZeros(size - 1) - LEAST_BITS;
    }

    private static int size(int sizeClass) {
        return 1 << sizeClass + LEAST_BITS;
    }
}
