package io.balsa.mapreduce;

/** A key and its values, one after the other. The bytes are the engine's: only valid until the next call. */
public interface ByteGroup {
    byte[] keyArray();

    int keyOffset();

    int keyLength();

    /** Goes on to the next value; false if there is none. */
    boolean next();

    byte[] valueArray();

    int valueOffset();

    int valueLength();

    /** The value, of a job whose values are encoded by {@link LongCodec}. */
    long number();
}
