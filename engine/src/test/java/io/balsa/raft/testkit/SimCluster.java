package io.balsa.raft.testkit;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.core.Role;
import io.balsa.raft.testkit.checks.CommittedLog;
import io.balsa.raft.testkit.checks.Violation;

/**
 * A group of real nodes in one thread, driven by one seed. First the world is bad and every safety property is checked
 * as things happen; then it is healthy, and the group must recover in bounded virtual time and agree on everything.
 */
public final class SimCluster<R> implements SimWorld.Story<R> {
    /** From the last fault to a new command applied everywhere, in election timeouts. */
    private static final int RECOVERY_TIMEOUTS = 60;

    private final Simulation<R> simulation;
    private final Plan plan;
    private final Transcript transcript;
    private final SimWorld<R> world;
    private final Schedule schedule;
    private final List<SimNode<R>> nodes;
    private final CommittedLog committed;
    private final Nemesis<R> nemesis;
    private final SimClients<R> clients;

    SimCluster(Simulation<R> simulation, long seed, boolean transcribed) {
        this.simulation = simulation;
        final SplittableRandom random = new SplittableRandom(seed);
        this.plan = Plan.draw(seed, random.split(), simulation.groupSizes(), simulation.durability());
        this.transcript = new Transcript(transcribed);
        this.world = new SimWorld<>(plan.setup(), simulation.machine(), random, plan.faults(), transcript, this);
        this.schedule = world.schedule();
        this.nodes = world.nodes();
        this.committed = world.committed();
        this.clients = new SimClients<>(this, simulation.commands(), random.split());
        this.nemesis = new Nemesis<>(this, random.split(), plan.faults().strikes());
    }

    /** Plays the seed. */
    SimReport run() {
        try {
            transcript.line(0, 0, plan.toString());
            world.startWithin(plan.timeoutNs());
            clients.start();
            nemesis.start();
            world.runUntil(plan.chaosNs());
            final long recovery = recover();
            return report(recovery);
        } catch (Violation | IllegalStateException | IndexOutOfBoundsException | NullPointerException broken) {
            final String when = " [seed " + plan.seed() + ", event " + schedule.executed() + ", "
                + schedule.now() / 1_000_000 + " ms]; replay: " + simulation.replay().apply(plan.seed());
            throw new Violation(world.firstOf(broken).getMessage() + when, broken);
        }
    }

    /** Faults end. A leader must be elected, commit a new command, and all must agree. */
    private long recover() {
        world.note(0, "the world is healthy from here on");
        clients.stop();
        final long start = schedule.now();
        world.setFaults(Faults.none());
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
            world.runUntil(schedule.now() + plan.timeoutNs() / 4);
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
                || !node.disk().durablyHolds(last) || node.disk().awaitsReadmission()) {
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
            world.elections(), nemesis.struck(), world.network().sent(), world.network().lost(), committed.lastIndex(),
            clients.acknowledged(), clients.rejected(), clients.indeterminate(), clients.readable(),
            clients.readsRefused(), world.snapshots(),
            nodes.stream().mapToLong(node -> node.disk().snapshots().installed()).sum(), world.transfers().goneOn(),
            world.transfers().handedOver(), nodes.stream().mapToLong(node -> node.disk().snapshots().cutShort()).sum(),
            world.fingerprint());
    }

    @Override
    public void onDown(SimNode<R> node) {
        nemesis.onDown(node);
    }

    @Override
    public void onCorrupt(SimNode<R> node) {
        nemesis.onCorrupt(node);
    }

    @Override
    public void onElected(SimNode<R> node) {
        nemesis.onElected(node);
    }

    @Override
    public void onFirstApplied(SimNode<R> node, long index, long content) {
        clients.onFirstApplied(node.id(), content);
    }

    @Override
    public boolean mayDie(SimNode<R> node) {
        return nemesis.mayDie(node);
    }

    @Override
    public boolean mayFail(SimNode<R> node) {
        return !nemesis.isCalm() || node.disk().hasFailed();
    }

    Plan plan() {
        return plan;
    }

    SimWorld<R> world() {
        return world;
    }

    Transcript transcript() {
        return transcript;
    }

    /** A node: the leader with this chance, if there is one, otherwise any. */
    SimNode<R> draw(RandomGenerator source, double leaderChance) {
        final SimNode<R> any = nodes.get(source.nextInt(nodes.size()));
        return source.nextDouble() < leaderChance
            ? nodes.stream().filter(SimNode::leads).findFirst().orElse(any) : any;
    }
}
