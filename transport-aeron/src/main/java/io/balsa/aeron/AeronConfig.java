package io.balsa.aeron;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where one node listens, whom it speaks to and where its buffers go. Every bound is checked here; what only the
 * machine can tell (port in use, memory, socket buffers) is checked by {@link AeronTransport#open}.
 *
 * @param clusterId     tells the buffers of different clusters on one host apart
 * @param nodeId        this node, 0 to 65535
 * @param bind          where this node receives, on this port and, for snapshots, the next; may differ from what peers
 *                      are told, {@code 0.0.0.0} for instance
 * @param peers         all other members by node id, at the addresses they advertise, the next port is theirs as well;
 *                      62 at most, may be empty
 * @param directoryBase a directory in memory where the driver makes its own one, see {@link #defaultDirectoryBase()}
 * @param dataDirectory the node's own directory on disk: the buffers go there when {@code directoryBase} is too small
 * @param profile       how much memory to use; empty to choose at start by what the machine grants
 * @param faults        lets tests lose frames; empty in production
 */
public record AeronConfig(long clusterId, int nodeId, Endpoint bind, SortedMap<Integer, Endpoint> peers,
                          Path directoryBase, Path dataDirectory, Optional<Profile> profile,
                          Optional<LinkFaults> faults) {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int MAX_NODE_ID = 0xFFFF;
    private static final int MAX_PEERS = 62;
    private static final int LAST_PORT = 65_535;

    public AeronConfig {
        peers = Collections.unmodifiableSortedMap(new TreeMap<>(peers));
        require(nodeId >= 0 && nodeId <= MAX_NODE_ID, "nodeId: 0 to 65535, not " + nodeId);
        require(peers.size() <= MAX_PEERS, "peers: at most " + MAX_PEERS + ", not " + peers.size());
        require(!peers.containsKey(nodeId), "peers: node " + nodeId + " is this node, name only the others");
        require(peers.isEmpty() || (peers.firstKey() >= 0 && peers.lastKey() <= MAX_NODE_ID),
            "peers: node ids are 0 to 65535, not " + peers.keySet());
        requireTwoPorts("bind", bind);
        final Set<Endpoint> taken = new HashSet<>(Set.of(bind, bind.forSnapshots()));
        for (Map.Entry<Integer, Endpoint> peer : peers.entrySet()) {
            final Endpoint first = peer.getValue();
            requireTwoPorts("peers", first);
            require(taken.add(first) && taken.add(first.forSnapshots()), "peers: node " + peer.getKey() + " is at "
                + first + ", and another node has that port or the next one already; each node takes two");
        }
    }

    /**
     * The defaults for node {@code nodeId} of {@code members}: it binds the address that it advertises.
     *
     * @param members all nodes of the cluster, this one among them
     */
    public static AeronConfig of(long clusterId, int nodeId, Map<Integer, Endpoint> members, Path dataDirectory) {
        final SortedMap<Integer, Endpoint> peers = new TreeMap<>(members);
        final Endpoint own = peers.remove(nodeId);
        require(own != null, "members: node " + nodeId + " is not among " + members.keySet());
        return new AeronConfig(clusterId, nodeId, own, peers, defaultDirectoryBase(), dataDirectory,
            Optional.empty(), Optional.empty());
    }

    /** Shared memory where there is some ({@code /dev/shm}), the directory for temporary files elsewhere. */
    public static Path defaultDirectoryBase() {
        return Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    public AeronConfig withBind(Endpoint bind) {
        return new AeronConfig(clusterId, nodeId, bind, peers, directoryBase, dataDirectory, profile, faults);
    }

    public AeronConfig withDirectoryBase(Path directoryBase) {
        return new AeronConfig(clusterId, nodeId, bind, peers, directoryBase, dataDirectory, profile, faults);
    }

    public AeronConfig withProfile(Profile profile) {
        return new AeronConfig(clusterId, nodeId, bind, peers, directoryBase, dataDirectory, Optional.of(profile),
            faults);
    }

    public AeronConfig withFaults(LinkFaults faults) {
        return new AeronConfig(clusterId, nodeId, bind, peers, directoryBase, dataDirectory, profile,
            Optional.of(faults));
    }

    private static void requireTwoPorts(String what, Endpoint first) {
        require(first.port() < LAST_PORT,
            what + ": " + first + " leaves no next port for snapshots, choose a lower one");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
