package io.balsa.raft.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * One server of a group, for tests: a core whose effects become lines to read, a disk that keeps only what was forced,
 * and a clock that moves when told. By default it plays by the paper alone: no pre-vote, no CheckQuorum, no no-op.
 *
 * <p>{@link #hears} is one duty cycle: the messages, then the end of the cycle, at which answers and entries leave.
 */
final class Server implements Effects {
    static final long TIMEOUT_MS = 300;
    static final long HEARTBEAT_MS = 50;
    static final long RESEND_MS = 15;
    static final long DISK_STALL_MS = 5_000;

    /** A message on its way. */
    record Sent(int to, Message message) {
    }

    final int id;
    final List<Sent> outbox = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private int members = 3;
    private boolean preVote;
    private boolean checkQuorum;
    private boolean noOp;
    private boolean voter = true;
    private boolean rebuilt;
    private boolean forgotVotes;
    private boolean unsafeRecovery;
    private RandomGenerator random = () -> 0; // every election timeout is the shortest

    // what is on disk, and what is only written
    private long durableTerm;
    private int durableVote = RaftState.NOBODY;
    private long[] durableLog = {};
    private long baseIndex;
    private long snapshotIndex;
    private long snapshotTerm;
    private final List<Long> written = new ArrayList<>();

    private final long[] transportSays = new long[64];
    private int entriesPerMessage = Integer.MAX_VALUE;
    private RaftCore core;
    private long nowNs = TimeUnit.SECONDS.toNanos(1);
    private long newestRound;
    private long confirmedRound;

    private Server(int id) {
        this.id = id;
    }

    // ---- how it starts ---------------------------------------------------------------------------------------------

    static Server server(int id) {
        return new Server(id);
    }

    Server of(int servers) {
        members = servers;
        return this;
    }

    /** The terms of entries 1, 2, ... on its disk; the current term is at least the last of them. */
    Server withLogTerms(long... terms) {
        durableLog = terms.clone();
        durableTerm = Math.max(durableTerm, terms.length == 0 ? 0 : terms[terms.length - 1]);
        return this;
    }

    /** It starts with a snapshot of everything up to here, which its log has dropped. */
    Server compactedTo(int index) {
        snapshotIndex = index;
        snapshotTerm = durableLog[index - 1];
        baseIndex = index;
        return this;
    }

    /** It starts with a durable snapshot, whatever its log holds: the power failed between the two. */
    Server withSnapshot(int index, long term) {
        snapshotIndex = index;
        snapshotTerm = term;
        return this;
    }

    Server inTerm(long term) {
        durableTerm = term;
        return this;
    }

    Server votedFor(int candidate) {
        durableVote = candidate;
        return this;
    }

    Server withPreVote() {
        preVote = true;
        return this;
    }

    Server withCheckQuorum() {
        checkQuorum = true;
        return this;
    }

    Server withNoOp() {
        noOp = true;
        return this;
    }

    Server asNonVoter() {
        voter = false;
        return this;
    }

    /** Its log is gone; whether its votes are as well is as given. */
    Server beingRebuilt(boolean withoutItsVotes) {
        voter = false;
        rebuilt = true;
        forgotVotes = withoutItsVotes;
        return this;
    }

    /** An operator told it to go on with the best log that is left. */
    Server recoveringUnsafely() {
        unsafeRecovery = true;
        return this;
    }

    Server drawingTimeoutsFrom(RandomGenerator timeouts) {
        random = timeouts;
        return this;
    }

    Server startingAt(long aNowNs) {
        nowNs = aNowNs;
        return this;
    }

    /** At most so many entries fit into one message. */
    Server packing(int entries) {
        entriesPerMessage = entries;
        return this;
    }

    /** Elected in {@code term} by all the others; what was said on the way is forgotten. */
    Server leadingTerm(long term) {
        durableTerm = term - 1;
        waits(TIMEOUT_MS);
        for (int peer = 1; peer <= members && preVote; peer++) {
            if (peer != id && !is(Role.CANDIDATE)) {
                hears(Message.preGrant(peer, term));
            }
        }
        for (int peer = 1; peer <= members; peer++) {
            if (peer != id && !is(Role.LEADER)) {
                hears(Message.grant(peer, term));
            }
        }
        assertEquals(Role.LEADER, core().role());
        assertEquals(term, core().currentTerm());
        return forgets();
    }

    RaftCore core() {
        if (core == null) {
            start();
        }
        return core;
    }

    private void start() {
        final LogTerms log = new LogTerms();
        written.clear();
        for (final long term : durableLog) {
            written.add(term);
            if (written.size() == baseIndex) {
                log.recoveredBase(baseIndex, term);
            } else if (written.size() > baseIndex) {
                log.recovered(term, written.size(), written.size());
            }
        }
        if (log.recoveredSnapshot(snapshotIndex, snapshotTerm)) {
            resetLog(snapshotIndex, snapshotTerm);
        }
        final int[] peers = IntStream.rangeClosed(1, members).filter(peer -> peer != id).toArray();
        core = new RaftCore(new Settings(id, peers, ms(TIMEOUT_MS), ms(HEARTBEAT_MS), ms(RESEND_MS), ms(DISK_STALL_MS),
            preVote, checkQuorum, noOp, voter, rebuilt, forgotVotes, unsafeRecovery), durableTerm, durableVote, log,
            snapshotIndex, this, random, nowNs);
    }

    // ---- what happens to it ----------------------------------------------------------------------------------------

    /** One cycle in which these messages arrive. */
    Server hears(Message... messages) {
        for (final Message message : messages) {
            message.reach(this);
        }
        core().onTime(nowNs);
        return this;
    }

    /** One cycle, {@code millis} later. */
    Server waits(long millis) {
        core();
        nowNs += ms(millis);
        core.onTime(nowNs);
        return this;
    }

    /** Takes commands from a client, and ends the cycle. */
    Server proposes(int commands) {
        for (int i = 0; i < commands; i++) {
            assertEquals(written.size() + 1, core().propose());
            written.add(core.currentTerm());
        }
        core().onTime(nowNs);
        return this;
    }

    /** Its disk forces everything written so far; it is told in the next cycle. */
    Server persists() {
        return persistsUpTo(written.size());
    }

    Server persistsUpTo(int index) {
        durableLog = written.stream().limit(index).mapToLong(Long::longValue).toArray();
        if (index > 0) {
            core().onPersisted(index, durableLog[index - 1]);
        }
        core().onTime(nowNs);
        return this;
    }

    /** The power fails: what was not forced is gone. It starts again and hears nothing of its former life. */
    Server crashesAndRestarts() {
        outbox.clear();
        start();
        return forgets();
    }

    /** It takes a snapshot up to here, which is durable at once; its log keeps what it has. */
    Server snapshots(int index) {
        snapshotIndex = index;
        snapshotTerm = written.get(index - 1);
        return this;
    }

    /** The log drops everything up to here, which a snapshot stands for. */
    Server compacts(int index) {
        assertTrue(index <= snapshotIndex, "what is dropped is in the snapshot");
        baseIndex = index;
        core().onCompacted(index);
        return this;
    }

    /** A snapshot has come in whole; it is made durable before the core hears of it. */
    void receives(Message.Install snapshot) {
        if (core().onInstallSnapshot(snapshot.from(), snapshot.term(), nowNs)) {
            if (snapshot.index() > snapshotIndex) {
                snapshotIndex = snapshot.index();
                snapshotTerm = snapshot.lastTerm();
            }
            final long committedBefore = core.commitIndex();
            core.onSnapshotInstalled(snapshot.index(), snapshot.lastTerm());
            lines.add(core.commitIndex() > committedBefore ? "restore " + snapshot.index() : "keep what it has");
        } else {
            lines.add("refuse the snapshot, term " + core.currentTerm());
        }
    }

    /** Its log takes no more entries, or does again. */
    Server diskIsFull(boolean full) {
        core().onDiskFull(full, nowNs);
        return this;
    }

    /** A peer says so with its answers. */
    Server hearsThatDiskIsFull(int peer, boolean full) {
        core().onPeerDiskFull(peer, full);
        return this;
    }

    /** From now on the transport answers so when it is offered entries for {@code peer}. */
    Server whenSendingTo(int peer, long code) {
        transportSays[peer] = code;
        return this;
    }

    Server transportTakes(int peer) {
        return whenSendingTo(peer, 0);
    }

    // ---- what it said ----------------------------------------------------------------------------------------------

    /** Exactly this, in this order, since the last look. */
    Server says(String... expected) {
        assertEquals(String.join("\n", expected), String.join("\n", lines));
        return forgets();
    }

    Server saysNothing() {
        return says();
    }

    /** Among other things. */
    Server saysAmongOthers(String expected) {
        assertTrue(lines.contains(expected), () -> expected + " was not said, but:\n" + String.join("\n", lines));
        return this;
    }

    /** No line since the last look contains this. */
    Server doesNotSay(String part) {
        assertEquals(List.of(), lines.stream().filter(line -> line.contains(part)).toList());
        return this;
    }

    /** What was said since the last look, which is then forgotten. */
    List<String> takesLines() {
        final List<String> said = List.copyOf(lines);
        forgets();
        return said;
    }

    Server forgets() {
        lines.clear();
        outbox.clear();
        return this;
    }

    boolean is(Role role) {
        return core().role() == role;
    }

    Server committed(long index) {
        assertEquals(index, core().commitIndex(), "commitIndex");
        return this;
    }

    Server hasRole(Role role) {
        assertEquals(role, core().role());
        return this;
    }

    Server hasTerm(long term) {
        assertEquals(term, core().currentTerm(), "currentTerm");
        assertEquals(term, durableTerm, "the current term is on disk");
        return this;
    }

    Server hasVotedFor(int candidate) {
        assertEquals(candidate, core().votedFor(), "votedFor");
        assertEquals(candidate, durableVote, "the vote is on disk");
        return this;
    }

    Server hasLogTerms(long... terms) {
        assertArrayEquals(terms, written.stream().mapToLong(Long::longValue).toArray(), "the terms of the log");
        assertEquals(terms.length, core().lastIndex());
        return this;
    }

    /** The read with this ticket may be served. */
    Server confirms(long ticket) {
        assertTrue(confirmedRound >= ticket, () -> "confirmed " + confirmedRound + ", asked " + ticket);
        return this;
    }

    Server doesNotConfirm(long ticket) {
        assertTrue(confirmedRound < ticket, () -> "confirmed " + confirmedRound + ", asked " + ticket);
        return this;
    }

    /** How many messages with entries went to {@code peer} since the last look. */
    int sentEntriesTo(int peer) {
        return (int) outbox.stream().filter(sent -> sent.to() == peer)
            .filter(sent -> sent.message() instanceof Message.Append append && append.entryTerms().length > 0).count();
    }

    Server knowsOf(int peer, long matchIndex, long nextIndex) {
        final int row = peer < id ? peer - 1 : peer - 2;
        assertEquals(matchIndex, core().matchIndex(row), "matchIndex of server " + peer);
        assertEquals(nextIndex, core().nextIndex(row), "nextIndex of server " + peer);
        return this;
    }

    long[] logTerms() {
        return written.stream().mapToLong(Long::longValue).toArray();
    }

    /** The last entry that its log has dropped, 0 if it is whole. */
    long baseIndex() {
        return baseIndex;
    }

    long nowNs() {
        return nowNs;
    }

    long confirmedRound() {
        return confirmedRound;
    }

    long newestRound() {
        return newestRound;
    }

    long termOr(long term) {
        return term == Message.ITS_TERM ? core().currentTerm() : term;
    }

    long roundOr(long round) {
        return round == Message.NEWEST_ROUND ? newestRound : round;
    }

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    // ---- Effects ---------------------------------------------------------------------------------------------------

    private void send(int to, Message message) {
        outbox.add(new Sent(to, message));
        lines.add("to " + to + ": " + message);
    }

    @Override
    public void persistVote(long currentTerm, int votedFor) {
        durableTerm = currentTerm;
        durableVote = votedFor;
        lines.add("persist term " + currentTerm + (votedFor == RaftState.NOBODY ? "" : ", vote for " + votedFor));
    }

    @Override
    public void append(long index, EntryBatch entries, int from) {
        assertEquals(written.size() + 1, index);
        for (int i = from; i < entries.count(); i++) {
            written.add(entries.termAt(i));
            lines.add("write " + written.size() + '/' + entries.termAt(i));
        }
    }

    @Override
    public void appendNoOp(long index, long term) {
        written.add(term);
        assertEquals(written.size(), index);
        lines.add("write no-op " + index + '/' + term);
    }

    @Override
    public void truncateFrom(long index) {
        written.subList((int) index - 1, written.size()).clear();
        lines.add("truncate from " + index);
    }

    @Override
    public void sendRequestVote(int to, long term, long lastLogIndex, long lastLogTerm, boolean isPreVote) {
        send(to, new Message.VoteRequest(id, term, lastLogIndex, lastLogTerm, isPreVote));
    }

    @Override
    public void sendVote(int to, long term, boolean granted, boolean isPreVote) {
        send(to, new Message.Vote(id, term, granted, isPreVote));
    }

    @Override
    public long sendAppendEntries(int to, long term, long round, long prevLogIndex, long prevLogTerm,
                                  long leaderCommit, long matchIndex, long lastIndex) {
        if (transportSays[to] < 0) {
            return transportSays[to];
        }
        final long last = Math.min(lastIndex, prevLogIndex + entriesPerMessage);
        newestRound = round;
        send(to, new Message.Append(id, term, round, prevLogIndex, prevLogTerm, leaderCommit,
            written.subList((int) prevLogIndex, (int) last).stream().mapToLong(Long::longValue).toArray()));
        return last;
    }

    @Override
    public void sendHeartbeat(int to, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        newestRound = round;
        send(to, new Message.Append(id, term, round, prevLogIndex, prevLogTerm, leaderCommit));
    }

    @Override
    public void promote(long currentTerm, int votedFor) {
        durableTerm = currentTerm;
        durableVote = votedFor;
        voter = true;
        rebuilt = false;
        forgotVotes = false;
        lines.add("be a voter, term " + currentTerm + ", vote " + (votedFor == RaftState.NOBODY ? "free" : "spent"));
    }

    @Override
    public void sendReadmission(int to, long term, long confirmedIndex) {
        send(to, new Message.Readmission(id, term, confirmedIndex));
    }

    @Override
    public void resetLog(long index, long term) {
        while (written.size() < index) {
            written.add(0L); // what it never saw
        }
        written.subList((int) index, written.size()).clear();
        written.set((int) index - 1, term);
        durableLog = written.stream().mapToLong(Long::longValue).toArray();
        baseIndex = index;
        lines.add("reset log to " + index + "/" + term);
    }

    @Override
    public void sendSnapshot(int to, long term, long nextIndex, long nowNs) {
        send(to, new Message.Install(id, term, snapshotIndex, snapshotTerm));
    }

    @Override
    public void sendAppendSuccess(int to, long term, long round, long matchIndex, long verifiedIndex) {
        send(to, new Message.Success(id, term, round, matchIndex, verifiedIndex, voter));
    }

    @Override
    public void sendAppendRejection(int to, long term, long round, long prevLogIndex, long lastLogIndex,
                                    TermRuns runs) {
        send(to, new Message.Rejection(id, term, round, prevLogIndex, lastLogIndex, Message.Runs.copyOf(runs), voter));
    }

    @Override
    public void commitTo(long index) {
        lines.add("commit " + index);
    }

    @Override
    public void readsConfirmed(long round) {
        confirmedRound = round;
        lines.add("reads confirmed");
    }

    @Override
    public void roleChanged(Role role, long term, int leaderId) {
        lines.add(switch (role) {
            case FOLLOWER -> leaderId == RaftState.NOBODY ? "follow nobody" : "follow " + leaderId;
            case PRE_CANDIDATE -> "be pre-candidate";
            case CANDIDATE -> "be candidate";
            case LEADER -> "lead";
        });
    }
}
