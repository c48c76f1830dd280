package io.balsa.mapreduce;

/**
 * Values of a type as bytes. Equal values must be equal bytes. The order of keys, and of values where a job sorts them,
 * is the order of their bytes, taken as unsigned, a prefix before what it begins.
 */
public interface Codec<T> {
    /** Appends {@code value} to {@code bytes}. */
    void encode(T value, ByteBuilder bytes);

    /** Reads what {@link #encode} appended: all of the {@code length} bytes at {@code offset}. */
    T decode(byte[] bytes, int offset, int length);
}
