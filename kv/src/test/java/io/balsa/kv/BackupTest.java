package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.mmap.SnapshotCopy;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.VoteStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store saved to a file and made anew from it; alone in its group. */
@Timeout(60)
class BackupTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    private Path dir;
    private Path file;
    private KvNode.Options old;

    @BeforeEach
    void choosePlaces() throws IOException {
        file = dir.resolve("backup");
        old = options(dir.resolve("old")).withBootstrap(true);
    }

    @Test
    void aSessionGoesOnWhereItWasAndNeverMeetsAnotherOfItsNumber() throws IOException {
        final Object kept;
        final Set<Object> later = new HashSet<>();
        try (KvNode node = KvNode.start(old); RespSocket client = socket(node)) {
            kept = client.ask("BALSA.OPEN");
            assertEquals(1L, client.ask("BALSA.DO", kept.toString(), "1", "0", "APPEND", "k", "x"));
            save(node);
            for (int i = 0; i < 20; i++) { // of indexes that the new cluster would use as well if it counted on
                later.add(client.ask("BALSA.OPEN"));
            }
        }
        try (KvNode node = KvNode.start(restored("new")); RespSocket client = socket(node)) {
            assertEquals(1L, client.ask("BALSA.DO", kept.toString(), "1", "0", "APPEND", "k", "x"), "a kept reply");
            assertEquals("x", client.ask("GET", "k"), "not executed again");
            assertEquals(2L, client.ask("BALSA.DO", kept.toString(), "2", "0", "APPEND", "k", "y"));
            for (int i = 0; i < 20; i++) {
                assertFalse(later.contains(client.ask("BALSA.OPEN")), "somebody else's number");
            }
            for (final Object stranger : later) {
                assertTrue(client.ask("BALSA.DO", stranger.toString(), "1", "0", "APPEND", "other", "x").toString()
                    .startsWith("-SESSIONEXPIRED"));
            }
        }
    }

    @Test
    void whatIsRestoredIsAClusterOfItsOwnWithItsOwnLog() throws IOException {
        final Backup.Contents saved;
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            client.set(bytes("k"), bytes("v"));
            saved = save(node);
            assertEquals(1, saved.keys());
            assertEquals(node.status().clusterId(), saved.clusterId());
        }
        final KvNode.Options restored = restored("new");
        for (int start = 0; start < 2; start++) {
            try (KvNode node = KvNode.start(restored); KvClient client = client(node)) {
                assertEquals("v", client.get(bytes("k")).map(Commands::text).orElseThrow());
                client.append(bytes("started"), bytes("."));
                assertEquals(start + 1, client.strlen(bytes("started")));
                assertTrue(node.status().voter());
                assertNotEquals(saved.clusterId(), node.status().clusterId());
                assertTrue(node.status().term() > saved.term(), "the vote file's term was not behind the log's");
                assertTrue(node.status().snapshots().firstIndex() > saved.index());
            }
        }
    }

    @Test
    void aRestoredMemberRemembersTheTermOfItsBackup() throws IOException {
        final Backup.Contents saved;
        try (KvNode node = KvNode.start(old)) {
            saved = save(node);
        }
        assertTrue(saved.term() >= 1, "term " + saved.term());
        final KvNode.Options restored = restored("new");
        try (MmapStorage storage = MmapStorage.open(restored.dir(), MmapConfig.defaults())) {
            assertEquals(saved.term(), storage.votes().currentTerm());
            assertEquals(VoteStore.NOBODY, storage.votes().votedFor());
            assertEquals(saved.term(), storage.log().baseTerm());
            assertEquals(storage.snapshots().newest().orElseThrow().index(), storage.log().lastIndex());
            assertEquals(storage.log().lastIndex() + 1, storage.log().firstIndex(), "nothing of the old log");
        }
    }

    @Test
    void membersMadeFromDifferentFilesAreOfDifferentClusters() throws IOException {
        final Path newer = dir.resolve("newer");
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            save(node);
            client.set(bytes("k"), bytes("v"));
            Backup.save(newer, List.of(node.respAddress()), node.respAddress(), TIMEOUT);
        }
        final SortedMap<Integer, String> members = new TreeMap<>(Map.of(0, "127.0.0.1:1", 1, "127.0.0.1:3"));
        final RestoredCluster first = Backup.restore(file, Map.of(0, dir.resolve("0")), members, "new");
        final long founding = first.founding();
        final RestoredCluster same = Backup.restoreMore(file, Map.of(1, dir.resolve("1")), members, "new", founding);
        final RestoredCluster other = Backup.restoreMore(newer, Map.of(1, dir.resolve("2")), members, "new", founding);
        assertEquals(first, same);
        assertNotEquals(first.clusterId(), other.clusterId());
    }

    /** Who restores a lost member once more must not give a cluster that runs a voter that has forgotten its votes. */
    @Test
    void restoredOnceMoreItIsAnotherCluster() throws IOException {
        try (KvNode node = KvNode.start(old)) {
            save(node);
        }
        final SortedMap<Integer, String> members = new TreeMap<>(Map.of(0, "127.0.0.1:1", 1, "127.0.0.1:3"));
        final RestoredCluster running =
            Backup.restore(file, Map.of(0, dir.resolve("0"), 1, dir.resolve("1")), members, "new");
        final RestoredCluster again = Backup.restore(file, Map.of(1, dir.resolve("again")), members, "new");
        assertNotEquals(running.clusterId(), again.clusterId());
        assertNotEquals(running.index(), again.index(), "so that neither's clients meet the other's sessions");
    }

    @Test
    void ofTwoBackupsToOneNameOneIsKeptAndTheOtherIsRefused() throws Exception {
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            client.set(bytes("k"), new byte[Limits.VALUE_BYTES]);
            final List<Future<Backup.Contents>> both = new ArrayList<>();
            try (ExecutorService savers = Executors.newFixedThreadPool(2)) {
                both.add(savers.submit(() -> save(node)));
                both.add(savers.submit(() -> save(node)));
            }
            final List<Future<Backup.Contents>> saved =
                both.stream().filter(one -> one.state() == Future.State.SUCCESS).toList();
            assertEquals(1, saved.size());
            assertEquals(saved.getFirst().resultNow(), Backup.verify(file));
            both.removeAll(saved);
            assertTrue(both.getFirst().exceptionNow().getMessage().contains(file + " exists"),
                both.getFirst().exceptionNow().toString());
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(Set.of(file, old.dir()), files.collect(Collectors.toSet()), "and nothing unfinished is left");
        }
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNoticedBeforeASnapshotIsTaken() throws IOException {
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            client.set(bytes("k"), bytes("v"));
            file = dir.resolve("nowhere/backup");
            final RaftException refused = assertThrows(RaftException.class, () -> save(node));
            assertTrue(refused.getMessage().contains(file + " cannot be written"), refused.getMessage());
            assertEquals(0, node.status().snapshots().taken());
        }
    }

    @Test
    void aNodeOfAnotherClusterIsNotSavedForThisOne() throws IOException {
        final KvNode.Options another = options(dir.resolve("another")).withBootstrap(true).withClusterName("another");
        try (KvNode node = KvNode.start(old); KvNode stranger = KvNode.start(another)) {
            final RaftException refused = assertThrows(RaftException.class, () -> Backup.save(file,
                List.of(node.respAddress()), stranger.respAddress(), TIMEOUT));
            assertTrue(refused.getMessage().contains(stranger.respAddress() + " belongs to cluster "
                + Long.toHexString(stranger.status().clusterId())), refused.getMessage());
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void theClusterThatWasSavedAndADirectoryInUseAreNotOverwritten() throws IOException {
        try (KvNode node = KvNode.start(old)) {
            save(node);
        }
        final IllegalArgumentException same = assertThrows(IllegalArgumentException.class,
            () -> Backup.restore(file, Map.of(0, dir.resolve("new")), old.members(), old.clusterName()));
        assertTrue(same.getMessage().contains("give the new cluster another name"), same.getMessage());
        final RaftException inUse = assertThrows(RaftException.class,
            () -> Backup.restore(file, Map.of(0, old.dir()), old.members(), "new"));
        assertTrue(inUse.getMessage().contains(old.dir() + " is not empty"), inUse.getMessage());
        assertFalse(Files.exists(dir.resolve("new")));
    }

    @Test
    void aStateWithAnotherDigestIsNoBackup() throws IOException {
        try (KvNode node = KvNode.start(old)) {
            save(node);
        }
        final SnapshotCopy sound = SnapshotCopy.of(file);
        final Path other = dir.resolve("other");
        final Snapshot wrong = new Snapshot(sound.snapshot().index(), sound.snapshot().term(),
            sound.snapshot().stateHash() + 1, 0, 0);
        SnapshotCopy.write(other, sound.clusterId(), sound.members(), wrong, out -> {
            try (var state = sound.open()) {
                state.transferTo(out);
            }
        });
        final LogCorruptException damage = assertThrows(LogCorruptException.class, () -> Backup.verify(other));
        assertTrue(damage.getMessage().contains("holds a state whose digest is"), damage.getMessage());
    }

    @Test
    void aSoundDirectoryIsNotEmptiedByAFlagThatWasForgotten() throws IOException {
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            client.set(bytes("k"), bytes("v"));
        }
        try (KvNode node = KvNode.start(old.withBootstrap(false).withRebuild(true)); KvClient client = client(node)) {
            assertTrue(node.notices().toString().contains("is sound: --rebuild left it as it is"),
                node.notices().toString());
            assertEquals("v", client.get(bytes("k")).map(Commands::text).orElseThrow());
        }
    }

    @Test
    void aWipedDirectoryIsRebuiltWithoutAVote() throws IOException {
        try (KvNode node = KvNode.start(options(dir.resolve("wiped")).withRebuild(true).withClusterId(0xBA15AL))) {
            assertTrue(node.notices().toString().contains("is being rebuilt and has lost its votes"),
                node.notices().toString());
            assertEquals(0xBA15AL, node.status().clusterId());
        }
    }

    @Test
    void otherStoresNamesForItWorkAsWell() throws IOException {
        try (KvNode node = KvNode.start(old); RespSocket client = socket(node)) {
            client.add("SET", "k", "v").add("SAVE").add("GET", "k").send();
            assertEquals(List.of("+OK", "+OK", "v"), client.read(3));
            assertTrue(node.status().snapshots().taken() >= 1);
            assertEquals("+Background saving started", client.ask("BGSAVE"));
            assertTrue(client.ask("LASTSAVE").toString().startsWith("-ERR "));
            assertTrue(client.ask("BALSA.FETCH", "999", "0").toString().startsWith("-ERR there is no snapshot"));
            assertTrue(client.ask("BALSA.FETCH", "1", "77").toString().startsWith("-ERR a snapshot is fetched in"));
            assertTrue(client.ask("BALSA.SNAPSHOT", "x").toString().startsWith("-ERR index: "));
            assertTrue(client.ask("INFO").toString().contains("snapshots_taken:"));
        }
    }

    private Backup.Contents save(KvNode node) {
        return Backup.save(file, List.of(node.respAddress()), node.respAddress(), TIMEOUT);
    }

    private KvNode.Options restored(String name) throws IOException {
        final KvNode.Options options = options(dir.resolve(name));
        Backup.restore(file, Map.of(0, options.dir()), options.members(), name);
        return options;
    }

    private static KvClient client(KvNode node) {
        return KvClient.connect(List.of(node.respAddress()), TIMEOUT);
    }

    private static RespSocket socket(KvNode node) throws IOException {
        return new RespSocket(HostPort.parse(node.respAddress()).port());
    }

    private static KvNode.Options options(Path dir) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return KvNode.Options.of(0, Map.of(0, "127.0.0.1:" + socket.getLocalPort()), 0, dir);
        }
    }
}
