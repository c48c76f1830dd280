package io.balsa.mapreduce;

/** The lab's: FNV-1a of 32 bits over the key's bytes, without the sign, modulo the number of reduces. */
public final class HashPartitioner implements Partitioner {
    private static final int OFFSET_BASIS = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    @Override
    public int partition(byte[] key, int offset, int length, int reduces) {
        int hash = OFFSET_BASIS;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash ^ (key[i] & 0xff)) * PRIME;
        }
        return (hash & Integer.MAX_VALUE) % reduces;
    }
}
