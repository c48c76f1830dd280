package io.balsa.mapreduce.data;

import java.io.IOException;

/** Takes pairs sorted by partition and key. */
interface PairSink {
    /** What follows belongs to this partition; called for each of them once, in their order. */
    void beginPartition(int partition) throws IOException;

    /** The arrays belong to the caller again when this returns. */
    void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
        throws IOException;
}
