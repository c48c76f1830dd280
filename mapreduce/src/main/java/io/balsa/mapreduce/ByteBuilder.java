package io.balsa.mapreduce;

import java.util.Arrays;

/** Bytes that grow. */
public final class ByteBuilder {
    private byte[] array;
    private int length;

    public ByteBuilder(int capacity) {
        array = new byte[capacity];
    }

    /** The bytes so far are the first {@link #length} of this; another array after the next call that appends. */
    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    /** Forgets what is behind {@code length}. */
    public void truncate(int length) {
        this.length = length;
    }

    public void append(int value) {
        if (length == array.length) {
            grow(1);
        }
        array[length++] = (byte) value;
    }

    public void append(byte[] bytes, int offset, int count) {
        reserve(count);
        System.arraycopy(bytes, offset, array, length, count);
        length += count;
    }

    /** Makes room for {@code count} bytes, to be written into {@link #array} and then counted by {@link #advance}. */
    public void reserve(int count) {
        if (array.length - length < count) {
            grow(count);
        }
    }

    /** Counts {@code count} bytes that were written behind the last one. */
    public void advance(int count) {
        length += count;
    }

    private void grow(int count) {
        final long wanted = Math.max((long) length + count, Math.min(2L * array.length, Integer.MAX_VALUE - 8));
        if (wanted > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("a key, value or record beyond 2 GiB");
        }
        array = Arrays.copyOf(array, (int) Math.max(wanted, 16));
    }
}
