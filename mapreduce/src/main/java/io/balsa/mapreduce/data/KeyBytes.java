package io.balsa.mapreduce.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys as bytes: their order, their hash in tables, and two numbers that say all or most of one.
 *
 * <p>The prefix is the first eight bytes, the first highest, with zeros behind a shorter key: compared as unsigned
 * numbers, prefixes have the order of their keys, and most comparisons need nothing else.
 *
 * <p>The rest of a short key, one of up to 15 bytes, is what follows the prefix, in the same way, with the key's length
 * plus 1 in the last byte: two short keys are the same if prefix and rest are, and have the order of their rests if the
 * prefixes are the same. The rest of a longer key is a hash, and {@link #LONG} in the last byte.
 */
final class KeyBytes {
    /** How many bytes a prefix holds. */
    static final int PREFIX = Long.BYTES;
    /** How long a key may be of which prefix and rest say all. */
    static final int SHORT = 2 * PREFIX - 1;
    /** The last byte of the rest of every longer key. */
    private static final long LONG = 0xff;

    private static final VarHandle BIG_ENDIAN =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private KeyBytes() {
    }

    /*
     * The lengths of words come in no order that a processor could guess: where eight bytes can be loaded at once, what
     * lies behind the key is loaded too and masked, instead of asking how long it is.
     */
    static long prefix(byte[] key, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        final int most = Math.min(length, PREFIX);
        return offset + PREFIX <= key.length
            ? (long) BIG_ENDIAN.get(key, offset) & -1L << (PREFIX - most << 3) : bytes(key, offset, most);
    }

    static long rest(byte[] key, int offset, int length) {
        if (length > SHORT) {
            return hashOfLong(key, offset, length) << Byte.SIZE | LONG;
        }
        final int more = Math.max(0, length - PREFIX);
        final long bytes = offset + 2 * PREFIX <= key.length
            // of no bytes at all this shifts by 64, in two steps
            ? (long) BIG_ENDIAN.get(key, offset + PREFIX) & -2L << 2 * Integer.SIZE - 1 - (more << 3)
            : bytes(key, offset + PREFIX, more);
        return bytes | length + 1;
    }

    static boolean isLong(long rest) {
        return (rest & LONG) == LONG;
    }

    /** Of a short key. */
    static int length(long rest) {
        return (int) (rest & LONG) - 1;
    }

    private static long bytes(byte[] array, int offset, int count) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes |= (array[offset + i] & 0xffL) << (PREFIX - 1 - i << 3);
        }
        return bytes;
    }

    private static long hashOfLong(byte[] key, int offset, int length) {
        final int last = offset + length - PREFIX;
        long hash = length;
        for (int i = offset + PREFIX; i < last; i += PREFIX) {
            hash = (hash ^ hash >>> 29 ^ (long) BIG_ENDIAN.get(key, i)) * MULTIPLIER;
        }
        // The last eight bytes, whatever of them was seen before: no loop over single bytes.
        return (hash ^ hash >>> 29 ^ (long) BIG_ENDIAN.get(key, last)) * MULTIPLIER;
    }

    /** Returns a hash for tables in memory, the best bits highest; not the one that partitions are chosen by. */
    static int hash(long prefix, long rest) {
        final long hash = prefix * MULTIPLIER;
        return (int) ((hash ^ hash >>> 32 ^ rest) * MULTIPLIER >>> 32);
    }

    /** Orders two keys whose prefixes are equal. */
    static int compareTails(byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
        final int tails = Arrays.compareUnsigned(a, aOffset + Math.min(PREFIX, aLength), aOffset + aLength,
            b, bOffset + Math.min(PREFIX, bLength), bOffset + bLength);
        // A short key and the same one with zero bytes behind it have one prefix.
        return tails != 0 ? tails : Integer.compare(aLength, bLength);
    }
}
