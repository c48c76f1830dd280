package io.balsa.benchmarks.rig;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.agrona.DirectBuffer;

/** The state machine of every subject: the last command under each key, and a count, which is the reply. */
final class SmallMap {
    private final byte[][] values = new byte[Command.KEYS][];
    private long count;

    /** Returns how many were put so far. */
    long put(byte[] command, int offset, int length) {
        return put(ByteBuffer.wrap(command, offset, length));
    }

    /** Consumes the command; returns how many were put so far. */
    long put(ByteBuffer command) {
        command.get(place(command.getLong(command.position()), command.remaining()));
        return ++count;
    }

    /** Returns how many were put so far. */
    long put(DirectBuffer command, int offset, int length) {
        final byte[] place = place(command.getLong(offset, ByteOrder.BIG_ENDIAN), length);
        command.getBytes(offset, place, 0, length);
        return ++count;
    }

    private byte[] place(long key, int length) {
        final int row = (int) key & (Command.KEYS - 1);
        if (values[row] == null || values[row].length != length) {
            values[row] = new byte[length];
        }
        return values[row];
    }
}
