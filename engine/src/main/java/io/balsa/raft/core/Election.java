package io.balsa.raft.core;

import java.util.random.RandomGenerator;

/** Leader election: §5.2, the up-to-date check of §5.4.1, Pre-Vote and leader stickiness of thesis §9.6 and §4.2.3. */
final class Election {
    private final RaftState state;
    private final LogTerms log;
    private final Peers peers;
    private final Effects effects;
    private final RandomGenerator random;
    private final long timeoutNs;

    private long deadlineNs;
    private long heardFromLeaderNs;
    private long candidacyTerm;
    private long grantedRows;
    private long askedTerm;
    private long agreedRows;

    Election(RaftState state, LogTerms log, Peers peers, Effects effects, RandomGenerator random, long timeoutNs,
             long nowNs) {
        this.state = state;
        this.log = log;
        this.peers = peers;
        this.effects = effects;
        this.random = random;
        this.timeoutNs = timeoutNs;
        this.heardFromLeaderNs = nowNs - timeoutNs;
        restartTimer(nowNs);
    }

    boolean isDue(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    /** Timeouts are drawn from [T, 2T) afresh each time, so that split votes are rare (§5.2). Alone, nobody waits. */
    void restartTimer(long nowNs) {
        deadlineNs = peers.count() == 0 ? nowNs : nowNs + timeoutNs + random.nextLong(timeoutNs);
    }

    void heardFromLeader(long nowNs) {
        heardFromLeaderNs = nowNs;
        askedTerm = 0;
        restartTimer(nowNs);
    }

    /** A server that can hear its leader does not help to depose it (thesis §4.2.3). */
    boolean leaderIsAlive(long nowNs) {
        return state.is(Role.LEADER) || nowNs - heardFromLeaderNs < timeoutNs;
    }

    /**
     * Asks who would vote for this server in {@code term}. Until it hears a leader again it asks the same again and
     * again, and each yes holds: answers that take longer than a timeout add up.
     */
    void requestPreVotes(long term, long nowNs) {
        if (term != askedTerm) {
            askedTerm = term;
            agreedRows = 0;
        }
        sendRequests(term, true, nowNs);
    }

    /** Asks for votes in {@code term}, which has just begun here. */
    void requestVotes(long term, long nowNs) {
        candidacyTerm = term;
        grantedRows = 0;
        sendRequests(term, false, nowNs);
    }

    private void sendRequests(long term, boolean preVote, long nowNs) {
        restartTimer(nowNs);
        for (int row = 0; row < peers.count(); row++) {
            effects.sendRequestVote(peers.id[row], term, log.lastIndex(), log.lastTerm(), preVote);
        }
    }

    /** Figure 2, RequestVote RPC, receiver steps 1 and 2. The caller makes a granted vote durable before it answers. */
    boolean grantVote(int candidateId, long term, long lastLogIndex, long lastLogTerm, long nowNs) {
        if (term < state.currentTerm) {
            return false;
        }
        final boolean free = state.votedFor == RaftState.NOBODY || state.votedFor == candidateId;
        if (!free || !log.isCoveredBy(lastLogIndex, lastLogTerm)) {
            return false;
        }
        state.voteFor(candidateId);
        restartTimer(nowNs);
        return true;
    }

    /** Pre-Vote asks "would you?", so it changes nothing here, promises nothing, and resets no timer. */
    boolean wouldVote(long term, long lastLogIndex, long lastLogTerm, long nowNs) {
        return term > state.currentTerm && !leaderIsAlive(nowNs) && log.isCoveredBy(lastLogIndex, lastLogTerm);
    }

    /** Counts a pre-vote, each voter once; true when a majority, with this server, would vote for it. */
    boolean isPreWonWith(int from) {
        agreedRows |= bitOf(from);
        return isPreWon();
    }

    boolean isPreWon() {
        return Long.bitCount(agreedRows) + 1 >= peers.majority();
    }

    /**
     * Counts a vote granted in {@code term}, each voter once; true when a majority, with our own, has granted. A vote
     * holds for its whole term, so it may come when this server already asks about the next one.
     */
    boolean isWonWith(int from, long term) {
        if (term != candidacyTerm) {
            return false;
        }
        grantedRows |= bitOf(from);
        return isWon();
    }

    boolean isWon() {
        return Long.bitCount(grantedRows) + 1 >= peers.majority();
    }

    /** The election is won, once: what still comes in for it does not make a leader of one that stepped down. */
    void end() {
        candidacyTerm = 0;
        askedTerm = 0;
    }

    private long bitOf(int from) {
        final int row = peers.rowOf(from);
        return row >= 0 ? 1L << row : 0;
    }
}
