package io.balsa.mapreduce;

/** Where a {@link ByteMapper} puts its pairs. */
public interface ByteOutput extends TaskContext {
    /**
     * Emits a pair whose value is a number; only for jobs whose values are encoded by {@link LongCodec}.
     *
     * @param key its bytes must not change before the call of {@link ByteMapper#map} or {@code close} returns
     */
    void emit(byte[] key, int offset, int length, long value);

    /**
     * Emits a pair of bytes. The value is copied at once.
     *
     * @param key its bytes must not change before the call of {@link ByteMapper#map} or {@code close} returns
     */
    void emit(byte[] key, int offset, int length, byte[] value, int valueOffset, int valueLength);
}
