package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import org.agrona.concurrent.UnsafeBuffer;

/** Nodes 1 to n with their real threads, on in-memory ports. A command is a number. */
final class NodeGroup implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);
    private static final int MAX_FRAME = 8 << 10;

    final Loopback network;
    final List<Recorder> machines = new ArrayList<>();
    private final TreeSet<Integer> members;
    private final Duration electionTimeout;
    private final Duration heartbeat;
    private final List<MemoryStorage> storages = new ArrayList<>();
    private final List<RaftNode<Integer>> nodes = new ArrayList<>();

    NodeGroup(int size, Duration electionTimeout, Duration heartbeat) {
        network = new Loopback(size, MAX_FRAME);
        members = new TreeSet<>(IntStream.rangeClosed(1, size).boxed().toList());
        this.electionTimeout = electionTimeout;
        this.heartbeat = heartbeat;
        for (final int id : members) {
            storages.add(new MemoryStorage(id, new RingLog(1 << 14, 64)));
            machines.add(new Recorder());
            nodes.add(startNode(id));
        }
    }

    private RaftNode<Integer> startNode(int id) {
        return RaftNode.start(RaftConfig.of(id, members).withTimeouts(electionTimeout, heartbeat)
            .withLimits(64, 1 << 20, 1 << 20, 4096), storages.get(id - 1), network.port(id), machine(id));
    }

    RaftNode<Integer> node(int id) {
        return nodes.get(id - 1);
    }

    Recorder machine(int id) {
        return machines.get(id - 1);
    }

    MemoryStorage storage(int id) {
        return storages.get(id - 1);
    }

    /** Node {@code id} starts again on its log, with an empty state machine that does as it should. */
    void restarts(int id) {
        node(id).close();
        storages.set(id - 1, storage(id).reopened());
        machines.set(id - 1, new Recorder());
        nodes.set(id - 1, startNode(id));
    }

    /** The leader, once all of {@code ids} follow one of them. */
    int leaderAmong(Integer... ids) {
        final int[] leader = {0};
        until(() -> {
            final RaftStatus first = node(ids[0]).status();
            leader[0] = first.leaderId();
            return List.of(ids).contains(leader[0]) && node(leader[0]).status().role() == Role.LEADER
                && List.of(ids).stream().map(id -> node(id).status()).allMatch(
                    status -> status.leaderId() == leader[0] && status.term() == first.term());
        }, "one of " + List.of(ids) + " leads the others");
        return leader[0];
    }

    int leader() {
        return leaderAmong(members.toArray(Integer[]::new));
    }

    void until(BooleanSupplier happened, String what) {
        final long deadlineNs = System.nanoTime() + LONG.toNanos();
        while (!happened.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> "not within 20 s: " + what + "; "
                + nodes.stream().map(node -> node.status().toString()).toList());
            Thread.onSpinWait();
        }
    }

    /** Waits until the leader has spoken this often to each other node and heard from it as often. */
    void heartbeatsPass(int leader, int count) {
        final List<BooleanSupplier> answered = new ArrayList<>();
        for (final int other : members) {
            if (other != leader) {
                final long wanted = frames(leader, other) + count;
                final long wantedBack = frames(other, leader) + count;
                answered.add(() -> frames(leader, other) >= wanted && frames(other, leader) >= wantedBack);
            }
        }
        until(() -> answered.stream().allMatch(BooleanSupplier::getAsBoolean),
            count + " heartbeats of node " + leader + " are answered");
    }

    private long frames(int from, int to) {
        return network.port(from).controlFrames.get(to - 1);
    }

    static UnsafeBuffer command(int number) {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[Integer.BYTES]);
        command.putInt(0, number);
        return command;
    }

    Outcome<Integer> propose(int id, int number) {
        return node(id).propose(command(number), 0, Integer.BYTES, LONG);
    }

    /** Offers the numbers {@code from} (inclusive) to {@code to} (exclusive). */
    Answers offer(int id, int from, int to) {
        final Answers answers = new Answers();
        for (int number = from; number < to; number++) {
            assertEquals(RaftNode.ACCEPTED, node(id).offer(command(number), 0, Integer.BYTES, answers));
        }
        return answers;
    }

    void allApplied(int commands, Integer... ids) {
        for (final int id : ids) {
            until(() -> machine(id).size() == commands, "node " + id + " has applied " + commands + " commands");
        }
    }

    /** Ends all nodes: each has applied 0, 1, 2, ... up to this number, in order and once. */
    void endsWith(int commands) {
        close();
        final List<Integer> wanted = IntStream.range(0, commands).boxed().toList();
        for (final int id : members) {
            assertEquals(wanted, machine(id).applied(), "node " + id);
        }
    }

    @Override
    public void close() {
        machines.forEach(Recorder::release);
        nodes.forEach(RaftNode::close);
    }
}
