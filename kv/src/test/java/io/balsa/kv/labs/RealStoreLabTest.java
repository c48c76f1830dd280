package io.balsa.kv.labs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.aeron.Profile;
import io.balsa.kv.KvClient;
import io.balsa.kv.RealStore;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Labs 3B-01 and 3B-02 on real nodes: UDP, logs and snapshots on disk, clients over TCP, and the course's limits. */
@Tag("real")
@DisplayName("Lab 3B on real nodes")
@Timeout(120)
class RealStoreLabTest {
    private static final int SERVERS = 3;
    private static final int MAX_COMMAND_BYTES = 16 << 10;
    private static final long LARGEST_STATE_BYTES = 8 * GenericLab.MAX_RAFT_STATE;
    private static final MmapConfig LOG = new MmapConfig(4 << 20, 1 << 20);

    private final long clusterId = ThreadLocalRandom.current().nextLong();
    private final Map<Integer, Endpoint> members = RealLab.freeEndpoints(SERVERS);
    private final Links links = new Links(SERVERS, new Random());
    private final List<WatchedStorage> storages = new ArrayList<>();
    private RealStore store;
    @TempDir
    private Path directory;

    @BeforeEach
    void start() {
        for (int server = 0; server < SERVERS; server++) {
            final Path dir = directory.resolve("node" + server);
            MmapStorage.format(dir, new Storage.Identity(clusterId, server, server + 1, true));
            storages.add(new WatchedStorage(MmapStorage.open(dir, LOG), 0, (index, term, command, offset) -> { }));
            links.setConnected(server, true);
        }
        store = new RealStore(IntStream.range(0, SERVERS).mapToObj(this::configOf).toList(), storages::get,
            this::transportOf);
    }

    private RaftConfig configOf(int server) {
        return RaftConfig.of(server, members.keySet())
            .withTimeouts(Duration.ofMillis(300), Duration.ofMillis(100))
            .withLimits(MAX_COMMAND_BYTES, 1 << 20, 16 * MAX_COMMAND_BYTES, 1 << 12)
            .withSnapshots(GenericLab.MAX_RAFT_STATE, 0);
    }

    private Transport transportOf(int server) {
        final AeronConfig config = AeronConfig.of(clusterId, server, members, directory.resolve("node" + server))
            .withProfile(Profile.SMALL);
        return new FilteredTransport(AeronTransport.open(config), server, links);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    @DisplayName("3B-01 InstallSnapshot")
    void install() throws InterruptedException {
        try (KvClient anywhere = store.client(0, 1, 2)) {
            put(anywhere, "a", "A");
            requireGet(anywhere, "a", "A");

            links.setConnected(2, false);
            try (KvClient without2 = store.client(0, 1)) {
                for (int n = 0; n < 50; n++) {
                    put(without2, Integer.toString(n), Integer.toString(n));
                }
                Thread.sleep(GenericLab.ELECTION_MS);
                put(without2, "b", "B");
            }
            for (int server = 0; server < SERVERS; server++) {
                final long bytes = storages.get(server).raftStateBytes();
                assertTrue(bytes <= LARGEST_STATE_BYTES, bytes + " bytes of Raft state on n" + server);
            }
            assertTrue(store.status(0).snapshots().index() > 0 && store.status(1).snapshots().index() > 0);

            links.setConnected(1, false);
            links.setConnected(2, true);
            try (KvClient without1 = store.client(0, 2)) {
                put(without1, "c", "C");
                put(without1, "d", "D");
                requireGet(without1, "a", "A");
                requireGet(without1, "b", "B");
                requireGet(without1, "1", "1");
                requireGet(without1, "49", "49");
            }
            assertTrue(store.status(2).snapshots().installed() > 0, () -> "n2 says " + store.status(2).snapshots());

            links.setConnected(1, true);
            put(anywhere, "e", "E");
            requireGet(anywhere, "c", "C");
            requireGet(anywhere, "e", "E");
            requireGet(anywhere, "1", "1");
        }
    }

    @Test
    @DisplayName("3B-02 snapshot size")
    void size() {
        final long start = System.nanoTime();
        try (KvClient client = store.client(0, 1, 2)) {
            for (int round = 0; round < 200; round++) {
                put(client, "x", "0");
                requireGet(client, "x", "0");
                put(client, "x", "1");
                requireGet(client, "x", "1");
            }
        }
        final double seconds = (System.nanoTime() - start) / 1e9;
        for (int server = 0; server < SERVERS; server++) {
            final long state = storages.get(server).raftStateBytes();
            assertTrue(state <= LARGEST_STATE_BYTES, state + " bytes of Raft state on n" + server);
            final long snapshot = storages.get(server).snapshots().newest().orElseThrow().length();
            assertTrue(snapshot <= SnapshotStoreLab.LARGEST_SNAPSHOT_BYTES, snapshot + " bytes on n" + server);
            System.out.println("3B-02: n" + server + " has " + state + " bytes of Raft state and a snapshot of "
                + snapshot);
        }
        assertTrue(seconds < 20, seconds + " s");
        System.out.println("3B-02: 800 operations took " + seconds + " s");
    }

    private static void put(KvClient client, String key, String value) {
        client.set(bytes(key), bytes(value));
    }

    private static void requireGet(KvClient client, String key, String value) {
        assertArrayEquals(bytes(value), client.get(bytes(key)).orElse(null), key);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
