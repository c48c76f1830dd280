package io.balsa.raft.core;

import java.util.random.RandomGenerator;

/**
 * Raft, as a function from inputs to {@link Effects}: the same inputs in the same order always cause the same effects
 * in the same order. This class decides <em>which</em> rules apply, and in what order. Read it next to Figure 2.
 *
 * <p>One thread at a time. Every input carries the time, in nanoseconds of one monotonic clock that starts at 0 or
 * above: rounds are named by it. A driver passes all inputs of a cycle and then calls {@link #onTime} once: answers and
 * entries leave there, so that one message stands for everything that arrived together.
 */
public final class RaftCore {
    /** {@link #propose} and {@link #requestRead}: only a leader does that. */
    public static final long NOT_LEADER = -1;

    private final Settings settings;
    private final RaftState state;
    private final LogTerms log;
    private final Peers peers;
    private final Effects effects;
    private final Election election;
    private final LeaderReplication leader;
    private final FollowerReplication follower;
    private final Commitment commitment;
    private final Rounds rounds;
    private final Readmission readmission;
    private final UnsafeRecovery unsafeRecovery;
    private final OwnDisk ownDisk;
    private final Invariants invariants;

    private long firstIndexOfTerm;
    private boolean handling;

    /**
     * @param currentTerm,votedFor as they were last persisted
     * @param log                  as it was recovered
     * @param snapshotIndex        the entry up to which a durable snapshot stands for the log, 0 if there is none
     */
    public RaftCore(Settings settings, long currentTerm, int votedFor, LogTerms log, long snapshotIndex,
                    Effects effects, RandomGenerator random, long nowNs) {
        if (nowNs < 0) {
            throw new IllegalArgumentException("nowNs " + nowNs + ": give the core a clock that is never negative");
        }
        if (log.lastTerm() > currentTerm) {
            throw new SafetyViolation("the log ends in term " + log.lastTerm() + " but the last persisted term is "
                + currentTerm + ": vote and log are not of one history");
        }
        this.settings = settings;
        this.log = log;
        this.effects = effects;
        state = new RaftState(settings.selfId(), currentTerm, votedFor, snapshotIndex, settings.voter());
        peers = new Peers(settings.peerIds());
        election = new Election(state, log, peers, effects, random, settings.electionTimeoutNs(), nowNs);
        leader = new LeaderReplication(state, log, peers, effects, settings);
        follower = new FollowerReplication(state, log, effects);
        commitment = new Commitment(state, log, peers, effects);
        rounds = new Rounds(peers, settings.electionTimeoutNs());
        readmission = new Readmission(state, peers, settings.rebuilt(), settings.forgotVotes());
        unsafeRecovery = new UnsafeRecovery(settings.unsafeRecovery() && settings.rebuilt(), peers.count());
        ownDisk = new OwnDisk(log, peers, settings.diskStallNs(), settings.electionTimeoutNs(), nowNs);
        invariants = new Invariants(state, log, peers);
        voteUnsafelyIfDue(); // where there is nobody else to hear
    }

    // ---- time, disk, clients ---------------------------------------------------------------------------------------

    /** The end of a cycle: what is due goes out. */
    public void onTime(long nowNs) {
        begin();
        ownDisk.look(nowNs);
        if (unsafeRecovery.isOpen()) {
            recoverUnsafely();
        }
        if (state.is(Role.LEADER) && (ownDisk.asksForAnotherLeader(nowNs)
            || (settings.checkQuorum() && rounds.quorumIsLost(nowNs)))) {
            abdicate(nowNs);
        }
        if (state.is(Role.LEADER)) {
            final boolean roundIsWanted = rounds.isWanted();
            rounds.begin(nowNs);
            leader.replicate(rounds.current(), roundIsWanted, nowNs);
            if (rounds.advance()) {
                effects.readsConfirmed(rounds.confirmed());
            }
        } else {
            if (state.leaderId != RaftState.NOBODY) {
                follower.acknowledge();
            }
            if (state.voter && election.isDue(nowNs - ownDisk.handicapNs(nowNs))) {
                campaign(nowNs);
            }
        }
        end();
    }

    /** In this server's log the entry {@code (index, term)} counts from now on, and everything before it. */
    public void onPersisted(long index, long term) {
        begin();
        log.onPersisted(index, term);
        if (state.is(Role.LEADER)) {
            commitment.advanceAsLeader();
        }
        end();
    }

    /** Where entries count before they are forced: whether the log takes no more until the disk has got on. */
    public void onDiskBehind(boolean behind) {
        ownDisk.fallBehind(behind);
    }

    /** Whether this server's disk takes no more entries. */
    public void onDiskFull(boolean full, long nowNs) {
        ownDisk.fill(full, nowNs);
    }

    /** Whether a peer's does, as its newest answer says. */
    public void onPeerDiskFull(int from, boolean full) {
        final int row = peers.rowOf(from);
        if (row >= 0) {
            peers.full[row] = full;
        }
    }

    /** The log has dropped its front; the first entry it holds now is the one after {@code baseIndex}. */
    public void onCompacted(long baseIndex) {
        begin();
        if (baseIndex > state.commitIndex) {
            throw new SafetyViolation("the log has dropped entries up to " + baseIndex + ", committed are those up to "
                + state.commitIndex);
        }
        log.compactTo(baseIndex);
        end();
    }

    /**
     * Takes one command into the leader's log; the caller appends its bytes under the index returned.
     *
     * @return its index, or {@link #NOT_LEADER}
     */
    public long propose() {
        if (!state.is(Role.LEADER)) {
            return NOT_LEADER;
        }
        log.append(state.currentTerm, 1);
        return log.lastIndex();
    }

    /**
     * Asks to read what is committed now (ReadIndex, thesis §6.4). Once {@link Effects#readsConfirmed} names a round
     * that reaches the ticket, and {@link #readIndex()} as of now is applied, the read is linearizable.
     *
     * @return the ticket, or {@link #NOT_LEADER}
     */
    public long requestRead() {
        return state.is(Role.LEADER) ? rounds.ticket() : NOT_LEADER;
    }

    /**
     * What a leader's read must see. Only an entry of its own term tells a leader how far its predecessors committed,
     * so until one has committed, a read waits for the first of them.
     */
    public long readIndex() {
        return Math.max(state.commitIndex, firstIndexOfTerm);
    }

    // ---- RPCs (Figure 2) -------------------------------------------------------------------------------------------

    /** RequestVote RPC, and the question of thesis §9.6 whether one would be granted. */
    public void onRequestVote(int from, long term, long lastLogIndex, long lastLogTerm, boolean preVote, long nowNs) {
        begin();
        if (preVote) {
            final boolean granted = mayVoteFor(lastLogIndex, lastLogTerm)
                && election.wouldVote(term, lastLogIndex, lastLogTerm, nowNs);
            effects.sendVote(from, granted ? term : state.currentTerm, granted, true);
        } else if (!settings.preVote() || term <= state.currentTerm || !election.leaderIsAlive(nowNs)) {
            final boolean newer = enterTermIfNewer(term, nowNs);
            final int votedBefore = state.votedFor;
            final boolean granted = mayVoteFor(lastLogIndex, lastLogTerm)
                && election.grantVote(from, term, lastLogIndex, lastLogTerm, nowNs);
            if (newer || state.votedFor != votedBefore) {
                effects.persistVote(state.currentTerm, state.votedFor);
            }
            effects.sendVote(from, state.currentTerm, granted, false);
        }
        end();
    }

    private boolean mayVoteFor(long lastLogIndex, long lastLogTerm) {
        return state.voter && unsafeRecovery.admits(lastLogIndex, lastLogTerm);
    }

    /** RequestVote RPC, results. */
    public void onVote(int from, long term, boolean granted, boolean preVote, long nowNs) {
        begin();
        if (preVote && granted) {
            // A granted pre-vote names the term asked about, which nobody is in yet.
            if (state.is(Role.PRE_CANDIDATE) && term == state.currentTerm + 1 && election.isPreWonWith(from)) {
                becomeCandidate(nowNs);
            }
        } else if (!adoptTermIfNewer(term, nowNs) && (state.is(Role.CANDIDATE) || state.is(Role.PRE_CANDIDATE))
            && term == state.currentTerm && granted && election.isWonWith(from, term)) {
            becomeLeader(nowNs);
        }
        end();
    }

    /** AppendEntries RPC; without entries, a heartbeat. */
    public void onAppendEntries(int from, long term, long round, long prevLogIndex, long prevLogTerm,
                                long leaderCommit, EntryBatch entries, long nowNs) {
        begin();
        adoptTermIfNewer(term, nowNs);
        if (term < state.currentTerm) {
            effects.sendAppendRejection(from, state.currentTerm, round, prevLogIndex, log.lastIndex(),
                log.newestRuns(0, 0)); // step 1
        } else {
            becomeFollowerOf(from, nowNs);
            if (follower.accept(prevLogIndex, prevLogTerm, entries, round)) {
                commitment.advanceAsFollower(leaderCommit, follower.verifiedIndex());
            } else {
                follower.reject(prevLogIndex, round);
            }
        }
        end();
    }

    /** AppendEntries RPC, results: success. */
    public void onAppendSuccess(int from, long term, long round, long matchIndex, long verifiedIndex, boolean voter,
                                long nowNs) {
        begin();
        final int row = peers.rowOf(from);
        if (!adoptTermIfNewer(term, nowNs) && state.is(Role.LEADER) && term == state.currentTerm && row >= 0) {
            final boolean countsAgain = onStanding(row, voter, verifiedIndex, nowNs);
            rounds.onEcho(row, round);
            if (leader.onSuccess(row, matchIndex, verifiedIndex, nowNs) || countsAgain) {
                commitment.advanceAsLeader();
            }
        }
        end();
    }

    /** AppendEntries RPC, results: failure, of the term (then theirs is newer) or of {@code prevLogIndex}. */
    public void onAppendRejection(int from, long term, long round, long prevLogIndex, long lastLogIndex, TermRuns runs,
                                  boolean voter, long nowNs) {
        begin();
        final int row = peers.rowOf(from);
        if (!adoptTermIfNewer(term, nowNs) && state.is(Role.LEADER) && term == state.currentTerm && row >= 0) {
            onStanding(row, voter, lastLogIndex, nowNs);
            rounds.onEcho(row, round); // it refused an index, not the leader
            leader.onRejection(row, prevLogIndex, lastLogIndex, runs, nowNs);
        }
        end();
    }

    /**
     * InstallSnapshot RPC (Figure 13): a message of some snapshot has come. What it carries is the caller's business.
     *
     * @return whether its sender leads the present term; the bytes of any other are not to be touched
     */
    public boolean onInstallSnapshot(int from, long term, long nowNs) {
        begin();
        adoptTermIfNewer(term, nowNs);
        final boolean leads = term == state.currentTerm; // step 1
        if (leads) {
            becomeFollowerOf(from, nowNs);
        }
        end();
        return leads;
    }

    /**
     * InstallSnapshot RPC, the end of it: a snapshot that ends at this entry is here, whole and durable, whoever sent
     * it. Also for one that was announced and that this server has no need of. Whether the state machine must take its
     * state from it is for those to say who know how far it has come.
     */
    public void onSnapshotInstalled(long lastIncludedIndex, long lastIncludedTerm) {
        begin();
        if (follower.install(lastIncludedIndex, lastIncludedTerm)) {
            commitment.advanceToSnapshot(lastIncludedIndex);
        }
        end();
    }

    /** InstallSnapshot RPC, results: of a term that may be newer than ours. How far it got is the caller's business. */
    public void onSnapshotResult(int from, long term, long nowNs) {
        begin();
        final int row = peers.rowOf(from);
        if (!adoptTermIfNewer(term, nowNs) && state.is(Role.LEADER) && term == state.currentTerm && row >= 0) {
            peers.heardNs[row] = nowNs;
        }
        end();
    }

    /**
     * A peer has come back without all of what it promised: what it acknowledged counts for nothing, until it is a
     * voter again by {@link Readmission}. No rejection tells so: one of the run that acknowledged may just be late.
     *
     * @param lastLogIndex where its log ends now
     */
    public void onLoss(int from, long lastLogIndex, long nowNs) {
        begin();
        final int row = peers.rowOf(from);
        if (state.is(Role.LEADER) && row >= 0) {
            leader.onLoss(row, lastLogIndex, firstIndexOfTerm, nowNs);
        }
        end();
    }

    /** Returns whether this server counts from here on, and did not before. */
    private boolean onStanding(int row, boolean voter, long lastLogIndex, long nowNs) {
        if (voter) {
            return leader.onVoter(row);
        }
        leader.onNonVoter(row, lastLogIndex, firstIndexOfTerm, nowNs);
        return false;
    }

    /** A member that has heard of this very run of this server says which term it is in. */
    public void onTermOf(int from, long term) {
        final int row = peers.rowOf(from);
        if (row >= 0) {
            readmission.onTerm(row, term);
        }
    }

    /** The same member says where its log ends, whether it votes, and whether it waits for {@link UnsafeRecovery}. */
    public void onMember(int from, long lastLogIndex, long lastLogTerm, boolean votes, boolean recovers) {
        begin();
        final int row = peers.rowOf(from);
        if (row >= 0) {
            unsafeRecovery.onMember(row, lastLogIndex, lastLogTerm, votes, recovers);
            voteUnsafelyIfDue();
        }
        end();
    }

    private void voteUnsafelyIfDue() {
        if (!state.voter && unsafeRecovery.isDue(peers.majority())) {
            unsafeRecovery.begin(log.lastIndex(), log.lastTerm());
            if (readmission.voteUnsafely()) {
                effects.persistVote(state.currentTerm, state.votedFor);
            }
        }
    }

    /** Once there is a leader again, whose log covers the best one, and this log does so as well. */
    private void recoverUnsafely() {
        if (state.leaderId != RaftState.NOBODY && unsafeRecovery.admits(log.lastIndex(), log.lastTerm())) {
            unsafeRecovery.close();
            readmission.complete();
            effects.promote(state.currentTerm, state.votedFor);
        }
    }

    /** Whether this member must still say something of that, for this server to be a voter again. */
    public boolean awaitsWordOf(int member) {
        final int row = peers.rowOf(member);
        return readmission.awaitsTermOf(row) || (!state.voter && unsafeRecovery.awaits(row));
    }

    /** The leader says how far a server that is being rebuilt must have come to be a voter again. */
    public void onReadmission(int from, long term, long confirmedIndex, long nowNs) {
        begin();
        if (!adoptTermIfNewer(term, nowNs) && term == state.currentTerm && from == state.leaderId
            && readmission.isDue(confirmedIndex, Math.min(follower.verifiedIndex(), log.persistedIndex()))) {
            readmission.complete();
            effects.promote(state.currentTerm, state.votedFor);
        }
        end();
    }

    // ---- role changes (Figure 4) -----------------------------------------------------------------------------------

    /** All servers: "if RPC request or response contains term T > currentTerm: set currentTerm = T, be follower". */
    private boolean adoptTermIfNewer(long term, long nowNs) {
        final boolean newer = enterTermIfNewer(term, nowNs);
        if (newer) {
            effects.persistVote(state.currentTerm, state.votedFor);
        }
        return newer;
    }

    /** As {@link #adoptTermIfNewer}, but the caller persists: the term and the vote cast in it cost one force. */
    private boolean enterTermIfNewer(long term, long nowNs) {
        if (term <= state.currentTerm) {
            return false;
        }
        final boolean wasLeader = state.is(Role.LEADER);
        state.enterTerm(term);
        become(Role.FOLLOWER);
        if (wasLeader) {
            election.restartTimer(nowNs); // it had none running; a follower's goes on as it is
        }
        return true;
    }

    private void becomeFollowerOf(int leaderId, long nowNs) {
        if (state.is(Role.LEADER)) {
            throw new SafetyViolation("server " + leaderId + " leads our own term " + state.currentTerm + " (§5.2)");
        }
        election.heardFromLeader(nowNs);
        if (state.leaderId != leaderId) { // only a follower has this one already
            state.follow(leaderId);
            follower.resetForNewLeader();
            become(Role.FOLLOWER);
        }
    }

    /**
     * CheckQuorum (thesis §6.2): no majority hears us, so somebody else may lead already. Or somebody else should: then
     * the heartbeats that stop here bring the next election about.
     */
    private void abdicate(long nowNs) {
        state.leaderId = RaftState.NOBODY;
        election.restartTimer(nowNs);
        become(Role.FOLLOWER);
    }

    private void campaign(long nowNs) {
        if (!unsafeRecovery.admits(log.lastIndex(), log.lastTerm())) {
            election.restartTimer(nowNs);
        } else if (settings.preVote()) {
            state.leaderId = RaftState.NOBODY;
            become(Role.PRE_CANDIDATE);
            election.requestPreVotes(state.currentTerm + 1, nowNs);
            if (election.isPreWon()) {
                becomeCandidate(nowNs);
            }
        } else {
            becomeCandidate(nowNs);
        }
    }

    private void becomeCandidate(long nowNs) {
        state.enterTerm(state.currentTerm + 1);
        state.voteFor(state.selfId);
        effects.persistVote(state.currentTerm, state.selfId);
        become(Role.CANDIDATE);
        election.requestVotes(state.currentTerm, nowNs);
        if (election.isWon()) {
            becomeLeader(nowNs);
        }
    }

    private void becomeLeader(long nowNs) {
        state.follow(state.selfId);
        election.end();
        peers.resetForNewTerm(log.lastIndex(), nowNs, nowNs - settings.electionTimeoutNs());
        rounds.resetForNewTerm(nowNs);
        ownDisk.lead(nowNs);
        firstIndexOfTerm = log.lastIndex() + 1;
        become(Role.LEADER);
        if (settings.noOpPerTerm()) {
            log.append(state.currentTerm, 1);
            effects.appendNoOp(log.lastIndex(), state.currentTerm);
        }
        rounds.begin(nowNs);
        leader.replicate(rounds.current(), false, nowNs); // "upon election: send initial empty AppendEntries RPCs"
    }

    private void become(Role role) {
        state.role = role;
        effects.roleChanged(role, state.currentTerm, state.leaderId);
    }

    private void begin() {
        if (handling) {
            throw new IllegalStateException("Effects must not call back into the core");
        }
        handling = true;
    }

    private void end() {
        handling = false;
        assert invariants.hold();
    }

    // ---- what can be seen from outside -----------------------------------------------------------------------------

    public Role role() {
        return state.role;
    }

    public long currentTerm() {
        return state.currentTerm;
    }

    public boolean isVoter() {
        return state.voter;
    }

    public int votedFor() {
        return state.votedFor;
    }

    /** The leader of the current term as far as known, or -1. */
    public int leaderId() {
        return state.leaderId;
    }

    public long commitIndex() {
        return state.commitIndex;
    }

    public long lastIndex() {
        return log.lastIndex();
    }

    /** The term of the last entry, or of the one that a snapshot stands for; 0 when there never was one. */
    public long lastTerm() {
        return log.lastTerm();
    }

    /** The last entry that counts here. */
    public long persistedIndex() {
        return log.persistedIndex();
    }

    public long termAt(long index) {
        return log.termAt(index);
    }

    /** A leader's view of the peer in row {@code row} of {@link Settings#peerIds()}. */
    public long matchIndex(int row) {
        return peers.matchIndex[row];
    }

    public long nextIndex(int row) {
        return peers.nextIndex[row];
    }

    public boolean isStreaming(int row) {
        return peers.streaming[row];
    }
}
