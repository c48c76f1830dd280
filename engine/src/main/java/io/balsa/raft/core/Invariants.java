package io.balsa.raft.core;

/**
 * What is true of one server between two inputs, and from one input to the next. What is true of a whole cluster is
 * checked by the simulator.
 */
final class Invariants {
    private final RaftState state;
    private final LogTerms log;
    private final Peers peers;

    private long lastTerm;
    private int lastVote = RaftState.NOBODY;
    private long lastCommit;

    Invariants(RaftState state, LogTerms log, Peers peers) {
        this.state = state;
        this.log = log;
        this.peers = peers;
    }

    /** For use in an {@code assert}. */
    boolean hold() {
        assert state.commitIndex <= log.lastIndex() : "what is committed is in the log";
        assert log.baseIndex() <= state.commitIndex : "a snapshot stands for nothing but what is committed";
        assert log.lastTerm() <= state.currentTerm : "the log holds no entry of a future term";
        assert log.persistedIndex() <= log.lastIndex() : "what is durable is in the log";
        assert !state.is(Role.LEADER) || state.leaderId == state.selfId : "a leader follows itself";
        assert !state.is(Role.LEADER) || state.votedFor == state.selfId : "a leader voted for itself";
        assert !state.is(Role.CANDIDATE) || state.votedFor == state.selfId : "a candidate voted for itself";
        assert state.currentTerm >= lastTerm : "terms never fall";
        assert state.currentTerm > lastTerm || lastVote == RaftState.NOBODY || state.votedFor == lastVote
            : "one vote per term";
        assert state.commitIndex >= lastCommit : "commitIndex never falls";
        assert !state.is(Role.LEADER) || rowsHold();
        lastTerm = state.currentTerm;
        lastVote = state.votedFor;
        lastCommit = state.commitIndex;
        return true;
    }

    private boolean rowsHold() {
        for (int row = 0; row < peers.count(); row++) {
            assert peers.matchIndex[row] < peers.nextIndex[row] : "nextIndex is above matchIndex";
            assert peers.nextIndex[row] <= log.lastIndex() + 1 : "nextIndex is at most one past the log";
        }
        return true;
    }
}
