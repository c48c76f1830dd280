package io.balsa.benchmarks.rig;

/** One node in this process that takes operations itself, and tells the {@link Answers} it was made with. */
interface Member extends AutoCloseable {
    boolean leads();

    /** See {@link Subject#propose}. */
    boolean propose(int slot, Command command) throws Exception;

    /** See {@link Subject#read}. */
    default boolean read(int slot) {
        throw new UnsupportedOperationException("no linearizable reads here");
    }

    @Override
    void close();
}
