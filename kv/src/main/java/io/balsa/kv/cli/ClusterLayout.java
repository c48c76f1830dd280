package io.balsa.kv.cli;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.balsa.mmap.MmapStorage;
import io.balsa.raft.spi.RaftException;

/**
 * Where the nodes of a cluster on this host live: node i in {@code dir/i}, its clients at {@code port + i}, its peers
 * at {@code raftPort + 10 i}.
 */
record ClusterLayout(Path dir, int nodes, int port, int raftPort) {
    /** The address of every port: what runs without a password belongs on loopback. */
    static final String HOST = "127.0.0.1";
    private static final int RAFT_PORT_OFFSET = 1600;
    private static final int RAFT_PORT_STEP = 10;
    private static final int MAX_PORT = 65_535;

    ClusterLayout {
        require(nodes >= 1 && nodes <= 63, "--nodes: 1 to 63, not " + nodes);
        require(port >= 1 && port + nodes - 1 <= MAX_PORT, "--port: 1 to " + (MAX_PORT - nodes + 1) + ", not " + port);
        final int lastRaftPort = raftPort + RAFT_PORT_STEP * (nodes - 1) + 1;
        require(raftPort >= 1 && lastRaftPort <= MAX_PORT,
            "the peers' ports would be " + raftPort + " to " + lastRaftPort + "; choose --raft-port within 1 to "
                + (MAX_PORT - RAFT_PORT_STEP * (nodes - 1) - 1));
    }

    static int defaultRaftPort(int port) {
        return port + RAFT_PORT_OFFSET;
    }

    String respAddress(int node) {
        return HOST + ":" + (port + node);
    }

    String raftAddress(int node) {
        return HOST + ":" + (raftPort + RAFT_PORT_STEP * node);
    }

    /** In the form that {@code node --members} takes. */
    String members() {
        return IntStream.range(0, nodes).mapToObj(i -> i + "=" + raftAddress(i)).collect(Collectors.joining(","));
    }

    /** The same, by id. */
    SortedMap<Integer, String> raftAddresses() {
        final SortedMap<Integer, String> addresses = new TreeMap<>();
        IntStream.range(0, nodes).forEach(node -> addresses.put(node, raftAddress(node)));
        return addresses;
    }

    Path nodeDir(int node) {
        return dir.resolve(Integer.toString(node));
    }

    /** Whether this node never ran, or lost its data: nothing can tell one from the other. */
    boolean isEmpty(int node) {
        return MmapStorage.isEmpty(nodeDir(node));
    }

    /** Whether no node has ever run here: only then may all of them be bootstrapped. */
    boolean isFresh() {
        return IntStream.range(0, nodes).allMatch(this::isEmpty);
    }

    /** Refuses to start what can never serve: nodes without data do not vote, and those with data are no majority. */
    void requireMajorityWithData() {
        final long withData = IntStream.range(0, nodes).filter(node -> !isEmpty(node)).count();
        require(withData == 0 || withData > nodes / 2,
            dir + " holds the data of " + withData + " of " + nodes + " nodes, which is no majority; put the missing "
                + "folders back, or remove " + dir + " if it never served");
    }

    /**
     * Refuses a number of nodes that differs from the one this folder was made with. With fewer members a majority
     * could be formed that never saw what the former majority committed.
     */
    void requireSameSize() {
        final int highest = IntStream.iterate(MAX_PORT, i -> i >= 0, i -> i - 1)
            .filter(i -> Files.isDirectory(nodeDir(i))).findFirst().orElse(-1);
        require(highest < 0 || highest == nodes - 1,
            dir + " holds a cluster of " + (highest + 1) + " nodes; give --nodes " + (highest + 1)
                + " or another --dir (members cannot be added or removed yet)");
    }

    /**
     * Refuses to start beside whoever has one of the ports. A cluster of somebody else would answer in our nodes'
     * place, and pass for this one.
     */
    void requireFreePorts() {
        for (int node = 0; node < nodes; node++) {
            requireFree("TCP", port + node, "--port", address -> {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(address);
                }
            });
            final int raft = raftPort + RAFT_PORT_STEP * node;
            requireFree("UDP", raft, "--raft-port", ClusterLayout::bindUdp);
            requireFree("UDP", raft + 1, "--raft-port", ClusterLayout::bindUdp);
        }
    }

    void createDirectories() {
        for (int node = 0; node < nodes; node++) {
            try {
                Files.createDirectories(nodeDir(node));
            } catch (final IOException e) {
                throw new RaftException(
                    nodeDir(node) + " cannot be created: " + e + "; give --dir a folder that can be written", e);
            }
        }
    }

    /** Takes a port and gives it back. */
    @FunctionalInterface
    private interface Binding {
        void tryOn(InetSocketAddress address) throws IOException;
    }

    private static void requireFree(String protocol, int port, String option, Binding binding) {
        try {
            binding.tryOn(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (final IOException e) {
            throw new RaftException(protocol + " port " + port + " of " + HOST + " cannot be used (" + e.getMessage()
                + "); stop what uses it, or choose another " + option, e);
        }
    }

    private static void bindUdp(InetSocketAddress address) throws IOException {
        new DatagramSocket(address).close();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new UsageException(message);
        }
    }
}
