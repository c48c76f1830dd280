package io.balsa.mapreduce.wire;

import org.agrona.DirectBuffer;

/** What both codecs do with a buffer. */
final class Bytes {
    private Bytes() {
    }

    static byte[] copy(DirectBuffer buffer, int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return bytes;
    }
}
