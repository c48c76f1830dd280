package io.balsa.kv.labs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.aeron.Profile;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.RaftStatus;
import io.balsa.raft.core.Role;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.LabGroup;
import io.balsa.raft.testkit.LabService;
import io.balsa.raft.testkit.checks.Violation;

/**
 * A group of real nodes in this JVM, over UDP of the loopback interface and with logs on disk, that a lab scenario
 * scripts in real time. Faults of the network are made above it, see {@link FilteredTransport}. A crash cuts the node
 * off first, so that nobody hears its last words, and then closes it: its log is closed in good order, which is one of
 * the things a crash may leave. {@code ClusterIT} is where processes are killed.
 */
final class RealLab implements LabGroup, AutoCloseable {
    private static final Duration ELECTION_TIMEOUT = Duration.ofMillis(300);
    private static final Duration HEARTBEAT = Duration.ofMillis(100);
    private static final int MAX_COMMAND_BYTES = 16 << 10;
    private static final MmapConfig LOG = new MmapConfig(4 << 20, 1 << 20);

    private final Path directory;
    private final LabService<Long> service;
    private final Map<Integer, Endpoint> members;
    private final long clusterId = ThreadLocalRandom.current().nextLong();
    private final RandomGenerator random = new Random(); // any thread may draw
    private final Links links;
    private final Offers offers = new Offers();
    private final Forks forks = new Forks();
    private final List<RaftNode<Long>> nodes = new ArrayList<>();
    /** Of the present process of each server, or of its last. */
    private final List<WatchedStorage> storages = new ArrayList<>();
    private final long startNs;

    /** @param service what runs on the nodes */
    RealLab(int servers, Path directory, LabService<Long> service) {
        this.directory = directory;
        this.service = service;
        members = freeEndpoints(servers);
        links = new Links(servers, random);
        for (int server = 0; server < servers; server++) {
            MmapStorage.format(directoryOf(server), new Storage.Identity(clusterId, server, server + 1, true));
            nodes.add(null);
            storages.add(null);
        }
        for (int server = 0; server < servers; server++) {
            startNode(server);
            connect(server);
        }
        startNs = System.nanoTime();
    }

    /** Ports of 127.0.0.1 that were free a moment ago. */
    static Map<Integer, Endpoint> freeEndpoints(int count) {
        final Map<Integer, Endpoint> endpoints = new TreeMap<>();
        final List<DatagramSocket> taken = new ArrayList<>();
        try {
            for (int id = 0; id < count; id++) {
                taken.add(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
                endpoints.put(id, new Endpoint("127.0.0.1", taken.get(id).getLocalPort()));
            }
            return endpoints;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            taken.forEach(DatagramSocket::close);
        }
    }

    private Path directoryOf(int server) {
        return directory.resolve("node" + server);
    }

    private void startNode(int server) {
        final RaftConfig config = RaftConfig.of(server, members.keySet())
            .withTimeouts(ELECTION_TIMEOUT, HEARTBEAT)
            .withRules(true, true, false)
            .withLimits(MAX_COMMAND_BYTES, 1 << 20, 16 * MAX_COMMAND_BYTES, 1 << 12)
            .withSnapshots(0, 0);
        final Path dir = directoryOf(server);
        final WatchedStorage storage = new WatchedStorage(MmapStorage.open(dir, LOG), Offers.MARK_BYTES,
            (index, term, command, offset) -> offers.onAppend(server, command.getLong(offset), index, term));
        storages.set(server, storage);
        final AeronConfig aeron = AeronConfig.of(clusterId, server, members, dir).withProfile(Profile.SMALL);
        final Transport transport = new FilteredTransport(AeronTransport.open(aeron), server, links);
        final SnapshotsOf snapshots = new SnapshotsOf(storage.snapshots());
        final RaftNode<Long> node =
            RaftNode.start(config, storage, transport, new Offers.Unmarked(service.start(server, snapshots)));
        snapshots.node.complete(node);
        nodes.set(server, node);
    }

    /** The snapshots of one node, as its service deals with them. */
    private record SnapshotsOf(SnapshotStore store, CompletableFuture<RaftNode<Long>> node)
        implements LabService.Snapshots {
        private SnapshotsOf(SnapshotStore store) {
            this(store, new CompletableFuture<>());
        }

        @Override
        public Optional<byte[]> newest() {
            return store.newest().map(snapshot -> {
                try (InputStream state = store.open(snapshot)) {
                    return state.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        /** A node may apply its first command before those who start it have hold of it. */
        @Override
        public CompletableFuture<Long> take() {
            return node.join().takeSnapshot();
        }
    }

    @Override
    public int size() {
        return nodes.size();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public double nowMs() {
        return (System.nanoTime() - startNs) / 1e6;
    }

    @Override
    public void sleep(long ms) {
        forks.sleep(ms);
    }

    @Override
    public Fork fork(String name, Runnable script) {
        return forks.fork(name, script);
    }

    @Override
    public synchronized Started start(int server, byte[] command) {
        final RaftNode<Long> node = nodes.get(server);
        return node == null ? Started.REFUSED : offers.offer(node, server, command);
    }

    @Override
    public synchronized State state(int server) {
        final RaftStatus status = nodes.get(server).status();
        status.failure().ifPresent(reason -> {
            throw new Violation("n" + server + " has stopped: " + reason);
        });
        return new State(status.term(), status.role() == Role.LEADER);
    }

    @Override
    public synchronized boolean isUp(int server) {
        return nodes.get(server) != null;
    }

    @Override
    public boolean isConnected(int server) {
        return links.isConnected(server);
    }

    @Override
    public void disconnect(int server) {
        links.setConnected(server, false);
    }

    @Override
    public void connect(int server) {
        links.setConnected(server, true);
    }

    @Override
    public synchronized void crash(int server) {
        disconnect(server);
        final RaftNode<Long> node = nodes.set(server, null);
        if (node != null) {
            node.close();
        }
    }

    @Override
    public synchronized void restart(int server) {
        crash(server);
        startNode(server);
    }

    @Override
    public void setUnreliable(boolean unreliable) {
        links.setUnreliable(unreliable);
    }

    @Override
    public void setLongReordering(boolean longReordering) {
        links.setLongReordering(longReordering);
    }

    @Override
    public long requests() {
        return links.requests();
    }

    @Override
    public long bytes() {
        return links.bytes();
    }

    @Override
    public long received(int server) {
        return links.received(server);
    }

    @Override
    public synchronized long raftStateBytes(int server) {
        return storages.get(server).raftStateBytes();
    }

    @Override
    public synchronized long snapshotsReceived(int server) {
        return nodes.get(server).status().snapshots().installed();
    }

    @Override
    public void close() {
        forks.close();
        for (int server = 0; server < size(); server++) {
            crash(server);
        }
    }
}
