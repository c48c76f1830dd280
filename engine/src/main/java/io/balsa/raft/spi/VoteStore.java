package io.balsa.raft.spi;

/**
 * Figure 2's {@code currentTerm} and {@code votedFor}, durable, apart from the log so that voting needs no log space
 * and never queues behind bulk writes.
 */
public interface VoteStore {
    /** {@link #votedFor()} when no vote was cast in {@link #currentTerm()}. */
    int NOBODY = -1;

    /** The last term persisted; 0 in a new store. */
    long currentTerm();

    /** Whom this server voted for in {@link #currentTerm()}, or {@link #NOBODY}. */
    int votedFor();

    /**
     * Makes term and vote durable and only then returns. After a crash at any point the store holds either the old
     * pair or the new one, whole. Called from one thread at a time, not necessarily the loop thread.
     *
     * @param currentTerm never less than {@link #currentTerm()}
     * @throws StorageException when it could not be forced; the outcome is unknown and the node must stop
     */
    void persist(long currentTerm, int votedFor);

    /**
     * As {@link #persist}, and in the same step this server becomes a voter: it was being rebuilt, and now remembers
     * all it needs.
     */
    void promote(long currentTerm, int votedFor);

    /**
     * The directory has turned out to be an older copy of itself: makes durable that it has lost votes, from the next
     * open on, and that its runs are counted from {@code bootCounter} on at least.
     */
    void demote(long bootCounter);
}
