package io.balsa.raft.testkit;

import org.agrona.DirectBuffer;

/** 64-bit mixing, good enough to tell contents apart in a test; the same on every machine and in every run. */
public final class Mix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Mix() {
    }

    /** Folds {@code value} into {@code state}; the order of the two matters. */
    public static long in(long state, long value) {
        final long z = state * 0xBF58476D1CE4E5B9L + value + GOLDEN;
        final long y = (z ^ (z >>> 29)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 32);
    }

    /** A digest of the bytes and their number. */
    public static long bytes(DirectBuffer buffer, int offset, int length) {
        int position = offset;
        final int end = offset + length;
        long a = length;
        long b = GOLDEN;
        // two lanes, so that long commands do not wait for one chain of multiplications
        for (; position + 2 * Long.BYTES <= end; position += 2 * Long.BYTES) {
            a = in(a, buffer.getLong(position));
            b = in(b, buffer.getLong(position + Long.BYTES));
        }
        for (; position < end; position++) {
            a = in(a, buffer.getByte(position));
        }
        return in(a, b);
    }
}
