package io.balsa.benchmarks.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Storage;

/** Balsa with its shipped defaults: log on Chronicle Queue, Aeron UDP on loopback, the caller beside the leader. */
final class BalsaInJvm implements Subject {
    private final Path dir;
    private final List<RaftNode<Long>> nodes = new ArrayList<>();
    private final Call[] calls = new Call[Caller.MOST_OUTSTANDING];
    private RaftNode<Long> leader;

    BalsaInJvm(Path dir) {
        this.dir = dir;
    }

    @Override
    public void start(Answers answers) throws InterruptedException {
        final long clusterId = ThreadLocalRandom.current().nextLong();
        final SortedMap<Integer, Endpoint> members = new TreeMap<>();
        for (int id = 0; id < NODES; id++) {
            members.put(id, Endpoint.parse("127.0.0.1:" + (Ports.FIRST + 10 * id)));
        }
        for (int id = 0; id < NODES; id++) {
            final Path home = dir.resolve("node" + id);
            MmapStorage.format(home, new Storage.Identity(clusterId, id, id + 1, true));
            final SmallMap map = new SmallMap();
            nodes.add(RaftNode.start(RaftConfig.of(id, members.keySet()), MmapStorage.open(home, MmapConfig.defaults()),
                AeronTransport.open(AeronConfig.of(clusterId, id, members, home)),
                (index, term, command, offset, length) -> map.put(command, offset, length)));
        }
        for (int slot = 0; slot < calls.length; slot++) {
            calls[slot] = new Call(slot, answers);
        }
        leader = Await.first(nodes, node -> node.status().role() == Role.LEADER, "a leader");
    }

    @Override
    public boolean propose(int slot, Command command) {
        return taken(leader.offer(command.buffer(), 0, command.bytes().length, calls[slot]));
    }

    @Override
    public boolean read(int slot) {
        return taken(leader.offerRead(calls[slot]));
    }

    private static boolean taken(int answer) {
        if (answer != RaftNode.ACCEPTED && answer != RaftNode.OVERLOADED) {
            throw new IllegalStateException("Balsa refused an operation: " + answer);
        }
        return answer == RaftNode.ACCEPTED;
    }

    @Override
    public void close() {
        nodes.forEach(RaftNode::close);
    }

    /** One for each slot, so that nothing is allocated for an operation. */
    private record Call(int slot, Answers answers) implements Completion<Long>, ReadCompletion {
        @Override
        public void onCommitted(long index, Long reply) {
            answers.done(slot);
        }

        @Override
        public void onReadable(long readIndex) {
            answers.done(slot);
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            answers.failed(slot, "rejected: " + reason);
        }

        @Override
        public void onNotReadable(Outcome.Reason reason, int leaderHint) {
            answers.failed(slot, "not readable: " + reason);
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            answers.failed(slot, "indeterminate: " + cause);
        }
    }
}
