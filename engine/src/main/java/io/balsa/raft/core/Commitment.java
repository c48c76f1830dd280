package io.balsa.raft.core;

/**
 * When is an entry committed? For a leader: once a majority stores it durably <em>and</em> it is of the current term
 * (§5.3, §5.4.2, Figure 8). For a follower: once the leader says so and we hold the leader's entry.
 */
final class Commitment {
    private final RaftState state;
    private final LogTerms log;
    private final Peers peers;
    private final Effects effects;
    private final Quorum quorum;

    Commitment(RaftState state, LogTerms log, Peers peers, Effects effects) {
        this.state = state;
        this.log = log;
        this.peers = peers;
        this.effects = effects;
        this.quorum = new Quorum(peers.count() + 1);
    }

    /** The leader's own disk is one vote among others (thesis §10.2.1): it may commit what it has not yet forced. */
    void advanceAsLeader() {
        final long agreed = quorum.reached(peers.matchIndex, peers.counts, log.persistedIndex());
        // An older term's entry on a majority may still be overwritten (Figure 8): only our own commits by counting.
        if (agreed > state.commitIndex && log.termAt(agreed) == state.currentTerm) {
            commit(agreed);
        }
    }

    /** Figure 2, AppendEntries RPC, receiver step 5. {@code verifiedIndex} bounds it, not the end of our log. */
    void advanceAsFollower(long leaderCommit, long verifiedIndex) {
        final long index = Math.min(leaderCommit, verifiedIndex);
        if (index > state.commitIndex) {
            commit(index);
        }
    }

    /** Figure 13, receiver step 8: a snapshot holds nothing but what was committed. */
    void advanceToSnapshot(long lastIncludedIndex) {
        commit(lastIncludedIndex);
    }

    private void commit(long index) {
        state.commitTo(index);
        effects.commitTo(index);
    }
}
