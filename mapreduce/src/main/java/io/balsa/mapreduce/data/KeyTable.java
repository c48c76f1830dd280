package io.balsa.mapreduce.data;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys in a hash table of open addressing, each with one word of the subclass, in bounded memory.
 * <pre>
 *   slot:    rest, see {@link KeyBytes}, which is never 0; 0 if the slot is free
 *            prefix
 *            values beyond the first (32 bits)  where in the arena the key lies (32 bits)
 *            the subclass's word
 * </pre>
 * Short keys are found without a look into the arena. In the arena the length, in four bytes, goes before a key that is
 * not short.
 *
 * <p>Pairs are taken in batches: first all slots of a batch are touched, and only then compared: so the memory works on
 * many at a time instead of one after the other.
 */
abstract class KeyTable implements PairBuffer {
    /** Longs a slot; 32 bytes, two to a cache line. */
    private static final int SLOT = 4;
    /** Slots begin behind two unused longs: with the array's header that puts them on multiples of 32 bytes. */
    private static final int BASE = 2;
    private static final int FIRST_SLOTS = 1 << 10;
    private static final int FIRST_ARENA = 1 << 15;
    static final int BATCH = 256;
    private static final int SHIFT = 40;
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final long budget;
    /** So many bytes of keys end a batch too: it must fit into an empty table. */
    private final long batchBytes;
    private final Partitions partitions;
    private final int[] ends;
    private byte[] pendingKey = {};
    private long pendingKeyBytes;
    private final int[] pendingOffset = new int[BATCH];
    private final int[] pendingLength = new int[BATCH];
    private final int[] pendingHash = new int[BATCH];
    private final long[] pendingPrefix = new long[BATCH];
    private final long[] pendingRest = new long[BATCH];
    private int pending;
    private int slots = FIRST_SLOTS;
    /** How far a hash is shifted to become the number of a slot. */
    private int hashShift = Integer.numberOfLeadingZeros(FIRST_SLOTS) + 1;
    private int distinct;
    private long touched;

    /** The slots; the subclass may change the last two words of one. */
    long[] table = new long[BASE + FIRST_SLOTS * SLOT];
    /** Keys, and what the subclass puts there. */
    byte[] arena = new byte[FIRST_ARENA];
    /** How much of the arena is in use. */
    int used;

    KeyTable(long budget, Partitions partitions) {
        this.budget = budget;
        batchBytes = budget / 16;
        this.partitions = partitions;
        ends = new int[partitions.count()];
    }

    /** Takes the value of the pending pair into a slot. */
    abstract void absorb(int slot, boolean fresh, int pendingIndex);

    /** Hands over the pairs of a slot whose key lies in the arena at {@code keyOffset}. */
    abstract void drainSlot(int slot, int keyOffset, int keyLength, PairSink sink) throws IOException;

    /** The most bytes that the arena needs for the pending pairs beside their keys. */
    abstract long pendingValueBytes();

    /** The most bytes that the pending pairs, keys and values, take in the arena; they are kept free for them. */
    final long pendingBytes() {
        return pendingKeyBytes + pendingValueBytes();
    }

    /** Forgets the values of pending pairs: they were absorbed. */
    abstract void clearPending();

    /** Forgets what lies in the arena. */
    abstract void forgetValues();

    final int keyLength(int slot) {
        final long rest = table[slot];
        return KeyBytes.isLong(rest) ? (int) INT.get(arena, keyOffset(slot) - Integer.BYTES) : KeyBytes.length(rest);
    }

    final int keyOffset(int slot) {
        return (int) table[slot + 2];
    }

    /** How often the subclass counted in the third word since the key came. */
    final int countOf(int slot) {
        return (int) (table[slot + 2] >>> 32);
    }

    @Override
    public final boolean isEmpty() {
        return distinct == 0;
    }

    /** Whether {@link #settle} must be called before another key is added. */
    final boolean isBatchFull(byte[] key) {
        return pending == BATCH || pending > 0 && (pendingKey != key || pendingKeyBytes > batchBytes);
    }

    @Override
    public final int size() {
        return distinct;
    }

    /** Notes a key whose value the subclass notes under the index that this returns. */
    final int enqueue(byte[] key, int offset, int length) {
        final int index = pending++;
        pendingKey = key;
        pendingKeyBytes += length + Integer.BYTES;
        pendingOffset[index] = offset;
        pendingLength[index] = length;
        final long prefix = KeyBytes.prefix(key, offset, length);
        pendingPrefix[index] = prefix;
        final long rest = KeyBytes.rest(key, offset, length);
        pendingRest[index] = rest;
        pendingHash[index] = KeyBytes.hash(prefix, rest);
        return index;
    }

    @Override
    public final boolean hasPending(byte[] key) {
        return pending > 0 && pendingKey == key;
    }

    @Override
    public final boolean settle() {
        if (pending == 0) {
            return true;
        }
        if (!reserve()) {
            return false;
        }
        final long[] slotsNow = table;
        final int[] hashes = pendingHash;
        final int count = pending;
        final int shift = hashShift;
        long seen = 0;
        for (int i = 0; i < count; i++) {
            seen += slotsNow[BASE + (hashes[i] >>> shift) * SLOT];
        }
        // Kept in a field, so that the loop above is not taken for useless.
        touched = seen;
        final int mask = slots - 1;
        for (int i = 0; i < count; i++) {
            final long rest = pendingRest[i];
            final long prefix = pendingPrefix[i];
            int index = hashes[i] >>> shift;
            while (true) {
                final int slot = BASE + index * SLOT;
                final long found = slotsNow[slot];
                if (found == rest && slotsNow[slot + 1] == prefix && (!KeyBytes.isLong(rest) || isPending(slot, i))) {
                    absorb(slot, false, i);
                    break;
                }
                if (found == 0) {
                    slotsNow[slot] = rest;
                    slotsNow[slot + 1] = prefix;
                    slotsNow[slot + 2] = keep(i, KeyBytes.isLong(rest));
                    distinct++;
                    absorb(slot, true, i);
                    break;
                }
                index = index + 1 & mask;
            }
        }
        pending = 0;
        pendingKeyBytes = 0;
        clearPending();
        return true;
    }

    /** Whether the key of a slot, which is not short, is the pending one. */
    private boolean isPending(int slot, int pendingIndex) {
        final int length = pendingLength[pendingIndex];
        final int from = keyOffset(slot);
        final int pendingFrom = pendingOffset[pendingIndex];
        return keyLength(slot) == length
            && Arrays.equals(arena, from, from + length, pendingKey, pendingFrom, pendingFrom + length);
    }

    /** Copies a pending key into the arena; returns where it lies. */
    private int keep(int pendingIndex, boolean withLength) {
        final int length = pendingLength[pendingIndex];
        if (withLength) {
            INT.set(arena, used, length);
            used += Integer.BYTES;
        }
        final int from = used;
        System.arraycopy(pendingKey, pendingOffset[pendingIndex], arena, from, length);
        used += length;
        return from;
    }

    /** Makes room for the whole batch, as if all its keys were new. */
    private boolean reserve() {
        final long needed = pendingBytes();
        if (arena.length - used < needed) {
            final long most = Math.min(budget - (long) slots * SLOT * Long.BYTES - sortBytes(distinct + pending),
                Integer.MAX_VALUE - 8);
            final long capacity = Math.min(Math.max(2L * arena.length, used + needed), most);
            if (capacity < used + needed) {
                return false;
            }
            arena = Arrays.copyOf(arena, (int) capacity);
        }
        return (distinct + pending) * 5L <= slots * 3L || growSlots();
    }

    /** What sorting the keys will take. */
    private static long sortBytes(int keys) {
        return (long) keys * PrefixSort.BYTES_PER_ELEMENT;
    }

    private boolean growSlots() {
        final long bytes = 2L * slots * SLOT * Long.BYTES;
        if (bytes + arena.length + sortBytes(distinct + pending) > budget) {
            return false;
        }
        final long[] old = table;
        table = new long[BASE + 2 * slots * SLOT];
        slots *= 2;
        hashShift--;
        final int mask = slots - 1;
        for (int from = BASE; from < old.length; from += SLOT) {
            if (old[from] != 0) {
                int index = KeyBytes.hash(old[from + 1], old[from]) >>> hashShift;
                while (table[BASE + index * SLOT] != 0) {
                    index = index + 1 & mask;
                }
                System.arraycopy(old, from, table, BASE + index * SLOT, SLOT);
            }
        }
        return true;
    }

    @Override
    public final void drain(PairSink sink) throws IOException {
        final PrefixSort sort = new PrefixSort(this::compareTails);
        sort.grow(distinct);
        int keys = 0;
        for (int slot = BASE; slot < table.length; slot += SLOT) {
            if (table[slot] != 0) {
                final int partition = partitions.of(arena, keyOffset(slot), keyLength(slot));
                sort.set(keys++, table[slot + 1], (long) partition << SHIFT | slot);
            }
        }
        sort.groupByPart(keys, SHIFT, ends);
        int start = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            sink.beginPartition(partition);
            sort.sort(start, ends[partition]);
            for (; start < ends[partition]; start += BATCH) {
                drain(sort, start, Math.min(BATCH, ends[partition] - start), sink);
            }
            start = ends[partition];
        }
        clear();
    }

    /** Here too all are touched first: sorted, neighbours lie anywhere in the table and in the arena. */
    private void drain(PrefixSort sort, int from, int count, PairSink sink) throws IOException {
        long seen = 0;
        for (int i = 0; i < count; i++) {
            // An empty key may lie behind the last byte.
            seen += arena[Math.min(keyOffset((int) sort.reference(from + i)), arena.length - 1)];
        }
        touched = seen;
        for (int i = 0; i < count; i++) {
            final int slot = (int) sort.reference(from + i);
            drainSlot(slot, keyOffset(slot), keyLength(slot), sink);
        }
    }

    private void clear() {
        Arrays.fill(table, 0);
        distinct = 0;
        used = 0;
        forgetValues();
    }

    private int compareTails(long a, long b) {
        final int left = (int) a;
        final int right = (int) b;
        final long leftRest = table[left];
        final long rightRest = table[right];
        return KeyBytes.isLong(leftRest) || KeyBytes.isLong(rightRest)
            ? KeyBytes.compareTails(arena, keyOffset(left), keyLength(left), arena, keyOffset(right), keyLength(right))
            : Long.compareUnsigned(leftRest, rightRest);
    }
}
