package io.balsa.mapreduce.coordinator;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;

/** The Raft node under a coordinator, made as its options say. */
final class CoordinatorParts {
    /** The least a log takes: what stands in it is names and numbers. */
    private static final int SEGMENT = 16 << 20;
    private static final long SNAPSHOT_EVERY = 16 << 20;
    private static final long KEEP_LOG = 4 << 20;
    /** Of workers' leases it is little; and processors that tasks keep busy make nobody change leaders. */
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT = Duration.ofMillis(200);

    private CoordinatorParts() {
    }

    static RaftNode<Answer> startRaft(CoordinatorNode.Options options, StateMachine<Answer> machine) {
        final MmapStorage storage = openStorage(options);
        return RaftNode.start(raftConfig(options), storage, openTransport(options, storage), machine);
    }

    private static MmapStorage openStorage(CoordinatorNode.Options options) {
        final Path dir = options.dir();
        if (MmapStorage.isEmpty(dir)) {
            MmapStorage.format(dir, new Storage.Identity(clusterId(options.members()), options.id(),
                new SecureRandom().nextLong(), options.bootstrap()));
        }
        final MmapStorage storage = MmapStorage.open(dir, new MmapConfig(SEGMENT, MmapConfig.defaults().tailBytes()));
        final Storage.Identity identity = storage.identity();
        if (identity.nodeId() != options.id() || identity.clusterId() != clusterId(options.members())) {
            storage.close();
            throw new RaftException("directory " + dir + " belongs to coordinator " + identity.nodeId()
                + " of a group with other members or addresses; give each group and coordinator its own directory");
        }
        return storage;
    }

    /** Closes the storage when it fails. */
    private static AeronTransport openTransport(CoordinatorNode.Options options, MmapStorage storage) {
        try {
            final SortedMap<Integer, Endpoint> members = new TreeMap<>();
            options.members().forEach((id, address) -> members.put(id, Endpoint.parse(address)));
            return AeronTransport.open(
                AeronConfig.of(storage.identity().clusterId(), options.id(), members, options.dir()));
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
    }

    /** The members' status tells clients where they are asked, so each advertises its link. */
    private static RaftConfig raftConfig(CoordinatorNode.Options options) {
        return RaftConfig.of(options.id(), options.members().keySet())
            .withTimeouts(ELECTION_TIMEOUT, HEARTBEAT)
            .withThrift(true)
            .withSnapshots(SNAPSHOT_EVERY, KEEP_LOG)
            .withAdvertise(options.link());
    }

    /** Groups differ in a member, or in where one is, and so in this. */
    private static long clusterId(SortedMap<Integer, String> members) {
        return Mix.of(("mapreduce" + members).getBytes(StandardCharsets.UTF_8));
    }
}
