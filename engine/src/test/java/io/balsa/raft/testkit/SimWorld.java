package io.balsa.raft.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.checks.CommittedLog;
import io.balsa.raft.testkit.checks.ElectionSafety;
import io.balsa.raft.testkit.checks.LeaderCompleteness;
import io.balsa.raft.testkit.checks.LogMatching;
import io.balsa.raft.testkit.checks.StateMachineSafety;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.checks.VoteSafety;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Real nodes between simulated ports, all in one thread and in virtual time, and every check that looks at them
 * whatever they go through. What they go through is somebody else's: see {@link Story}.
 */
final class SimWorld<R> {
    /**
     * What the nodes {@code 0..nodes-1} and their machines are like.
     *
     * @param tickNs       how often an idle node runs its duty cycle
     * @param pendingBytes how many bytes of unforced commands a log holds
     * @param durability   when an entry counts
     */
    record Setup(int nodes, IntFunction<RaftConfig> configOf, int maxCommandBytes, int controlFrame, int appendFrame,
                 int controlWindow, int appendWindow, long tickNs, long pendingBytes, Durability durability) {
    }

    /** What happens to the world, as far as the world asks or tells. */
    interface Story<R> {
        /** The process of this node has ended, whatever the reason. */
        default void onDown(SimNode<R> node) {
        }

        /** This node refused to start, since its disk is damaged. */
        default void onCorrupt(SimNode<R> node) {
        }

        /** This node was seen to lead a new term. */
        default void onElected(SimNode<R> node) {
        }

        /** This node appends an entry to its log, as leader or as follower. */
        default void onAppend(SimNode<R> node, LogEntry entry) {
        }

        /** A command with this digest was applied for the first time in the group. */
        default void onFirstApplied(SimNode<R> node, long index, long content) {
        }

        /** Whether a storage failure of this node is of our making. */
        default boolean mayFail(SimNode<R> node) {
            return node.disk().hasFailed();
        }

        /** Whether the process of this node may die now, where faults of its own draw that. */
        default boolean mayDie(SimNode<R> node) {
            return true;
        }

        /** Whether this node has a reason of our making to stop with these words. */
        default boolean mayStop(SimNode<R> node, RuntimeException words) {
            return false;
        }
    }

    private final Setup setup;
    private final IntFunction<? extends StateMachine<R>> machineOf;
    private final SplittableRandom random;
    private final RandomGenerator jitter;
    private final RandomGenerator offLoopJitter;
    private final Story<R> story;
    private final Schedule schedule = new Schedule();
    private final Transcript transcript;
    private final SimNetwork network;
    private final List<SimNode<R>> nodes = new ArrayList<>();
    private final ElectionSafety electionSafety = new ElectionSafety();
    private final LogMatching logMatching = new LogMatching();
    private final VoteSafety voteSafety = new VoteSafety();
    private final StateMachineSafety stateMachineSafety = new StateMachineSafety();
    private final CommittedLog committed;
    private final LeaderCompleteness leaderCompleteness;
    private final FrameView frame = new FrameView();
    private final SimTransfers transfers = new SimTransfers();
    private long fingerprint;
    private long snapshots;
    private Violation violation;

    SimWorld(Setup setup, Supplier<? extends StateMachine<R>> machine, SplittableRandom random, Faults faults,
             Transcript transcript, Story<R> story) {
        this(setup, node -> machine.get(), random, faults, transcript, story);
    }

    /** @param machineOf makes the state machine of a process that starts on this node */
    SimWorld(Setup setup, IntFunction<? extends StateMachine<R>> machineOf, SplittableRandom random, Faults faults,
             Transcript transcript, Story<R> story) {
        this.setup = setup;
        this.machineOf = machineOf;
        this.random = random;
        this.jitter = random.split();
        this.transcript = transcript;
        this.story = story;
        this.network = new SimNetwork(setup.nodes(),
            new int[] {setup.controlFrame(), setup.appendFrame(), setup.appendFrame()},
            new int[] {setup.controlWindow(), setup.appendWindow(), setup.appendWindow()}, schedule, random.split(),
            faults.network(), new Wire());
        final Disks disks = new Disks();
        final long clusterId = random.nextLong();
        for (int id = 0; id < setup.nodes(); id++) {
            final SimDisk disk = new SimDisk(id, clusterId, setup.maxCommandBytes(), setup.pendingBytes(), schedule,
                random.split(), faults.disk(), disks);
            disk.setSnapshotFaults(faults.snapshots());
            disk.format(setup.durability());
            nodes.add(new SimNode<>(this, id, disk, random.split()));
        }
        this.committed = new CommittedLog(nodes.stream().map(SimNode::disk).toList());
        this.leaderCompleteness = new LeaderCompleteness(committed);
        this.offLoopJitter = random.split();
    }

    /** Starts every node within this time. */
    void startWithin(long ns) {
        nodes.forEach(node -> schedule.after(jitter.nextLong(ns), node::start));
    }

    /** Lets everything happen that is due by then. */
    void runUntil(long time) {
        while (runNext(time)) {
            // one after the other
        }
    }

    /** Lets the next thing happen if it is due by then; otherwise moves time there and returns false. */
    boolean runNext(long time) {
        final boolean ran = schedule.runNext(time);
        if (violation != null) {
            throw violation;
        }
        return ran;
    }

    void setFaults(Faults faults) {
        network.setFaults(faults.network());
        nodes.forEach(node -> {
            node.disk().setFaults(faults.disk());
            node.disk().setSnapshotFaults(faults.snapshots());
        });
    }

    /** A violation as it was found, even if a node has swallowed it and broke of something else. */
    Throwable firstOf(Throwable broken) {
        return violation == null ? broken : violation;
    }

    // What nodes show of themselves, and which checks look at it.

    void onStatus(SimNode<R> node, int life, RaftStatus status) {
        guarded(() -> {
            onCommittedUpTo(node, status.commitIndex());
            if (status.role() == Role.LEADER) {
                onLeader(node, life, status.term());
            }
        });
    }

    /** A client was told that {@code index} is committed. */
    void onCommitted(SimNode<R> node, long index) {
        guarded(() -> onCommittedUpTo(node, index));
    }

    void beforeApply(SimNode<R> node, long lastApplied, long index, long term, long content) {
        guarded(() -> {
            stateMachineSafety.beforeApply(node.id(), log(node), lastApplied, index, term, content);
            onCommittedUpTo(node, index);
        });
    }

    void afterApply(SimNode<R> node, long index, long term, long content, long stateHash, R reply) {
        guarded(() -> {
            if (stateMachineSafety.afterApply(node.id(), index, term, content, stateHash, reply)) {
                story.onFirstApplied(node, index, content);
            }
        });
    }

    void afterRestore(SimNode<R> node, long index, long stateHash) {
        guarded(() -> stateMachineSafety.holdsState(node.id(), index, stateHash));
        note(node.id(), "restores the state after ", index);
    }

    private void onCommittedUpTo(SimNode<R> node, long index) {
        committed.onCommitted(node.id(), log(node), index, node.disk().currentTerm());
        leaderCompleteness.onCommitted();
    }

    private void onLeader(SimNode<R> node, int life, long term) {
        if (electionSafety.onLeader(node.id(), life, term)) {
            note(node.id(), "leads term ", term);
            leaderCompleteness.onElected(node.id(), term, log(node));
            story.onElected(node);
        }
    }

    private LogImage log(SimNode<R> node) {
        return node.disk().openLog().memory();
    }

    /** Checks run inside the node's own calls; should the node swallow a violation, it is thrown after the event. */
    private void guarded(Runnable check) {
        try {
            check.run();
        } catch (Violation broken) {
            if (violation == null) {
                violation = broken;
            }
            throw broken;
        }
    }

    /** Sees every frame as it leaves. */
    private final class Wire implements SimNetwork.Observer {
        @Override
        public void onSend(int from, int to, DirectBuffer buffer, int offset, int length) {
            final SimNode<R> sender = nodes.get(from);
            frame.wrap(buffer, offset);
            fingerprint = Mix.in(fingerprint, schedule.now() + Mix.bytes(buffer, offset, Math.min(length, 128)));
            if (transcript.isOn()) {
                note(from, "-> n" + to + " " + frame.describe());
            }
            guarded(() -> {
                if (frame.from() != from || frame.to() != to) {
                    throw new Violation("n" + from + " sends n" + to + " a frame from " + frame.from() + " to "
                        + frame.to());
                }
                if (frame.kind() == FrameView.Kind.INSTALL_SNAPSHOT) {
                    transfers.onSend(frame);
                }
                voteSafety.onSend(frame, sender.disk().currentTerm(), sender.disk().votedFor());
                sender.process().ifPresent(process -> process.progress().onSend(frame, log(sender)));
                if (frame.kind() == FrameView.Kind.APPEND_ENTRIES || frame.kind() == FrameView.Kind.APPEND_PART) {
                    onLeader(sender, sender.lives(), frame.term());
                }
            });
        }

        @Override
        public void onDeliver(int from, int to, byte[] bytes) {
            transcribe(to, "<- n" + from + " ", bytes);
        }

        @Override
        public void onLost(int from, int to, byte[] bytes) {
            transcribe(to, "lost from n" + from + " ", bytes);
        }

        private void transcribe(int node, String what, byte[] bytes) {
            if (transcript.isOn()) {
                frame.wrap(new UnsafeBuffer(bytes), 0);
                note(node, what + frame.describe());
            }
        }
    }

    /** Sees every append, truncation and vote as it is made. */
    private final class Disks implements SimDisk.Observer {
        @Override
        public void onAppend(int node, LogEntry entry) {
            note(node, "appends ", entry);
            guarded(() -> logMatching.onAppend(node, entry));
            story.onAppend(nodes.get(node), entry);
        }

        @Override
        public void onTruncate(int node, LogImage log, long index) {
            note(node, "truncates from ", index);
            final long term = nodes.get(node).disk().currentTerm();
            guarded(() -> leaderCompleteness.onTruncate(node, term, log, index));
        }

        @Override
        public LogEntry find(long index, long term) {
            return logMatching.find(index, term);
        }

        @Override
        public void onPersistVote(int node, long term, int votedFor, long newTerm, int newVotedFor) {
            if (transcript.isOn()) {
                note(node, "persists term " + newTerm + ", vote for " + newVotedFor);
            }
            guarded(() -> voteSafety.onPersist(node, term, votedFor, newTerm, newVotedFor));
        }

        @Override
        public void onSnapshot(int node, SnapshotStore.Snapshot snapshot) {
            note(node, "saves ", snapshot);
            snapshots++;
            guarded(() -> stateMachineSafety.holdsState(node, snapshot.index(), snapshot.stateHash()));
        }

        @Override
        public void onForced(int node, LogEntry last) {
            note(node, "forced up to ", last);
        }
    }

    // What the parts of the simulator need of each other.

    Setup setup() {
        return setup;
    }

    Schedule schedule() {
        return schedule;
    }

    SimNetwork network() {
        return network;
    }

    List<SimNode<R>> nodes() {
        return nodes;
    }

    CommittedLog committed() {
        return committed;
    }

    StateMachineSafety applied() {
        return stateMachineSafety;
    }

    /** How many snapshots were taken. */
    long snapshots() {
        return snapshots;
    }

    SimTransfers transfers() {
        return transfers;
    }

    /** How many leaders there were. */
    int elections() {
        return electionSafety.elections();
    }

    /** Of every frame sent and when: equal for equal runs. */
    long fingerprint() {
        return fingerprint;
    }

    StateMachine<R> newMachine(int node) {
        return machineOf.apply(node);
    }

    RandomGenerator newRandom() {
        return random.split();
    }

    long drawTick() {
        return setup.tickNs() / 2 + jitter.nextLong(setup.tickNs());
    }

    /** Mostly microseconds, as a loop that is awake or just parked. */
    long drawWake() {
        return 1 + jitter.nextLong(jitter.nextInt(16) == 0 ? 500_000 : 20_000);
    }

    /** How long a task beside the loop waits for this disk: a few forces, and now and then a stall. */
    long drawOffLoop(Faults.Disk disk) {
        final long usual = 1 + offLoopJitter.nextLong(4 * disk.maxForceNs());
        return offLoopJitter.nextDouble() < 4 * disk.stall() ? usual + offLoopJitter.nextLong(disk.maxStallNs())
            : usual;
    }

    Story<R> story() {
        return story;
    }

    void note(int node, String what) {
        transcript.line(schedule.now(), node, what);
    }

    /** As above; the words are made only when they are kept. */
    void note(int node, String what, Object of) {
        if (transcript.isOn()) {
            note(node, what + of);
        }
    }
}
