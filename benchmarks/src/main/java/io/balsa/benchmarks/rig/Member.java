package io.balsa.benchmarks.rig;

import java.util.List;

import io.balsa.raft.RaftStatus;

/** One node in this process that takes operations itself, and tells the {@link Answers} it was made with. */
interface Member extends AutoCloseable {
    boolean leads();

    /** See {@link Subject#propose}. */
    boolean propose(int slot, Command command) throws Exception;

    /** See {@link Subject#read}. */
    default boolean read(int slot) {
        throw new UnsupportedOperationException("no linearizable reads here");
    }

    /** See {@link Subject#restartStages}. */
    default void restartStages() {
    }

    /** See {@link Subject#stages}. */
    default List<RaftStatus.Stage> stages() {
        return List.of();
    }

    @Override
    void close();
}
