package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.balsa.raft.spi.RaftException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three node processes that take snapshots all the time and keep as little of the log as they can. */
@Timeout(240)
final class SnapshotClusterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SEGMENT_BYTES = 16 << 20;
    private static final int EVERY_BYTES = 2 << 20;
    private static final String[] OPTIONS = {"--snapshot-every", Integer.toString(EVERY_BYTES), "--keep-log", "0",
        "--log-segment", Integer.toString(SEGMENT_BYTES)};
    private static final int VALUE_BYTES = 512 << 10;
    private static final int KEYS = 4;

    @TempDir
    private Path dir;
    private ProcessCluster cluster;
    private final List<ProcessCluster> others = new ArrayList<>();

    @BeforeEach
    void startThreeNodes() throws Exception {
        cluster = new ProcessCluster(3, dir, OPTIONS);
        cluster.startAll();
        cluster.awaitLeader(PATIENCE);
    }

    @AfterEach
    void stopThem() {
        cluster.close();
        others.forEach(ProcessCluster::close);
    }

    @Test
    void whoWasAwayForLongCatchesUpByASnapshotAndTheDiskStaysBounded() throws Exception {
        final int follower = (cluster.awaitLeader(PATIENCE).node() + 1) % cluster.size();
        cluster.kill(follower);
        final long lastBefore = write(0, 3 * SEGMENT_BYTES);
        final int leader = cluster.awaitLeader(PATIENCE).node();
        cluster.awaitNumber(leader, "firstIndex", 2, PATIENCE); // so the follower's next entry is gone
        cluster.start(follower);
        cluster.awaitCaughtUp(follower, PATIENCE);
        cluster.awaitNumber(follower, "snapshotsInstalled", 1, PATIENCE);
        assertEquals(lastBefore, read(follower), "it serves what it was sent");

        final long last = write(lastBefore + 1, 2 * SEGMENT_BYTES);
        for (int node = 0; node < cluster.size(); node++) {
            cluster.kill(node);
        }
        cluster.startAll();
        cluster.awaitLeader(PATIENCE);
        assertEquals(last, read(follower), "everything is there after a restart of all");
        for (int node = 0; node < cluster.size(); node++) {
            cluster.awaitCaughtUp(node, PATIENCE);
            // Two segments; what is written while a snapshot is being written; and files' beginnings and ends.
            assertTrue(sizeOf(cluster.nodeDir(node).resolve("log")) <= 3L * SEGMENT_BYTES + 2 * EVERY_BYTES,
                "the log of node " + node + " takes " + sizeOf(cluster.nodeDir(node).resolve("log")));
        }
    }

    @Test
    void aSnapshotIsTakenWhereItIsAskedForAlsoOnAFollower() throws Exception {
        write(0, VALUE_BYTES);
        final int follower = (cluster.awaitLeader(PATIENCE).node() + 1) % cluster.size();
        cluster.awaitCaughtUp(follower, PATIENCE);
        final long index = KvClient.takeSnapshot(cluster.respAddresses().get(follower), PATIENCE);
        assertTrue(index >= 1, "index " + index);
        assertEquals(index, cluster.awaitNumber(follower, "snapshotIndex", index, PATIENCE));
        assertEquals(index, KvClient.takeSnapshot(cluster.respAddresses().get(follower), PATIENCE),
            "nothing was written since");
    }

    @Test
    void aBackupHoldsAllThatWasAcknowledgedBeforeItAndMakesANewCluster() throws Exception {
        final Map<String, AppendWriter> writers = new TreeMap<>();
        for (final String name : new String[] {"client-1", "client-2"}) {
            writers.put(name, AppendWriter.throughClient(name, cluster.respAddresses(), PATIENCE).start());
        }
        final long last = write(0, EVERY_BYTES);
        final Map<String, String> acknowledged = new TreeMap<>();
        for (final AppendWriter writer : writers.values()) {
            writer.awaitDoneSince(System.nanoTime(), PATIENCE);
            acknowledged.put(writer.name(), value(writer.name()));
        }
        final int follower = (cluster.awaitLeader(PATIENCE).node() + 1) % cluster.size();
        final Path file = dir.resolve("backup");
        final Backup.Contents saved =
            Backup.save(file, cluster.respAddresses(), cluster.respAddresses().get(follower), PATIENCE);
        assertEquals(saved, Backup.verify(file));
        for (final AppendWriter writer : writers.values()) {
            // The old cluster goes on, and the new one must not know.
            writer.awaitDoneSince(System.nanoTime(), PATIENCE);
            writer.stop();
        }

        final ProcessCluster restored = restore(file, "restored");
        restored.startAll();
        restored.awaitLeader(PATIENCE);
        try (KvClient client = KvClient.connect(restored.respAddresses(), PATIENCE)) {
            assertEquals(last, newest(client));
            for (final AppendWriter writer : writers.values()) {
                final String value = new String(client.get(bytes(writer.name())).orElseThrow(),
                    StandardCharsets.UTF_8);
                final String all = value(writer.name());
                assertTrue(all.startsWith(value) && all.length() > value.length(), "a state of then, not of now");
                assertTrue(value.startsWith(acknowledged.get(writer.name())), "all that was acknowledged before");
            }
            client.set(bytes("k"), bytes("new"));
            assertEquals("new", client.get(bytes("k")).map(Commands::text).orElseThrow());
        }
        for (int node = 0; node < restored.size(); node++) {
            restored.awaitCaughtUp(node, PATIENCE);
        }
    }

    @Test
    void aDamagedBackupIsRefusedAndNothingIsMadeOfIt() throws Exception {
        write(0, EVERY_BYTES);
        final Path file = dir.resolve("backup");
        Backup.save(file, cluster.respAddresses(), cluster.respAddresses().get(0), PATIENCE);
        assertThrows(RaftException.class, () ->
            Backup.save(file, cluster.respAddresses(), cluster.respAddresses().get(0), PATIENCE), "it exists");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(Files.size(file) / 2);
            final int one = bytes.read();
            bytes.seek(Files.size(file) / 2);
            bytes.write(one ^ 1);
        }
        final RaftException refusal = assertThrows(RaftException.class, () -> Backup.verify(file));
        assertTrue(refusal.getMessage().contains(file + " is damaged at offset "), refusal.getMessage());
        assertThrows(RaftException.class, () -> restore(file, "restored"));
        assertFalse(Files.exists(dir.resolve("restored")));
    }

    @Test
    void aNodeThatGoesAwayDuringABackupLeavesNoFile() throws Exception {
        write(0, 8 * KEYS * VALUE_BYTES);
        final int node = cluster.awaitLeader(PATIENCE).node();
        try (CuttingProxy proxy = new CuttingProxy(cluster.respPort(node), 1 << 20)) {
            final KvException.Unavailable refusal = assertThrows(KvException.Unavailable.class,
                () -> Backup.save(dir.resolve("backup"), cluster.respAddresses(), proxy.address(), PATIENCE));
            assertTrue(refusal.getMessage().contains("did not send the snapshot to its end"), refusal.getMessage());
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith("backup")));
        }
    }

    @Test
    void aDamagedNodeSaysHowItIsRebuiltAndComesBackAsAVoter() throws Exception {
        write(0, SEGMENT_BYTES);
        final int follower = (cluster.awaitLeader(PATIENCE).node() + 1) % cluster.size();
        cluster.awaitNumber(follower, "firstIndex", 2, PATIENCE);
        cluster.kill(follower);
        try (Stream<Path> files = Files.list(cluster.nodeDir(follower).resolve("snapshots"))) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        cluster.start(follower);
        assertEquals(4, cluster.awaitExit(follower));
        assertTrue(cluster.allMessages().contains("start this node with --rebuild"), cluster.allMessages());

        final long last = write(1_000, VALUE_BYTES);
        cluster.start(follower, "--rebuild");
        cluster.awaitNumber(follower, "snapshotsInstalled", 1, PATIENCE);
        cluster.awaitCaughtUp(follower, PATIENCE);
        cluster.awaitText(follower, "\"standing\":\"voter\"", PATIENCE);
        assertTrue(cluster.allMessages().contains("is being rebuilt: it neither votes nor counts"),
            cluster.allMessages());
        final int other = 3 - follower - cluster.awaitLeader(PATIENCE).node();
        cluster.kill(other);
        cluster.awaitLeader(PATIENCE);
        assertEquals(last, read(follower), "it counts again: two of three are a majority");
    }

    private ProcessCluster restore(Path file, String name) throws IOException {
        final ProcessCluster restored = new ProcessCluster(3, dir.resolve(name), OPTIONS);
        others.add(restored);
        final SortedMap<Integer, Path> directories = new TreeMap<>();
        restored.raftAddresses().keySet().forEach(node -> directories.put(node, restored.nodeDir(node)));
        Backup.restore(file, directories, restored.raftAddresses(), "restored");
        return restored;
    }

    /** Writes values that hold their number to a few keys, so that the state stays small. @return the last number */
    private long write(long from, long totalBytes) {
        long number = from;
        try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
            for (long written = 0; written < totalBytes; written += VALUE_BYTES) {
                final byte[] value = new byte[VALUE_BYTES];
                final byte[] digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(digits, 0, value, 0, digits.length);
                client.set(bytes("large-" + number % KEYS), value);
                client.set(bytes("newest"), digits);
                number++;
            }
        }
        return number - 1;
    }

    private long read(int node) {
        try (KvClient client = KvClient.connect(List.of(cluster.respAddresses().get(node)), PATIENCE)) {
            return newest(client);
        }
    }

    private static long newest(KvClient client) {
        return client.get(bytes("newest")).map(Commands::text).map(Long::parseLong).orElseThrow();
    }

    private String value(String key) {
        try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
            return client.get(bytes(key)).map(Commands::text).orElseThrow();
        }
    }

    private static long sizeOf(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
