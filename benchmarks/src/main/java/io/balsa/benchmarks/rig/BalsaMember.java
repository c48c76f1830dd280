package io.balsa.benchmarks.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.ReadCompletion;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.Storage;

/** A node of Balsa with its shipped defaults: log on Chronicle Queue, Aeron UDP on loopback. */
final class BalsaMember implements Member {
    private static final long CLUSTER = 0x2161;

    private final RaftNode<Long> node;
    private final Call[] calls = new Call[Caller.MOST_OUTSTANDING];

    BalsaMember(int id, Setting setting, Answers answers) {
        final SortedMap<Integer, Endpoint> members = new TreeMap<>();
        for (int member = 0; member < Subject.NODES; member++) {
            members.put(member, Endpoint.parse("127.0.0.1:" + Ports.of(member, 0)));
        }
        for (int slot = 0; slot < calls.length; slot++) {
            calls[slot] = new Call(slot, answers);
        }
        final Path home = setting.home(id);
        if (!Files.exists(home)) {
            MmapStorage.format(home, new Storage.Identity(CLUSTER, id, id + 1, true)
                .with(setting.forced() ? Durability.FORCED : Durability.MEMORY_QUORUM));
        }
        final RaftConfig defaults = RaftConfig.of(id, members.keySet());
        final SmallMap map = new SmallMap();
        node = RaftNode.start(
            setting.shortTimeouts() ? defaults.withTimeouts(Duration.ofMillis(150), Duration.ofMillis(50)) : defaults,
            MmapStorage.open(home, MmapConfig.defaults()),
            AeronTransport.open(AeronConfig.of(CLUSTER, id, members, home).withDirectoryBase(setting.memory())),
            (index, term, command, offset, length) -> map.put(command, offset, length));
    }

    @Override
    public boolean leads() {
        return node.status().role() == Role.LEADER;
    }

    @Override
    public boolean propose(int slot, Command command) {
        return taken(node.offer(command.buffer(), 0, command.bytes().length, calls[slot]));
    }

    @Override
    public boolean read(int slot) {
        return taken(node.offerRead(calls[slot]));
    }

    private static boolean taken(int answer) {
        if (answer != RaftNode.ACCEPTED && answer != RaftNode.OVERLOADED) {
            throw new IllegalStateException("Balsa refused an operation: " + answer);
        }
        return answer == RaftNode.ACCEPTED;
    }

    @Override
    public void restartStages() {
        node.restartStages();
    }

    @Override
    public List<RaftStatus.Stage> stages() {
        return node.status().stages();
    }

    @Override
    public void close() {
        final long term = node.status().term();
        if (term > 1) { // nobody was to be deposed here
            System.err.println("Balsa: ended in term " + term);
        }
        node.close();
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
