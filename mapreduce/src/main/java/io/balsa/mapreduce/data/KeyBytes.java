package io.balsa.mapreduce.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys as bytes: their order, their hash in tables, and the first eight of them as a number.
 *
 * <p>The prefix is those eight bytes, the first highest, with zeros behind a shorter key: compared as unsigned numbers,
 * prefixes have the order of their keys, and most comparisons need nothing else.
 */
final class KeyBytes {
    /** How many bytes a prefix holds. */
    static final int PREFIX = Long.BYTES;

    private static final VarHandle BIG_ENDIAN =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private KeyBytes() {
    }

    static long prefix(byte[] key, int offset, int length) {
        if (length >= PREFIX) {
            return (long) BIG_ENDIAN.get(key, offset);
        }
        if (length == 0) {
            return 0;
        }
        if (offset + PREFIX <= key.length) {
            // What lies behind the key is read and cleared: one load instead of one for each byte.
            return (long) BIG_ENDIAN.get(key, offset) & -1L << (PREFIX - length << 3);
        }
        long prefix = 0;
        for (int i = 0; i < length; i++) {
            prefix |= (key[offset + i] & 0xffL) << (PREFIX - 1 - i << 3);
        }
        return prefix;
    }

    /** Returns a hash of 32 bits for tables in memory; not the one that partitions are chosen by. */
    static int hash(byte[] key, int offset, int length, long prefix) {
        long hash = (prefix + length) * MULTIPLIER;
        if (length > PREFIX) {
            final int last = offset + length - PREFIX;
            for (int i = offset + PREFIX; i < last; i += PREFIX) {
                hash = (hash ^ hash >>> 29 ^ (long) BIG_ENDIAN.get(key, i)) * MULTIPLIER;
            }
            // The last eight bytes, whatever of them was seen before: no loop over single bytes.
            hash = (hash ^ hash >>> 29 ^ (long) BIG_ENDIAN.get(key, last)) * MULTIPLIER;
        }
        return (int) (hash >>> 32);
    }

    /** Whether two keys of equal length and prefix are equal. */
    static boolean sameTail(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        if (length <= PREFIX) {
            return true;
        }
        if (length <= 2 * PREFIX) {
            return (long) BIG_ENDIAN.get(a, aOffset + length - PREFIX)
                == (long) BIG_ENDIAN.get(b, bOffset + length - PREFIX);
        }
        return Arrays.equals(a, aOffset + PREFIX, aOffset + length, b, bOffset + PREFIX, bOffset + length);
    }

    /** Orders two keys whose prefixes are equal. */
    static int compareTails(byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
        final int tails = Arrays.compareUnsigned(a, aOffset + Math.min(PREFIX, aLength), aOffset + aLength,
            b, bOffset + Math.min(PREFIX, bLength), bOffset + bLength);
        // A short key and the same one with zero bytes behind it have one prefix.
        return tails != 0 ? tails : Integer.compare(aLength, bLength);
    }
}
