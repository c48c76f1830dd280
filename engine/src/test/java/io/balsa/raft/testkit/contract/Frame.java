package io.balsa.raft.testkit.contract;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** A frame that shows whether it came through whole: its filling follows from its sequence. */
record Frame(int from, int stream, int sequence, int length) {
    static final int MIN_LENGTH = 16;

    void encode(UnsafeBuffer buffer, int offset) {
        buffer.putInt(offset, from);
        buffer.putInt(offset + 4, stream);
        buffer.putInt(offset + 8, sequence);
        buffer.putInt(offset + 12, length);
        buffer.putBytes(offset + MIN_LENGTH, filling());
    }

    static Frame decode(DirectBuffer buffer, int offset, int length) {
        final Frame frame = new Frame(buffer.getInt(offset), buffer.getInt(offset + 4), buffer.getInt(offset + 8),
            buffer.getInt(offset + 12));
        assertEquals(frame.length, length, "a frame is whole");
        final byte[] rest = new byte[length - MIN_LENGTH];
        buffer.getBytes(offset + MIN_LENGTH, rest);
        assertArrayEquals(frame.filling(), rest, "a frame is intact");
        return frame;
    }

    private byte[] filling() {
        final byte[] bytes = new byte[length - MIN_LENGTH];
        Arrays.fill(bytes, (byte) (sequence * 31 + stream));
        return bytes;
    }
}
