package io.balsa.raft.core;

/**
 * Everything the core asks of the world, called in order while it handles one input. Implementations do it or stage it
 * and return; calling back into {@link RaftCore} from here is a bug that the core refuses.
 *
 * <p>{@link #persistVote} and {@link #promote} alone return only when they are durable, so every message after them may
 * rely on it (thesis §3.8). Appends need no such promise: the core acknowledges an entry only after
 * {@link RaftCore#onPersisted}.
 */
public interface Effects {
    /** {@link #sendAppendEntries}: not now; call again in the next cycle. */
    long NOT_NOW = -1;
    /** {@link #sendAppendEntries}: nobody listens over there. */
    long NOT_CONNECTED = -2;

    /** Makes the term and the vote durable before returning. */
    void persistVote(long currentTerm, int votedFor);

    /** As {@link #persistVote}, and in the same step this server becomes a voter. */
    void promote(long currentTerm, int votedFor);

    /** Tells a server that is being rebuilt how far it must have come to vote again. */
    void sendReadmission(int to, long term, long confirmedIndex);

    /**
     * Appends the entries of the batch now being handled, from offset {@code from} on.
     *
     * @param index of the first of them
     */
    void append(long index, EntryBatch entries, int from);

    /** Appends the no-op that opens this leader's term. */
    void appendNoOp(long index, long term);

    /** Removes {@code index} and all after it. */
    void truncateFrom(long index);

    /** A durable snapshot stands for everything up to {@code index}; no entry of the log leads there. */
    void resetLog(long index, long term);

    void sendRequestVote(int to, long term, long lastLogIndex, long lastLogTerm, boolean preVote);

    void sendVote(int to, long term, boolean granted, boolean preVote);

    /**
     * Sends as many of the entries {@code prevLogIndex + 1 .. lastIndex} as one message and the follower's byte window
     * take; none of them where {@code lastIndex == prevLogIndex}.
     *
     * @param matchIndex what the follower has made durable: entries above it fill its window
     * @return the index of the last entry that is on its way, {@code prevLogIndex} for an empty message,
     *         or {@link #NOT_NOW} or {@link #NOT_CONNECTED}
     */
    long sendAppendEntries(int to, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit,
                           long matchIndex, long lastIndex);

    /**
     * The entries that this follower needs next are gone. Called in every cycle until it answers that it has come far
     * enough: sends a little more of the newest snapshot, or of the one that is on its way already.
     *
     * @param nextIndex what it needs: a snapshot that ends before it is of no use
     */
    void sendSnapshot(int to, long term, long nextIndex, long nowNs);

    /** AppendEntries without entries, ahead of any bulk. */
    void sendHeartbeat(int to, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit);

    /**
     * AppendEntries RPC results, success.
     *
     * @param matchIndex    equal to the leader's log and durable here, up to this index
     * @param verifiedIndex equal to the leader's log, up to this index
     */
    void sendAppendSuccess(int to, long term, long round, long matchIndex, long verifiedIndex);

    /**
     * AppendEntries RPC results, failure.
     *
     * @param prevLogIndex what did not match
     * @param lastLogIndex where this log ends
     * @param runs         this log's newest runs, up to {@code prevLogIndex}; empty when only the term was refused
     */
    void sendAppendRejection(int to, long term, long round, long prevLogIndex, long lastLogIndex, TermRuns runs);

    /** Everything up to {@code index} is committed. */
    void commitTo(long index);

    /** Every read whose ticket is at most {@code round} was asked while this server led. */
    void readsConfirmed(long round);

    void roleChanged(Role role, long term, int leaderId);
}
