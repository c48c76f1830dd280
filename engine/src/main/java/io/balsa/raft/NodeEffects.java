package io.balsa.raft;

import io.balsa.raft.core.Effects;
import io.balsa.raft.core.EntryBatch;
import io.balsa.raft.core.Role;
import io.balsa.raft.core.TermRuns;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.spi.VoteStore;
import org.agrona.concurrent.UnsafeBuffer;

/** What the core asks for, done through the ports. */
final class NodeEffects implements Effects {
    private final RaftLog log;
    private final VoteStore votes;
    private final Links links;
    private final Outbox outbox;
    private final Window[] windows;
    private final Applier<?> applier;
    private final StateChecks checks;
    private final SnapshotSender sender;
    private final UnsafeBuffer nothing = new UnsafeBuffer(new byte[0]);

    private Proposals<?> proposals;
    private Reads reads;
    private long elections;

    NodeEffects(RaftLog log, VoteStore votes, Links links, Outbox outbox, int windowBytes, Applier<?> applier,
                StateChecks checks, SnapshotSender sender) {
        this.log = log;
        this.votes = votes;
        this.links = links;
        this.outbox = outbox;
        this.applier = applier;
        this.checks = checks;
        this.sender = sender;
        windows = new Window[links.id.length];
        for (int row = 0; row < windows.length; row++) {
            windows[row] = new Window(windowBytes);
        }
    }

    void answerTo(Proposals<?> waitingForCommit, Reads waitingForRead) {
        proposals = waitingForCommit;
        reads = waitingForRead;
    }

    @Override
    public void persistVote(long currentTerm, int votedFor) {
        votes.persist(currentTerm, votedFor);
    }

    @Override
    public void promote(long currentTerm, int votedFor) {
        votes.promote(currentTerm, votedFor);
        outbox.votes(true);
    }

    @Override
    public void sendReadmission(int to, long term, long confirmedIndex) {
        outbox.readmission(links.rowOf(to), term, confirmedIndex);
    }

    @Override
    public void append(long index, EntryBatch entries, int from) {
        final ReceivedEntries received = (ReceivedEntries) entries;
        for (int i = from; i < received.count(); i++) {
            requireAt(index + i - from, log.append(received.termAt(i), received.kindAt(i), received.buffer(),
                received.offsetAt(i), received.lengthAt(i)));
        }
    }

    @Override
    public void appendNoOp(long index, long term) {
        requireAt(index, log.append(term, RaftLog.NO_OP, nothing, 0, 0));
    }

    /** Core and log count entries each for itself; were they to differ, one entry would be acknowledged as another. */
    static void requireAt(long expected, long appended) {
        if (appended != expected) {
            throw new IllegalStateException("the log appended entry " + appended + ", the core expects it at "
                + expected + ": this node must stop, since what it says of its log would be wrong");
        }
    }

    @Override
    public void truncateFrom(long index) {
        log.truncateFrom(index);
    }

    @Override
    public void resetLog(long index, long term) {
        log.reset(index, term);
    }

    @Override
    public void sendSnapshot(int to, long term, long nextIndex, long nowNs) {
        final int row = links.rowOf(to);
        if (links.isKnown(row)) {
            sender.send(row, term, nextIndex, nowNs);
        }
    }

    @Override
    public void sendRequestVote(int to, long term, long lastLogIndex, long lastLogTerm, boolean preVote) {
        final int row = links.rowOf(to);
        if (links.isKnown(row)) {
            outbox.requestVote(row, term, lastLogIndex, lastLogTerm, preVote);
        }
    }

    @Override
    public void sendVote(int to, long term, boolean granted, boolean preVote) {
        outbox.vote(links.rowOf(to), term, granted, preVote);
    }

    @Override
    public long sendAppendEntries(int to, long term, long round, long prevLogIndex, long prevLogTerm,
                                  long leaderCommit, long matchIndex, long lastIndex) {
        final int row = links.rowOf(to);
        if (!links.isKnown(row)) {
            return NOT_CONNECTED;
        }
        sender.onEntries(row, prevLogIndex); // whoever is sent entries needs no snapshot any more
        final Window window = windows[row];
        window.advance(matchIndex, prevLogIndex);
        if (lastIndex > prevLogIndex && !window.hasRoom()) {
            return NOT_NOW;
        }
        final int code = outbox.appendEntries(row, term, round, prevLogIndex, prevLogTerm, leaderCommit, lastIndex);
        return switch (code) {
            case Transport.ACCEPTED -> {
                if (outbox.lastPacked() > prevLogIndex) {
                    window.sent(outbox.lastPacked(), outbox.bytesSent());
                }
                yield outbox.lastPacked();
            }
            case Transport.NOT_CONNECTED -> NOT_CONNECTED;
            default -> NOT_NOW;
        };
    }

    @Override
    public void sendHeartbeat(int to, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        final int row = links.rowOf(to);
        if (links.isKnown(row)) {
            sender.onMatch(row, prevLogIndex);
            outbox.heartbeat(row, term, round, prevLogIndex, prevLogTerm, leaderCommit);
        }
    }

    @Override
    public void sendAppendSuccess(int to, long term, long round, long matchIndex, long verifiedIndex) {
        outbox.appendSuccess(links.rowOf(to), term, round, matchIndex, verifiedIndex);
    }

    @Override
    public void sendAppendRejection(int to, long term, long round, long prevLogIndex, long lastLogIndex,
                                    TermRuns runs) {
        outbox.appendRejection(links.rowOf(to), term, round, prevLogIndex, lastLogIndex, runs);
    }

    @Override
    public void commitTo(long index) {
        applier.commitTo(index);
    }

    @Override
    public void readsConfirmed(long round) {
        reads.confirm(round);
    }

    /** Whoever waits on this node's leadership is told at once that it is over. */
    @Override
    public void roleChanged(Role role, long term, int leaderId) {
        checks.leads(role == Role.LEADER);
        sender.stop();
        if (role == Role.LEADER) {
            elections++;
            for (final Window window : windows) {
                window.clear();
            }
        } else {
            proposals.leadershipLost();
            reads.leadershipLost(leaderId);
        }
    }

    /** How often this node was elected. */
    long elections() {
        return elections;
    }
}
