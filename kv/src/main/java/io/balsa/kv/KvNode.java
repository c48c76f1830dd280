package io.balsa.kv;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

import io.balsa.aeron.AeronTransport;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;

/**
 * One node of a replicated key/value store: a Raft member with its log on disk and its peers over UDP, and a RESP
 * server for clients over TCP. What clients may say is in the package's description. All methods may be called by any
 * thread.
 */
public final class KvNode implements AutoCloseable {
    /**
     * How a node is set up.
     *
     * @param id                this node, one of {@code members}
     * @param members           all members and where their peers reach them, {@code host:port} of UDP; the next port is
     *                          the node's as well
     * @param raftBind          where to listen for peers, if not at the address in {@code members}
     * @param respHost          where to listen for clients; a name or a numeric address of this machine
     * @param respPort          likewise; 0 for any free port
     * @param respAdvertised    {@code host:port} that clients and other nodes are told; if absent, {@code respHost}, or
     *                          the host in {@code members} when {@code respHost} means all addresses
     * @param dir               the node's own directory
     * @param bootstrap         an empty directory is that of a founding member: it may vote from the start. Right only
     *                          when the whole cluster starts for the first time
     * @param clusterName       part of what tells clusters apart; used when the directory is formatted
     * @param electionTimeout   see {@link RaftConfig#electionTimeout()}
     * @param heartbeatInterval see {@link RaftConfig#heartbeatInterval()}
     * @param requestDeadline   how long a client's request may look for a leader that answers it
     * @param maxConnections    clients beyond are refused
     * @param aeronDirectory    where to make the folder of the buffers that peers' frames pass through, in memory; if
     *                          absent, {@code /dev/shm}, or the folder for temporary files where there is none
     * @param disk              what the node does with its disk
     * @param rebuild           the directory is damaged or was wiped: it is emptied, and filled again by the other
     *                          members; until then the node neither votes nor counts
     * @param clusterId         of the cluster, as {@code status} shows it; if absent, what the directory says, or else
     *                          what follows from {@code clusterName} and {@code members}
     * @param durability        when a write counts, equal on all members; if absent, what the directory says, and
     *                          {@link Durability#FORCED} for a new one
     * @param unsafeRecovery    see {@link RaftConfig#unsafeRecovery()}
     */
    public record Options(int id, SortedMap<Integer, String> members, Optional<String> raftBind, String respHost,
                          int respPort, Optional<String> respAdvertised, Path dir, boolean bootstrap,
                          String clusterName, Duration electionTimeout, Duration heartbeatInterval,
                          Duration requestDeadline, int maxConnections, Optional<Path> aeronDirectory,
                          DiskUse disk, boolean rebuild, OptionalLong clusterId,
                          Optional<Durability> durability, boolean unsafeRecovery) {
        public Options {
            members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
            require(members.containsKey(id), "id " + id + " is not among the members " + members.keySet());
            require(respPort >= 0 && respPort <= 0xFFFF, "respPort: 0 to 65535, not " + respPort);
            require(requestDeadline.toMillis() >= 1, "requestDeadline: at least 1 ms, not " + requestDeadline);
            require(maxConnections >= 1, "maxConnections: at least 1, not " + maxConnections);
            members.values().forEach(HostPort::parse);
            respAdvertised.ifPresent(HostPort::parse);
            require(!(bootstrap && rebuild), "a new cluster is bootstrapped, a member of an old one is rebuilt: not "
                + "both");
            require(!(bootstrap && unsafeRecovery), "a new cluster is bootstrapped, an old one is recovered: not both");
        }

        /** The defaults: listens for clients on loopback only, since there is no password. */
        public static Options of(int id, Map<Integer, String> members, int respPort, Path dir) {
            final RaftConfig raft = RaftConfig.of(id, members.keySet());
            return new Options(id, new TreeMap<>(members), Optional.empty(), "127.0.0.1", respPort, Optional.empty(),
                dir, false, "balsa", raft.electionTimeout(), raft.heartbeatInterval(),
                RespServer.Settings.DEFAULT.requestDeadline(), RespServer.Settings.DEFAULT.maxConnections(),
                Optional.empty(), DiskUse.of(raft), false, OptionalLong.empty(), Optional.empty(), false);
        }

        public Options withBootstrap(boolean bootstrap) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        /** Listens elsewhere than it is reached; empty: as by default. */
        public Options withAddresses(Optional<String> raftBind, String respHost, Optional<String> respAdvertised) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withClusterName(String clusterName) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withTimeouts(Duration electionTimeout, Duration heartbeatInterval, Duration requestDeadline) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withMaxConnections(int maxConnections) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        /** Where to make the folder of the buffers, such as a file system in memory of this node's own. */
        public Options withAeronDirectory(Path aeronDirectory) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, Optional.of(aeronDirectory),
                disk, rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withDisk(DiskUse disk) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withRebuild(boolean rebuild) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        public Options withClusterId(long clusterId) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, OptionalLong.of(clusterId), durability, unsafeRecovery);
        }

        public Options withDurability(Durability durability) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, Optional.of(durability), unsafeRecovery);
        }

        /** For one start of each member. */
        public Options withUnsafeRecovery(boolean unsafeRecovery) {
            return new Options(id, members, raftBind, respHost, respPort, respAdvertised, dir, bootstrap, clusterName,
                electionTimeout, heartbeatInterval, requestDeadline, maxConnections, aeronDirectory, disk,
                rebuild, clusterId, durability, unsafeRecovery);
        }

        private static void require(boolean holds, String message) {
            if (!holds) {
                throw new IllegalArgumentException(message);
            }
        }
    }

    /**
     * What a node does with its disk. Its log takes at most {@code snapshotEvery + keepLog}, two of {@code logSegment},
     * and what is written while a snapshot is. Its snapshots take five times the size of one: two are kept, one is
     * being saved, one is being received, and one that was found damaged is kept aside; and one more for each that
     * clients fetch, four at most, which stays until it is fetched.
     *
     * @param snapshotEvery see {@link RaftConfig#snapshotEveryBytes()}
     * @param keepLog       see {@link RaftConfig#keepLogBytes()}
     * @param logSegment    bytes of one file of the log, allocated ahead: 16 MiB to 1 GiB, a power of two
     * @param stallTimeout  see {@link RaftConfig#diskStallTimeout()}
     */
    public record DiskUse(long snapshotEvery, long keepLog, int logSegment, Duration stallTimeout) {
        /** An entry is at most an eighth of a segment. */
        private static final int SMALLEST_SEGMENT = 16 << 20;

        public DiskUse {
            Options.require(logSegment >= SMALLEST_SEGMENT,
                "logSegment: at least " + SMALLEST_SEGMENT + " bytes, not " + logSegment);
        }

        private static DiskUse of(RaftConfig raft) {
            return new DiskUse(raft.snapshotEveryBytes(), raft.keepLogBytes(), MmapConfig.defaults().segmentBytes(),
                raft.diskStallTimeout());
        }
    }

    private final RaftNode<KvReply> raft;
    private final RespServer server;
    private final HostPort respAddress;
    private final List<String> notices;

    private KvNode(RaftNode<KvReply> raft, RespServer server, HostPort respAddress, List<String> notices) {
        this.raft = raft;
        this.server = server;
        this.respAddress = respAddress;
        this.notices = List.copyOf(notices);
    }

    /**
     * Starts a node; it serves when this returns, as soon as its group has a leader. A directory belongs to the node
     * and to the member ids it was made for; the members' addresses may change.
     *
     * @throws IllegalArgumentException when the options do not fit together: nothing was changed
     * @throws RaftException            when it cannot start: one line that says what to do
     */
    public static KvNode start(Options options) {
        final ServerSocket clients = RespServer.bind(new HostPort(options.respHost(), options.respPort()));
        try {
            final HostPort advertised = NodeParts.advertised(options, clients.getLocalPort());
            // What is wrong with the options shows here, before the directory is touched.
            final RaftConfig raftConfig = NodeParts.raftConfig(options, advertised);
            final MmapConfig logConfig = NodeParts.logConfig(options);
            NodeParts.checkNetwork(options);
            final List<String> notices = new ArrayList<>();
            final MmapStorage storage = NodeParts.openStorage(options, logConfig, notices);
            final AeronTransport transport = NodeParts.openTransport(options, storage);
            notices.add(transport.description());
            final KvStateMachine machine = new KvStateMachine();
            final RaftNode<KvReply> raft = RaftNode.start(raftConfig, storage, transport, machine);
            try {
                final RespServer server = RespServer.start(clients, Replica.of(raft, storage), machine,
                    NodeParts.settings(options));
                return new KvNode(raft, server, advertised, notices);
            } catch (RuntimeException | Error e) {
                raft.close(); // and with it storage and transport
                throw e;
            }
        } catch (RuntimeException | Error e) {
            RespServer.release(clients);
            throw e;
        }
    }

    /** Where clients are told to find this node. */
    public String respAddress() {
        return respAddress.toString();
    }

    /** What an operator should know of this start, a line each. */
    public List<String> notices() {
        return notices;
    }

    /** The node as it sees itself; {@link RaftStatus#failure()} says whether it has stopped, and why. */
    public RaftStatus status() {
        return raft.status();
    }

    /** Cuts the clients off, then stops: what was answered is on disk, whenever it counted. */
    @Override
    public void close() {
        server.close();
        raft.close();
    }
}
