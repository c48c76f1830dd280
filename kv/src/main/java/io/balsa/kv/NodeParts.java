package io.balsa.kv;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage;

/** What a node is assembled from, made as its options say. */
final class NodeParts {
    private NodeParts() {
    }

    /** Opens the node's directory; empties or formats it first where that is asked for, and says what that means. */
    static MmapStorage openStorage(KvNode.Options options, MmapConfig config, List<String> notices) {
        final Path dir = options.dir();
        requireDurability(options);
        if (options.rebuild()) {
            prepareRebuild(options, notices);
        } else if (MmapStorage.isEmpty(dir)) {
            MmapStorage.format(dir, new Storage.Identity(clusterId(options), options.id(),
                new SecureRandom().nextLong(), options.bootstrap()).with(durability(options)));
            notices.add(options.bootstrap()
                ? "directory " + dir + " was empty: formatted for a founding member"
                : "directory " + dir + " was empty: this node follows but does not vote, since it may have forgotten "
                    + "votes; start with bootstrap only when the whole cluster is new");
        }
        final MmapStorage storage = MmapStorage.open(dir, config);
        try {
            noteStanding(storage.identity(), options, notices);
            requireOwner(dir, storage.identity().nodeId(), options.id());
            MembersFile.requireSame(dir, options.members().keySet());
            return storage;
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
    }

    private static Durability durability(KvNode.Options options) {
        return options.durability().orElse(Durability.FORCED);
    }

    /** Chosen once for the whole cluster: what counted in memory when it was said cannot be made forced by a word. */
    private static void requireDurability(KvNode.Options options) {
        final Durability chosen =
            MmapStorage.identityOf(options.dir()).map(Storage.Identity::durability).orElse(durability(options));
        if (options.durability().isPresent() && options.durability().get() != chosen) {
            throw new RaftException("directory " + options.dir() + " was made for durability " + chosen + ", not for "
                + options.durability().get() + ": it is chosen when a cluster is made; leave the option out, or make a "
                + "new cluster");
        }
        if (options.unsafeRecovery() && chosen == Durability.FORCED) {
            throw new RaftException("directory " + options.dir() + " is of durability " + chosen + ", which needs no "
                + "unsafe recovery: start it without, and with --rebuild where it is damaged");
        }
    }

    /** What is sound is left alone: the flag may have been forgotten where it was given, on all nodes perhaps. */
    private static void prepareRebuild(KvNode.Options options, List<String> notices) {
        final Path dir = options.dir();
        final long clusterId =
            MmapStorage.identityOf(dir).map(Storage.Identity::clusterId).orElseGet(() -> clusterId(options));
        final Optional<Storage.Standing> standing = MmapStorage.rebuildIfDamaged(dir, clusterId, options.id(),
            durability(options));
        notices.add(standing.isEmpty() ? "directory " + dir + " is sound: --rebuild left it as it is"
            : "directory " + dir + " was emptied to be rebuilt: "
                + (standing.get() == Storage.Standing.REBUILDING ? "term and vote are kept" : "its votes are lost")
                + (Files.exists(dir.resolve("damaged")) ? ", what else it held is in " + dir.resolve("damaged") : ""));
    }

    private static void noteStanding(Storage.Identity identity, KvNode.Options options, List<String> notices) {
        switch (identity.standing()) {
            case REBUILDING -> notices.add("node " + options.id() + (identity.durability() == Durability.FORCED
                ? " is being rebuilt: it neither votes nor counts until it durably holds"
                : " ended without a clean stop, or is being rebuilt, and may lack writes that it acknowledged: it "
                    + "neither votes nor counts until it holds") + " what a majority of the others has confirmed");
            case VOTE_LOST -> notices.add("node " + options.id() + " is being rebuilt and has lost its votes: it "
                + "neither votes nor counts until all other members have answered and it durably holds what a majority "
                + "of them has confirmed");
            case VOTER, FOLLOWER -> {
                // said when it was formatted
            }
        }
        if (options.unsafeRecovery()) {
            notices.add(isOpenToRecovery(identity)
                ? "unsafe recovery: node " + options.id() + " waits until all others have answered; the cluster goes "
                    + "on with the longest log that is left, and writes that no disk kept are lost"
                : "node " + options.id() + " lacks nothing: --unsafe-recover changes nothing here");
        }
    }

    private static boolean isOpenToRecovery(Storage.Identity identity) {
        return identity.standing() == Storage.Standing.REBUILDING
            || identity.standing() == Storage.Standing.VOTE_LOST;
    }

    static MmapConfig logConfig(KvNode.Options options) {
        return new MmapConfig(options.disk().logSegment(), MmapConfig.defaults().tailBytes());
    }

    private static void requireOwner(Path dir, int owner, int id) {
        if (owner != id) {
            throw new RaftException("directory " + dir + " belongs to node " + owner + ", not to node " + id
                + "; give each node its own directory");
        }
    }

    /** Closes the storage when it fails. */
    static AeronTransport openTransport(KvNode.Options options, Storage storage) {
        try {
            return AeronTransport.open(network(options, storage.identity().clusterId()));
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
    }

    /** Refuses addresses that cannot be used together, while the cluster's id is not known yet. */
    static void checkNetwork(KvNode.Options options) {
        network(options, 0);
    }

    private static AeronConfig network(KvNode.Options options, long clusterId) {
        final SortedMap<Integer, Endpoint> members = new TreeMap<>();
        options.members().forEach((id, address) -> members.put(id, Endpoint.parse(address)));
        AeronConfig config = AeronConfig.of(clusterId, options.id(), members, options.dir());
        if (options.raftBind().isPresent()) {
            config = config.withBind(Endpoint.parse(options.raftBind().get()));
        }
        if (options.aeronDirectory().isPresent()) {
            config = config.withDirectoryBase(options.aeronDirectory().get());
        }
        return config;
    }

    static RaftConfig raftConfig(KvNode.Options options, HostPort advertised) {
        return RaftConfig.of(options.id(), options.members().keySet())
            .withTimeouts(options.electionTimeout(), options.heartbeatInterval())
            .withSnapshots(options.disk().snapshotEvery(), options.disk().keepLog())
            .withDiskStallTimeout(options.disk().stallTimeout())
            .withUnsafeRecovery(options.unsafeRecovery())
            .withAdvertise(advertised.toString());
    }

    static RespServer.Settings settings(KvNode.Options options) {
        return new RespServer.Settings(options.requestDeadline(), options.maxConnections(),
            RespServer.Settings.DEFAULT.readBudget());
    }

    /** Where others reach this node's clients' port: all addresses of a machine are none to be told. */
    static HostPort advertised(KvNode.Options options, int boundPort) {
        return options.respAdvertised().map(HostPort::parse).orElseGet(() -> {
            final String ownHost = HostPort.parse(options.members().get(options.id())).host();
            return new HostPort(isWildcard(options.respHost()) ? ownHost : options.respHost(), boundPort);
        });
    }

    private static boolean isWildcard(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Two clusters differ in their name or in a member, and so in this. */
    private static long clusterId(KvNode.Options options) {
        return options.clusterId().orElseGet(() -> clusterId(options.clusterName(), options.members()));
    }

    static long clusterId(String name, SortedMap<Integer, String> members) {
        final String canonical = name + members.entrySet().stream()
            .map(member -> "\n" + member.getKey() + "=" + HostPort.parse(member.getValue()))
            .collect(Collectors.joining());
        return ByteBuffer.wrap(sha256(canonical)).getLong();
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
