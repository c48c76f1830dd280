package io.balsa.mapreduce.data;

import java.io.IOException;

/** Where the pairs of a map task go. */
interface PairStore {
    /** Takes a pair; the key's bytes must stay until {@link #settle}, or until {@link #isHolding} denies it. */
    void add(byte[] key, int keyOffset, int keyLength, long value) throws IOException;

    /** As the other, with bytes for a value. */
    void add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
        throws IOException;

    /** Whether keys that were added still lie in {@code array}. */
    boolean isHolding(byte[] array);

    /** Copies what still lies in the arrays of whoever added it. */
    void settle() throws IOException;
}
