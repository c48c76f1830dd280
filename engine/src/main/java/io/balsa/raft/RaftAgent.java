package io.balsa.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

import io.balsa.raft.core.LogTerms;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Settings;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;

/**
 * A whole node without a thread or a clock: whoever owns it calls {@link #doWork} over and over, one thread at a time.
 * {@link RaftNode} does so on a thread of its own; a simulator does so in virtual time; an embedder with a
 * duty cycle of its own may too.
 *
 * <p>Only {@link #offer}, {@link #offerRead} and {@link #takeSnapshot} may be called from other threads.
 *
 * @param <R> the state machine's result
 */
public final class RaftAgent<R> {
    /** {@link #doWork}: the calling thread has lost the node, see {@link Baton}, and must not touch it any more. */
    static final int LOOP_IS_GONE = Applier.LOOP_IS_GONE;

    private static final int FRAMES_PER_CYCLE = 64;
    private static final int PROPOSALS_PER_CYCLE = 1024;
    /** Aeron notices a lost tail by its own heartbeat of 100 ms; we follow up sooner. */
    private static final long RESEND_NS = 15_000_000;

    private final RaftConfig config;
    private final Storage storage;
    private final Transport transport;
    private final RaftLog log;
    private final RaftCore core;
    private final Settings settings;
    private final Links links;
    private final StateChecks checks;
    private final QuorumTrouble trouble;
    private final boolean countsInMemory;
    private final Snapshots snapshots;
    private final Stages stages;
    private final SnapshotReceiver receiver;
    private final OffLoop offLoop;
    private final Outbox outbox;
    private final Inbox inbox;
    private final NodeEffects effects;
    private final Proposals<R> proposals;
    private final Reads reads;
    private final Applier<R> applier;
    private final Baton baton = new Baton();
    private final RaftLog.PersistedConsumer onPersisted;

    private long nowNs;
    private long firstIndex;
    private long askedForRoomNs;
    private boolean closed;
    private Optional<String> failure = Optional.empty();

    /**
     * A node as its directory remembers it. The agent owns {@code storage} and {@code transport} from here on.
     *
     * @param offLoop runs what waits for the disk beside the loop, snapshots being written, read and received: at most
     *                three tasks at once, best on threads of their own. Tasks may be dropped once the agent is closed
     * @param random  election timeouts are drawn from it
     * @param nowNs   the time of the clock that {@link #doWork} will be given
     */
    public RaftAgent(RaftConfig config, Storage storage, Transport transport, StateMachine<R> stateMachine,
                     Executor offLoop, RandomGenerator random, long nowNs) {
        this(config, storage, transport, stateMachine, offLoop, random, nowNs, null);
    }

    /** @param applyClock read around each call of the state machine, to keep to the budget; null: no budget */
    RaftAgent(RaftConfig config, Storage storage, Transport transport, StateMachine<R> stateMachine,
              Executor offLoopExecutor, RandomGenerator random, long nowNs, LongSupplier applyClock) {
        this.config = config;
        this.storage = storage;
        this.transport = transport;
        this.nowNs = nowNs;
        askedForRoomNs = nowNs;
        log = storage.log();
        final Storage.Identity identity = storage.identity();
        if (identity.nodeId() != config.nodeId()) {
            throw new RaftException("this directory belongs to node " + identity.nodeId() + ", not to node "
                + config.nodeId() + ": start each node on its own directory");
        }
        if (log.maxCommandLength() < config.maxCommandBytes()) {
            throw new RaftException("this log takes commands of at most " + log.maxCommandLength() + " bytes, but "
                + config.maxCommandBytes() + " are configured: lower maxCommandBytes, on all members, or give the log"
                + " larger segments and more memory");
        }
        countsInMemory = identity.durability() == Durability.MEMORY_QUORUM;
        if (config.unsafeRecovery() && !countsInMemory) {
            throw new RaftException("an unsafe recovery is for nodes of durability " + Durability.MEMORY_QUORUM
                + "; this node's is " + identity.durability() + ": start it without, and rebuild it where it is"
                + " damaged");
        }
        final int[] peerIds = config.members().stream().mapToInt(Integer::intValue)
            .filter(id -> id != config.nodeId()).toArray();
        settings = new Settings(config.nodeId(), peerIds, config.electionTimeout().toNanos(),
            config.heartbeatInterval().toNanos(), RESEND_NS,
            config.diskStallTimeout().toNanos(), config.preVote(), config.checkQuorum(),
            config.noOpPerTerm(), identity.voter(),
            identity.standing() == Standing.REBUILDING || identity.standing() == Standing.VOTE_LOST,
            identity.standing() == Standing.VOTE_LOST, config.unsafeRecovery());
        final boolean recovers = settings.rebuilt() && config.unsafeRecovery();
        trouble = new QuorumTrouble(peerIds, identity.durability(), recovers,
            2 * config.electionTimeout().toNanos());
        links = new Links(peerIds, storage.boot(), config.heartbeatInterval().toNanos(), nowNs);
        checks = new StateChecks(config.nodeId(), peerIds, config.stateHashEvery());
        outbox = new Outbox(transport, log, links, checks, identity.clusterId(), config.nodeId(), storage.boot(),
            identity.storeId(), identity.voter(), config.advertise());
        offLoop = new OffLoop(offLoopExecutor);
        snapshots = new Snapshots(config, log, storage.snapshots(), offLoop.new Lane());
        final LongSupplier clock = applyClock == null ? () -> 0 : applyClock;
        stages = new Stages(clock);
        applier = new Applier<>(log, storage.snapshots(), snapshots, stateMachine, checks, baton,
            clock, config.applyBudget().toNanos(),
            config.heartbeatInterval().toNanos() / 2);

        final SnapshotSender sender = new SnapshotSender(outbox, storage.snapshots(), snapshots, offLoop.new Lane(),
            peerIds.length, config.snapshotBytesPerSecond(), config.electionTimeout().toNanos(), log::lastIndex);
        final LogTerms terms = recoveredTerms();
        firstIndex = log.firstIndex();
        snapshots.newest().ifPresent(applier::restore);
        final Slots slots = new Slots(config.maxPending());
        effects = new NodeEffects(log, storage.votes(), links, outbox, config.windowBytes(), applier, checks,
            sender, stages);
        core = new RaftCore(settings, storage.votes().currentTerm(), storage.votes().votedFor(), terms,
            snapshots.newest().map(Snapshot::index).orElse(0L), effects, random, nowNs);
        reads = new Reads(core, slots, config.maxPending());
        proposals = new Proposals<>(config, core, log, reads, slots, stages);
        applier.answerTo(proposals);
        effects.answerTo(proposals, reads);
        receiver = new SnapshotReceiver(core, outbox, links, storage.snapshots(), snapshots, applier,
            offLoop.new Lane());
        inbox = new Inbox(core, log, links, outbox, checks, trouble, receiver, sender, storage);
        outbox.speakOf(core, identity, recovers);
        onPersisted = countsInMemory ? core::onPersisted : (index, term) -> {
            stages.forced(index);
            core.onPersisted(index, term);
        };
    }

    /**
     * The log as it was recovered. A crash may have come between a snapshot and what the log was to forget for it:
     * that is done now.
     */
    private LogTerms recoveredTerms() {
        final LogTerms terms = new LogTerms();
        terms.recoveredBase(log.firstIndex() - 1, log.baseTerm());
        log.recoveredTerms(terms::recovered);
        final long covered = snapshots.newest().map(Snapshot::index).orElse(0L);
        if (covered < log.firstIndex() - 1) {
            throw new LogCorruptException("the log begins with entry " + log.firstIndex() + ", but the newest snapshot"
                + " that is whole stands for entries up to " + covered + ": those between are lost here; start this"
                + " node with --rebuild, so that its peers give them back");
        }
        snapshots.newest().ifPresent(snapshot -> {
            if (terms.recoveredSnapshot(snapshot.index(), snapshot.term())) {
                log.reset(snapshot.index(), snapshot.term());
            }
        });
        return terms;
    }

    /**
     * One duty cycle.
     *
     * @param cycleNowNs the time in nanoseconds of one monotonic clock, never negative
     * @return how much was done; 0 means idle
     * @throws RuntimeException when this node must stop: its disk or network failed, its state machine threw, its
     *                          state differs from the majority's, or an invariant broke. Call {@link #fail} or
     *                          {@link #close} and nothing else then.
     */
    public int doWork(long cycleNowNs) {
        nowNs = cycleNowNs;
        inbox.at(cycleNowNs);
        int work = transport.doWork();
        work += log.pollPersisted(onPersisted);
        work += offLoop.deliver();
        lookAtTheDisk();
        work += transport.poll(inbox, FRAMES_PER_CYCLE);
        work += proposals.drain(PROPOSALS_PER_CYCLE);
        if (countsInMemory) {
            work += countWhatWasAppended();
        }
        greet();
        core.onTime(cycleNowNs);
        if (outbox.hasSpoken()) {
            work += transport.doWork(); // what was said leaves before the state machine takes its time
            stages.sent();
        }
        final int applied = applier.doWork();
        if (applied == LOOP_IS_GONE) {
            return LOOP_IS_GONE;
        }
        return work + applied + reads.serve(applier.appliedIndex());
    }

    /** Before this cycle's answers leave: what the disk has not got yet counts in them. */
    private int countWhatWasAppended() {
        stages.forced(log.forcedIndex());
        return log.pollPersisted(onPersisted);
    }

    /** Up to where this node's log would survive a crash. */
    private long forcedIndex() {
        return countsInMemory ? log.forcedIndex() : core.persistedIndex();
    }

    private void lookAtTheDisk() {
        if (log.firstIndex() != firstIndex) {
            firstIndex = log.firstIndex();
            core.onCompacted(firstIndex - 1);
        }
        snapshots.lookAtRequests();
        snapshots.compactLog(forcedIndex());
        if (nowNs - askedForRoomNs >= config.heartbeatInterval().toNanos()) {
            askedForRoomNs = nowNs;
            stages.roll(nowNs);
            final RaftLog.Room room = log.roomFor(0);
            final boolean full = room == RaftLog.Room.DISK_FULL;
            core.onDiskFull(full, nowNs);
            core.onDiskBehind(countsInMemory && room == RaftLog.Room.BUSY);
            outbox.diskIsFull(full);
            receiver.dropWhatIsOvertaken();
            trouble.look(!core.isVoter() && core.leaderId() == Outcome.Rejected.NO_LEADER, nowNs);
        }
    }

    private void greet() {
        for (int row = 0; row < links.id.length; row++) {
            if (links.greetingIsDue(row, nowNs)
                || ((core.awaitsWordOf(links.id[row]) || trouble.isSuspected()) && links.mayGreet(row, nowNs))) {
                outbox.hello(row, false);
            }
        }
    }

    /** As {@link RaftNode#offer}. Any thread. */
    public int offer(DirectBuffer buffer, int offset, int length, Completion<R> completion) {
        return proposals.offer(buffer, offset, length, completion);
    }

    /**
     * Asks to read what is committed now; see {@link RaftNode#awaitReadable}. Any thread.
     *
     * @return {@link RaftNode#ACCEPTED}, {@link RaftNode#OVERLOADED} or {@link RaftNode#STOPPED}
     */
    public int offerRead(ReadCompletion completion) {
        return proposals.offerRead(completion);
    }

    /** Whether something was offered, or a slow call has returned, that no cycle has seen yet. Any thread. */
    boolean hasArrivals() {
        return proposals.hasArrivals() || baton.isBack() || offLoop.hasFinished() || snapshots.isAsked();
    }

    /**
     * As {@link RaftNode#takeSnapshot}. Any thread; the future completes within {@link #doWork} or {@link #close}, or
     * at once when the agent is closed.
     */
    public CompletableFuture<Long> takeSnapshot() {
        return snapshots.request();
    }

    /** As {@link RaftNode#restartStages}. Any thread. */
    public void restartStages() {
        stages.restart();
    }

    /** By which a thread that watches takes the node from a call of the state machine that lasts. */
    Baton baton() {
        return baton;
    }

    /** A slow call that an operator should hear of, or null. Any thread. */
    Applier.Slow slowApply() {
        return applier.worthTelling();
    }

    /** What went wrong with a snapshot and an operator should hear of, or null. Any thread. */
    String snapshotTrouble() {
        return snapshots.worthTelling();
    }

    /** Why no quorum can be formed, where an operator should hear of it, or null. Any thread. */
    String quorumTrouble() {
        return trouble.worthTelling();
    }

    /** The entry that the state machine is at while the node goes on without it, or 0. */
    long heldUpAt() {
        return applier.heldUpAt();
    }

    /** The node as it is now. */
    public RaftStatus status() {
        final List<RaftStatus.Peer> peers = new ArrayList<>();
        for (int row = 0; row < links.id.length; row++) {
            peers.add(new RaftStatus.Peer(links.id[row], core.matchIndex(row), core.nextIndex(row),
                core.isStreaming(row), links.isKnown(row), links.advertised[row]));
        }
        return new RaftStatus(config.nodeId(), core.role(), core.currentTerm(), core.leaderId(), core.lastIndex(),
            forcedIndex(), core.commitIndex(), applier.appliedIndex(), core.isVoter(),
            storage.identity().clusterId(), storage.identity().durability(), trouble.words(), effects.elections(),
            peers, inbox.dropped(), outbox.refused(), snapshots.status(), checks.status(), applier.status(),
            stages.status(), failure);
    }

    /** Ends as {@link #close} does, and keeps the reason for {@link #status}. */
    public void fail(String reason) {
        failure = Optional.of(reason);
        close();
    }

    /** Answers everything under way as stopped and closes transport and storage. Idempotent. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            proposals.stop();
            snapshots.stop();
        } finally {
            try {
                transport.close();
            } finally {
                storage.close();
            }
        }
    }
}
