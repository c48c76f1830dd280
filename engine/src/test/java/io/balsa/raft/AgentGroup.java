package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.StateMachine;
import org.agrona.concurrent.UnsafeBuffer;

/** Whole nodes without threads, on in-memory ports: they take turns, and a turn takes 100 us of virtual time. */
final class AgentGroup {
    static final int MAX_FRAME = 8 << 10;
    private static final long CYCLE_NS = 100_000;

    final Loopback network;
    final List<RingLog> logs = new ArrayList<>();
    final List<RaftAgent<Long>> agents = new ArrayList<>();
    private final long[] nowNs;

    /** @param stateMachine for each node; its result goes to the completion */
    AgentGroup(int nodes, int logEntries, int maxCommandBytes, int windowBytes, StateMachine<Long> stateMachine) {
        network = new Loopback(nodes, MAX_FRAME);
        nowNs = new long[nodes];
        final TreeSet<Integer> members = new TreeSet<>(IntStream.rangeClosed(1, nodes).boxed().toList());
        for (int id = 1; id <= nodes; id++) {
            logs.add(new RingLog(logEntries, maxCommandBytes));
            agents.add(new RaftAgent<>(RaftConfig.of(id, members)
                .withLimits(maxCommandBytes, windowBytes, 4 << 20, 1024),
                new MemoryStorage(id, logs.getLast()), network.port(id), stateMachine, new SplittableRandom(id), 0));
        }
    }

    void cycle() {
        for (int id = 1; id <= agents.size(); id++) {
            nowNs[id - 1] += CYCLE_NS;
            agent(id).doWork(nowNs[id - 1]);
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
                agent(other).doWork(nowNs[other - 1]);
            }
        }
        runsUntil(() -> agent(id).status().commitIndex() == agent(id).status().lastIndex(), "its no-op is committed");
        return agent(id);
    }

    /** Node 3 lets node 1 know of a newer term, by a vote it denies. */
    void tellsNode1OfTerm(long term) {
        final Links links = new Links(new int[] {1}, bootOf(3), 1, 0);
        links.onHello(0, bootOf(1), Links.UNKNOWN, 1, "");
        new Outbox(network.port(3), log(3), links, MemoryStorage.CLUSTER, 3, bootOf(3), 1, true, "")
            .vote(0, term, false, false);
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

        @Override
        public void onCommitted(long index, Long reply) {
            committed++;
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            rejected++;
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            indeterminate++;
        }
    }
}
