package io.balsa.mapreduce;

/**
 * Numbers in 1 to 9 bytes whose order is that of the numbers. Those from -112 to 111 take one byte.
 * <pre>
 *   0 .. 111          80 + n
 *   112 ..            EF + k,  then the k bytes of the number, highest first, without leading zeros
 *   negative n        all bits of what -1 - n is written as, turned round
 * </pre>
 */
public final class LongCodec implements Codec<Long> {
    private static final int SIGN = 0x80;
    private static final int SHORT_END = 112;
    private static final int LENGTH_BASE = SIGN + SHORT_END - 1;
    /** The greatest number of bytes that a number takes. */
    public static final int MAX_LENGTH = 9;

    @Override
    public void encode(Long value, ByteBuilder bytes) {
        bytes.reserve(MAX_LENGTH);
        bytes.advance(encode(value, bytes.array(), bytes.length()));
    }

    @Override
    public Long decode(byte[] bytes, int offset, int length) {
        return decode(bytes, offset);
    }

    /**
     * Writes {@code value} at {@code offset}, where there is room for {@link #MAX_LENGTH}; returns how many bytes it
     * took.
     */
    public static int encode(long value, byte[] bytes, int offset) {
        final int mask = (int) (value >> 63) & 0xff;
        final long magnitude = value ^ (value >> 63);
        if (magnitude < SHORT_END) {
            bytes[offset] = (byte) ((SIGN + (int) magnitude) ^ mask);
            return 1;
        }
        final int count = (71 - Long.numberOfLeadingZeros(magnitude)) >>> 3;
        bytes[offset] = (byte) ((LENGTH_BASE + count) ^ mask);
        for (int i = 1; i <= count; i++) {
            bytes[offset + i] = (byte) ((int) (magnitude >>> ((count - i) << 3)) ^ mask);
        }
        return count + 1;
    }

    /** Reads the number at {@code offset}. */
    public static long decode(byte[] bytes, int offset) {
        final int first = bytes[offset] & 0xff;
        final int mask = first < SIGN ? 0xff : 0;
        final int head = (first ^ mask) - SIGN;
        if (head < SHORT_END) {
            return mask == 0 ? head : ~(long) head;
        }
        final int count = head - SHORT_END + 1;
        long magnitude = 0;
        for (int i = 1; i <= count; i++) {
            magnitude = magnitude << 8 | ((bytes[offset + i] ^ mask) & 0xff);
        }
        return mask == 0 ? magnitude : ~magnitude;
    }
}
