package io.balsa.benchmarks;

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
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Storage;

/** Nodes of one group in this JVM, over loopback and a scratch directory, with a state machine that keeps nothing. */
public final class Group implements AutoCloseable {
    private static final int FIRST_PORT = 19_000;

    private final Scratch scratch = new Scratch();
    private final List<RaftNode<Void>> nodes = new ArrayList<>();

    /** Starts {@code size} nodes, which have no leader yet. */
    public Group(int size) {
        final long clusterId = ThreadLocalRandom.current().nextLong();
        final SortedMap<Integer, Endpoint> members = new TreeMap<>();
        for (int id = 0; id < size; id++) {
            members.put(id, Endpoint.parse("127.0.0.1:" + (FIRST_PORT + 10 * id)));
        }
        for (int id = 0; id < size; id++) {
            final var dir = scratch.resolve("node" + id);
            MmapStorage.format(dir, new Storage.Identity(clusterId, id, id + 1, true));
            nodes.add(RaftNode.start(RaftConfig.of(id, members.keySet()), MmapStorage.open(dir, MmapConfig.defaults()),
                AeronTransport.open(AeronConfig.of(clusterId, id, members, dir)),
                (index, term, command, offset, length) -> null));
        }
    }

    /** Waits up to ten seconds for a leader. */
    public RaftNode<Void> awaitLeader() {
        final long deadline = System.nanoTime() + 10_000_000_000L;
        while (System.nanoTime() < deadline) {
            for (RaftNode<Void> node : nodes) {
                if (node.status().role() == Role.LEADER) {
                    return node;
                }
            }
            Thread.onSpinWait();
        }
        throw new IllegalStateException("no leader within 10 s");
    }

    @Override
    public void close() {
        nodes.forEach(RaftNode::close);
        scratch.close();
    }
}
