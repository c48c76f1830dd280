package io.balsa.mapreduce.data;

import java.io.IOException;

/** Pairs of a map task in bounded memory. */
interface PairBuffer {
    /**
     * Takes a pair; its value is copied at once, its key when {@link #settle} is called at the latest.
     *
     * @return false if there is no room, and the pair was not taken
     */
    boolean add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength);

    /** As the other, with a number for a value. */
    boolean add(byte[] key, int keyOffset, int keyLength, long value);

    /** Copies keys that still lie where the caller had them; false, and nothing is done, if there is no room. */
    boolean settle();

    /** Whether keys that were added still lie in this array. */
    boolean hasPending(byte[] array);

    /** Whether there is nothing to drain. */
    boolean isEmpty();

    /** Hands over all settled pairs, sorted, and keeps none of them. */
    void drain(PairSink sink) throws IOException;

    /** How many pairs {@link #drain} would hand over. */
    int size();
}
