package io.balsa.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What stands before each part of a message of {@link RequestLink}.
 * <pre>  0              8       12             16
 *        | request id   | flags | port, reply  | part ...        little-endian </pre>
 * The id is the asker's, and comes back with the answer. The port is where the sender receives; its host is the one
 * that its datagrams come from. Parts of one message follow each other within one session of Aeron, which keeps their
 * order, so the first and the last need a mark and the others nothing.
 */
final class LinkFrame {
    static final int HEADER = 16;
    static final int BEGIN = 1;
    static final int END = 2;
    /** Set: an answer. Clear: a question. */
    static final int ANSWER = 4;
    private static final int FLAGS = 8;
    private static final int PORT = 12;

    private LinkFrame() {
    }

    /** One part of {@code message}, as a frame of its own. */
    static UnsafeBuffer part(long id, int kind, int port, byte[] message, int from, int length) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[HEADER + length]);
        final int begin = from == 0 ? BEGIN : 0;
        final int end = from + length == message.length ? END : 0;
        frame.putLong(0, id, LITTLE_ENDIAN);
        frame.putInt(FLAGS, kind | begin | end, LITTLE_ENDIAN);
        frame.putInt(PORT, port, LITTLE_ENDIAN);
        frame.putBytes(HEADER, message, from, length);
        return frame;
    }

    static long id(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset, LITTLE_ENDIAN);
    }

    static int flags(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + FLAGS, LITTLE_ENDIAN);
    }

    static int port(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + PORT, LITTLE_ENDIAN);
    }
}
