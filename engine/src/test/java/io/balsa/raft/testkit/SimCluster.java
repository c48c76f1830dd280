package io.balsa.raft.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.core.Role;
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
 * A group of real nodes in one thread, driven by one seed. First the world is bad and every safety property is checked
 * as things happen; then it is healthy, and the group must recover in bounded virtual time and agree on everything.
 */
public final class SimCluster<R> {
    /** From the last fault to a new command applied everywhere, in election timeouts. */
    private static final int RECOVERY_TIMEOUTS = 60;

    private final Simulation<R> simulation;
    private final Plan plan;
    private final SplittableRandom random;
    private final RandomGenerator jitter;
    private final Schedule schedule = new Schedule();
    private final Transcript transcript;
    private final SimNetwork network;
    private final List<SimNode<R>> nodes = new ArrayList<>();
    private final Nemesis<R> nemesis;
    private final SimClients<R> clients;
    private final ElectionSafety electionSafety = new ElectionSafety();
    private final LogMatching logMatching = new LogMatching();
    private final VoteSafety voteSafety = new VoteSafety();
    private final StateMachineSafety stateMachineSafety = new StateMachineSafety();
    private final CommittedLog committed;
    private final LeaderCompleteness leaderCompleteness;
    private final FrameView frame = new FrameView();
    private long fingerprint;
    private Violation violation;

    SimCluster(Simulation<R> simulation, long seed, boolean transcribed) {
        this.simulation = simulation;
        this.random = new SplittableRandom(seed);
        this.plan = Plan.draw(seed, random.split(), simulation.groupSizes());
        this.jitter = random.split();
        this.transcript = new Transcript(transcribed);
        this.network = new SimNetwork(plan.members().size(), new int[] {plan.controlFrame(), plan.appendFrame()},
            new int[] {plan.controlWindow(), plan.appendWindow()}, schedule, random.split(),
            plan.faults().network(), new Wire());
        final Disks disks = new Disks();
        final long clusterId = random.nextLong();
        for (final int id : plan.members()) {
            final SimDisk disk = new SimDisk(id, clusterId, plan.maxCommandBytes(), plan.pendingBytes(), schedule,
                random.split(), plan.faults().disk(), disks);
            nodes.add(new SimNode<>(this, id, disk, random.split()));
        }
        this.committed = new CommittedLog(nodes.stream().map(SimNode::disk).toList());
        this.leaderCompleteness = new LeaderCompleteness(committed);
        this.clients = new SimClients<>(this, simulation.commands(), random.split(), committed, stateMachineSafety);
        this.nemesis = new Nemesis<>(this, random.split(), plan.faults().strikes());
    }

    /** Plays the seed. */
    SimReport run() {
        try {
            transcript.line(0, 0, plan.toString());
            nodes.forEach(node -> schedule.after(jitter.nextLong(plan.timeoutNs()), node::start));
            clients.start();
            nemesis.start();
            runUntil(plan.chaosNs());
            final long recovery = recover();
            return report(recovery);
        } catch (Violation | IllegalStateException | IndexOutOfBoundsException | NullPointerException broken) {
            final String when = " [seed " + plan.seed() + ", event " + schedule.executed() + ", "
                + schedule.now() / 1_000_000 + " ms]; replay: " + simulation.replay().apply(plan.seed());
            throw new Violation((violation == null ? broken : violation).getMessage() + when, broken);
        }
    }

    private void runUntil(long time) {
        while (schedule.runNext(time)) {
            if (violation != null) {
                throw violation;
            }
        }
    }

    /** Faults end. A leader must be elected, commit a new command, and all must agree. */
    private long recover() {
        note(0, "the world is healthy from here on");
        clients.stop();
        final long start = schedule.now();
        final Faults healthy = Faults.none();
        network.setFaults(healthy.network());
        nodes.forEach(node -> node.disk().setFaults(healthy.disk()));
        nemesis.calm();
        final long before = committed.lastIndex();
        final long acknowledgedBefore = clients.acknowledged();
        while (!hasRecovered(before, acknowledgedBefore)) {
            if (schedule.now() - start > RECOVERY_TIMEOUTS * plan.timeoutNs()) {
                throw new Violation("Liveness: " + RECOVERY_TIMEOUTS + " election timeouts after the last fault "
                    + describeNodes());
            }
            if (clients.acknowledged() == acknowledgedBefore) {
                nodes.stream().filter(SimNode::leads).forEach(clients::propose);
            }
            runUntil(schedule.now() + plan.timeoutNs() / 4);
        }
        final LogImage log = nodes.get(0).disk().openLog().memory();
        nodes.forEach(node -> clients.requireAllKept(node, node.disk().openLog().memory()));
        if (log.lastIndex() != committed.lastIndex() || !log.holds(committed.get(log.lastIndex()))) {
            throw new Violation("the final log is not what was committed");
        }
        return schedule.now() - start;
    }

    private boolean hasRecovered(long before, long acknowledgedBefore) {
        if (committed.lastIndex() <= before || clients.acknowledged() == acknowledgedBefore) {
            return false;
        }
        final LogEntry last = committed.get(committed.lastIndex());
        for (final SimNode<R> node : nodes) {
            final RaftStatus status = node.process().map(process -> process.agent().status()).orElse(null);
            if (status == null || status.appliedIndex() != last.index() || status.lastIndex() != last.index()
                || !node.disk().durablyHolds(last)) {
                return false;
            }
        }
        final long distinct = nodes.stream().map(node -> node.process().orElseThrow().stateHash()).distinct().count();
        if (distinct != 1) {
            throw new Violation("state hashes differ at index " + last.index() + ": " + describeNodes());
        }
        return true;
    }

    private String describeNodes() {
        final StringBuilder words = new StringBuilder("(committed " + committed.lastIndex() + ")");
        for (final SimNode<R> node : nodes) {
            words.append("; n").append(node.id()).append(": ")
                .append(node.process().map(process -> describe(process.agent().status())).orElse("down"));
        }
        return words.toString();
    }

    private static String describe(RaftStatus status) {
        final StringBuilder words = new StringBuilder();
        words.append(status.role()).append(" term ").append(status.term()).append(" last ").append(status.lastIndex())
            .append(" durable ").append(status.durableIndex()).append(" commit ").append(status.commitIndex())
            .append(" applied ").append(status.appliedIndex());
        if (status.role() == Role.LEADER) {
            for (final RaftStatus.Peer peer : status.peers()) {
                words.append(" n").append(peer.nodeId()).append("=").append(peer.matchIndex()).append("..")
                    .append(peer.nextIndex()).append(peer.streaming() ? " streaming" : " probing");
            }
        }
        return words.toString();
    }

    private SimReport report(long recoveryNs) {
        return new SimReport(plan.seed(), nodes.size(), schedule.executed(), schedule.now(), recoveryNs,
            electionSafety.elections(), nemesis.struck(), network.sent(), network.lost(), committed.lastIndex(),
            clients.acknowledged(), clients.rejected(), clients.indeterminate(), clients.readable(),
            clients.readsRefused(), fingerprint);
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
                clients.onFirstApplied(node.id(), content);
            }
        });
    }

    private void onCommittedUpTo(SimNode<R> node, long index) {
        committed.onCommitted(node.id(), log(node), index, node.disk().currentTerm());
        leaderCompleteness.onCommitted();
    }

    private void onLeader(SimNode<R> node, int life, long term) {
        if (electionSafety.onLeader(node.id(), life, term)) {
            note(node.id(), "leads term ", term);
            leaderCompleteness.onElected(node.id(), term, log(node));
            nemesis.onElected(node);
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
        }

        @Override
        public void onTruncate(int node, LogImage log, long index) {
            note(node, "truncates from ", index);
            final long term = nodes.get(node).disk().currentTerm();
            guarded(() -> leaderCompleteness.onTruncate(node, term, log, index));
        }

        @Override
        public void onPersistVote(int node, long term, int votedFor, long newTerm, int newVotedFor) {
            if (transcript.isOn()) {
                note(node, "persists term " + newTerm + ", vote for " + newVotedFor);
            }
            guarded(() -> voteSafety.onPersist(node, term, votedFor, newTerm, newVotedFor));
        }

        @Override
        public void onForced(int node, LogEntry last) {
            note(node, "forced up to ", last);
        }
    }

    // What the parts of the simulator need of each other.

    Plan plan() {
        return plan;
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

    Transcript transcript() {
        return transcript;
    }

    StateMachine<R> newMachine() {
        return simulation.machine().get();
    }

    RandomGenerator newRandom() {
        return random.split();
    }

    /** A node: the leader with this chance, if there is one, otherwise any. */
    SimNode<R> draw(RandomGenerator source, double leaderChance) {
        final SimNode<R> any = nodes.get(source.nextInt(nodes.size()));
        return source.nextDouble() < leaderChance
            ? nodes.stream().filter(SimNode::leads).findFirst().orElse(any) : any;
    }

    long drawTick() {
        return plan.tickNs() / 2 + jitter.nextLong(plan.tickNs());
    }

    /** Mostly microseconds, as a loop that is awake or just parked. */
    long drawWake() {
        return 1 + jitter.nextLong(jitter.nextInt(16) == 0 ? 500_000 : 20_000);
    }

    void onDown(SimNode<R> node) {
        nemesis.onDown(node);
    }

    /** Whether a storage failure is of our making. */
    boolean mayFail(SimNode<R> node) {
        return !nemesis.isCalm() || node.disk().hasFailed();
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
