package io.balsa.kv;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage;

/** What a node is assembled from, made as its options say. */
final class NodeParts {
    private NodeParts() {
    }

    /** Opens the node's directory; formats it first if it is empty, and says what that means. */
    static MmapStorage openStorage(KvNode.Options options, List<String> notices) {
        final Path dir = options.dir();
        if (MmapStorage.isEmpty(dir)) {
            MmapStorage.format(dir, new Storage.Identity(clusterId(options), options.id(),
                new SecureRandom().nextLong(), options.bootstrap()));
            notices.add(options.bootstrap()
                ? "directory " + dir + " was empty: formatted for a founding member"
                : "directory " + dir + " was empty: this node follows but does not vote, since it may have forgotten "
                    + "votes; start with bootstrap only when the whole cluster is new");
        }
        final MmapStorage storage = MmapStorage.open(dir, MmapConfig.defaults());
        try {
            requireOwner(dir, storage.identity().nodeId(), options.id());
            MembersFile.requireSame(dir, options.members().keySet());
            return storage;
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
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
            final SortedMap<Integer, Endpoint> members = new TreeMap<>();
            options.members().forEach((id, address) -> members.put(id, Endpoint.parse(address)));
            AeronConfig config =
                AeronConfig.of(storage.identity().clusterId(), options.id(), members, options.dir());
            if (options.raftBind().isPresent()) {
                config = config.withBind(Endpoint.parse(options.raftBind().get()));
            }
            if (options.aeronDirectory().isPresent()) {
                config = config.withDirectoryBase(options.aeronDirectory().get());
            }
            return AeronTransport.open(config);
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
    }

    static RaftConfig raftConfig(KvNode.Options options, HostPort advertised) {
        return RaftConfig.of(options.id(), options.members().keySet())
            .withTimeouts(options.electionTimeout(), options.heartbeatInterval())
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
        final String canonical = options.clusterName() + options.members().entrySet().stream()
            .map(member -> "\n" + member.getKey() + "=" + HostPort.parse(member.getValue()))
            .collect(Collectors.joining());
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256")
                .digest(canonical.getBytes(StandardCharsets.UTF_8))).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
