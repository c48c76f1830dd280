package io.balsa.mapreduce.data;

import java.io.Closeable;
import java.io.IOException;

/** Goes through sorted pairs; each is valid until the next. */
interface PairCursor extends Closeable {
    /** Goes on to the next pair; false behind the last one. */
    boolean next() throws IOException;

    /** The key's, see {@link KeyBytes}. */
    long prefix();

    /** Where key and value lie. */
    byte[] array();

    int keyOffset();

    int keyLength();

    /** The value lies behind the key. */
    default int valueOffset() {
        return keyOffset() + keyLength();
    }

    int valueLength();
}
