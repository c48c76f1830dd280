package io.balsa.benchmarks.rig;

import java.nio.ByteBuffer;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * One write: a key of eight bytes, and a value up to the length asked for. Nobody changes it once it is made, so a
 * subject may keep it without a copy.
 *
 * @param bytes  the command
 * @param buffer the same bytes
 */
record Command(byte[] bytes, UnsafeBuffer buffer) {
    /** How many keys are written. */
    static final int KEYS = 1024;

    /** One command of {@code length} bytes for each key. */
    static Command[] all(int length) {
        final Command[] all = new Command[KEYS];
        for (int key = 0; key < KEYS; key++) {
            final byte[] bytes = new byte[length];
            ByteBuffer.wrap(bytes).putLong(0, key);
            all[key] = new Command(bytes, new UnsafeBuffer(bytes));
        }
        return all;
    }
}
