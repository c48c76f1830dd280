package io.balsa.mapreduce;

/** Decides which reduce task gets a key. Equal keys must get equal answers in every process. */
public interface Partitioner {
    /** Called once, before the first key, with the job's settings. */
    default void open(TaskContext context) throws Exception {
    }

    /**
     * @param key the encoded key's bytes are {@code key[offset]} to {@code key[offset + length - 1]}
     * @return 0 to {@code reduces - 1}
     */
    int partition(byte[] key, int offset, int length, int reduces);
}
