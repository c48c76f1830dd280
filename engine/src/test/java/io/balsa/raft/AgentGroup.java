package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.SimSnapshots;
import org.agrona.concurrent.UnsafeBuffer;

/** Whole nodes without threads, on in-memory ports: they take turns, and a turn takes 100 us of virtual time. */
final class AgentGroup {
    static final int MAX_FRAME = 8 << 10;
    private static final long CYCLE_NS = 100_000;

    final Loopback network;
    final List<RingLog> logs = new ArrayList<>();
    final List<RaftAgent<Long>> agents = new ArrayList<>();
    private final List<MemoryStorage> storages = new ArrayList<>();
    private final List<HeldTasks> offLoop = new ArrayList<>();
    private final UnaryOperator<RaftConfig> change;
    private final long[] applyNs;
    private final long[] applyTakesNs;
    private final TreeSet<Integer> members;
    private final int maxCommandBytes;
    private final int windowBytes;
    private final long[] nowNs;
    private final boolean[] stopped;
    private boolean nodesMayStop;

    /** @param stateMachine for all nodes; its result goes to the completion */
    AgentGroup(int nodes, int logEntries, int maxCommandBytes, int windowBytes, StateMachine<Long> stateMachine) {
        this(nodes, logEntries, maxCommandBytes, windowBytes, id -> stateMachine);
    }

    /** @param stateMachines for each node by its id; their results go to the completion */
    AgentGroup(int nodes, int logEntries, int maxCommandBytes, int windowBytes,
               IntFunction<? extends StateMachine<Long>> stateMachines) {
        this(nodes, logEntries, maxCommandBytes, windowBytes, stateMachines, config -> config);
    }

    /** @param change of what is configured otherwise */
    AgentGroup(int nodes, int logEntries, int maxCommandBytes, int windowBytes,
               IntFunction<? extends StateMachine<Long>> stateMachines, UnaryOperator<RaftConfig> change) {
        this.change = change;
        applyNs = new long[nodes];
        applyTakesNs = new long[nodes];
        network = new Loopback(nodes, MAX_FRAME);
        this.maxCommandBytes = maxCommandBytes;
        this.windowBytes = windowBytes;
        nowNs = new long[nodes];
        stopped = new boolean[nodes];
        members = new TreeSet<>(IntStream.rangeClosed(1, nodes).boxed().toList());
        for (int id = 1; id <= nodes; id++) {
            logs.add(new RingLog(logEntries, maxCommandBytes));
            storages.add(new MemoryStorage(id, logs.getLast()));
            offLoop.add(new HeldTasks());
            agents.add(newAgent(id, stateMachines.apply(id)));
        }
    }

    private RaftAgent<Long> newAgent(int id, StateMachine<Long> stateMachine) {
        return new RaftAgent<>(change.apply(RaftConfig.of(id, members).withLimits(maxCommandBytes, windowBytes, 4 << 20,
            1024)), storages.get(id - 1), network.port(id), stateMachine, offLoop(id),
            new SplittableRandom(id), nowNs[id - 1], () -> applyNs[id - 1] += applyTakesNs[id - 1]);
    }

    /** From now on each cycle of this node has time for one command only. */
    void appliesOneInACycle(int id) {
        applyTakesNs[id - 1] = 1_000_000_000;
    }

    /** What node {@code id} does beside its loop. */
    HeldTasks offLoop(int id) {
        return offLoop.get(id - 1);
    }

    SimSnapshots snapshots(int id) {
        return storages.get(id - 1).snapshots;
    }

    /** From now on, what a node throws stops that node, as it would with a thread of its own. */
    void nodesMayStop() {
        nodesMayStop = true;
    }

    /** Why node {@code id} stopped by itself, or nothing. */
    String failureOf(int id) {
        return agent(id).status().failure().orElse("");
    }

    /** Node {@code id} starts again on its log. */
    void restarts(int id, StateMachine<Long> stateMachine) {
        agent(id).close();
        offLoop(id).forget();
        storages.get(id - 1).snapshots.endsProcess();
        storages.set(id - 1, storages.get(id - 1).reopened());
        agents.set(id - 1, newAgent(id, stateMachine));
        stopped[id - 1] = false;
    }

    void cycle() {
        for (int id = 1; id <= agents.size(); id++) {
            nowNs[id - 1] += CYCLE_NS;
            work(id);
        }
    }

    private void work(int id) {
        if (stopped[id - 1]) {
            return;
        }
        try {
            agent(id).doWork(nowNs[id - 1]);
        } catch (RaftException e) {
            if (!nodesMayStop) {
                throw e;
            }
            stopped[id - 1] = true;
            agent(id).fail(e.getMessage());
        }
    }

    void runsUntil(BooleanSupplier happened, String what) {
        for (int cycles = 0; !happened.getAsBoolean(); cycles++) {
            assertTrue(cycles < 200_000, "not within 20 s of virtual time: " + what);
            cycle();
        }
    }

    void runsFor(long millis) {
        for (long cycles = millis * 1_000_000 / CYCLE_NS; cycles > 0; cycles--) {
            cycle();
        }
    }

    RaftAgent<Long> agent(int id) {
        return agents.get(id - 1);
    }

    RingLog log(int id) {
        return logs.get(id - 1);
    }

    /** Node {@code id} is elected and has committed all of its log: the others' clocks stand still until it leads. */
    RaftAgent<Long> elect(int id) {
        for (int a = 1; a <= agents.size(); a++) {
            for (int b = a + 1; b <= agents.size(); b++) {
                network.cut(a, b);
            }
        }
        runsFor(700); // whoever led has given up, nobody hears a leader
        network.heal();
        for (int cycles = 0; agent(id).status().role() != Role.LEADER; cycles++) {
            assertTrue(cycles < 200_000, "node " + id + " is not elected");
            for (int other = 1; other <= agents.size(); other++) {
                nowNs[other - 1] += other == id ? CYCLE_NS : 0;
                work(other);
            }
        }
        runsUntil(() -> agent(id).status().commitIndex() == agent(id).status().lastIndex(), "its no-op is committed");
        return agent(id);
    }

    /** Node 3 lets node 1 know of a newer term, by a vote it denies. */
    void tellsNode1OfTerm(long term) {
        final Links links = new Links(new int[] {1}, bootOf(3), 1, 0);
        links.onHello(0, bootOf(1), Links.UNKNOWN, 1, Links.NO_CLAIM, Links.NO_CLAIM, "");
        new Outbox(network.port(3), log(3), links, new StateChecks(3, new int[] {1}, 0), MemoryStorage.CLUSTER, 3,
            bootOf(3), 1, true, "").vote(0, term, false, false);
        cycle();
    }

    private static long bootOf(int id) {
        return new MemoryStorage(id, new RingLog(1, 1)).boot();
    }

    /** Offers commands of {@code bytes} bytes; what becomes of them is counted. */
    static Answers offer(RaftAgent<Long> agent, int commands, int bytes) {
        final Answers answers = new Answers();
        final UnsafeBuffer command = new UnsafeBuffer(new byte[bytes]);
        for (int i = 0; i < commands; i++) {
            assertEquals(RaftNode.ACCEPTED, agent.offer(command, 0, bytes, answers));
        }
        return answers;
    }

    /** Counts answers. */
    static final class Answers implements Completion<Long> {
        int committed;
        int rejected;
        int indeterminate;
        Outcome.Reason lastReason;

        @Override
        public void onCommitted(long index, Long reply) {
            committed++;
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            rejected++;
            lastReason = reason;
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            indeterminate++;
        }
    }
}
