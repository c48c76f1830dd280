package io.balsa.mapreduce.data;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.StringCodec;

/** Makes lines of what a reducer writes; where they go is for the subclass. */
abstract class Lines extends Scoped implements ReduceOutput {
    /** The number of bytes at which {@link #full} is called. */
    static final int BUFFER = 1 << 16;

    private static final int LONGEST_NUMBER = 20;

    private final StringCodec text = new StringCodec();
    private final byte[] digits = new byte[LONGEST_NUMBER];

    /** What was written and not taken by {@link #full}. */
    final ByteBuilder bytes = new ByteBuilder(BUFFER + 256);

    Lines(TaskScope scope) {
        super(scope);
    }

    /** May take what is in {@link #bytes}. */
    abstract void full();

    private void checkFull() {
        if (bytes.length() >= BUFFER) {
            full();
        }
    }

    @Override
    public final void line(Object key, Object value) {
        put(key);
        bytes.append(' ');
        put(value);
        bytes.append('\n');
        checkFull();
    }

    private void put(Object object) {
        if (object instanceof Long number) {
            putDigits(number);
        } else {
            text.encode(String.valueOf(object), bytes);
        }
    }

    @Override
    public final void text(String line) {
        text.encode(line, bytes);
        bytes.append('\n');
        checkFull();
    }

    @Override
    public final void raw(byte[] array, int offset, int length) {
        bytes.append(array, offset, length);
        checkFull();
    }

    @Override
    public final void number(long value) {
        putDigits(value);
        checkFull();
    }

    private void putDigits(long value) {
        // Negative all the way: the least long has no positive counterpart.
        long rest = value < 0 ? value : -value;
        int at = LONGEST_NUMBER;
        do {
            digits[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--at] = '-';
        }
        bytes.append(digits, at, LONGEST_NUMBER - at);
    }
}
