package io.balsa.raft.core;

/**
 * Figure 2, "State": what a server knows about its term. The log is in {@link LogTerms}, the peers in {@link Peers}.
 */
final class RaftState {
    static final int NOBODY = -1;

    final int selfId;
    long currentTerm;
    int votedFor;
    Role role = Role.FOLLOWER;
    int leaderId = NOBODY;
    long commitIndex;
    /** Whether this server votes, campaigns and counts. */
    boolean voter;

    RaftState(int selfId, long currentTerm, int votedFor, long commitIndex, boolean voter) {
        this.voter = voter;
        this.selfId = selfId;
        this.currentTerm = currentTerm;
        this.votedFor = votedFor;
        this.commitIndex = commitIndex;
    }

    boolean is(Role aRole) {
        return role == aRole;
    }

    void enterTerm(long term) {
        if (term <= currentTerm) {
            throw new SafetyViolation("term " + term + " after term " + currentTerm);
        }
        currentTerm = term;
        votedFor = NOBODY;
        leaderId = NOBODY;
    }

    void voteFor(int candidateId) {
        if (votedFor != NOBODY && votedFor != candidateId) {
            throw new SafetyViolation("a second vote in term " + currentTerm + " (§5.2)");
        }
        votedFor = candidateId;
    }

    void follow(int leader) {
        if (leaderId != NOBODY && leaderId != leader) {
            throw new SafetyViolation("leaders " + leaderId + " and " + leader + " in term " + currentTerm + " (§5.2)");
        }
        leaderId = leader;
    }

    void commitTo(long index) {
        assert index > commitIndex : "commitIndex only grows: " + commitIndex + " -> " + index;
        commitIndex = index;
    }
}
