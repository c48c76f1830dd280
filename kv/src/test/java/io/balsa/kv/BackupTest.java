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
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import io.balsa.mmap.SnapshotCopy;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
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
        final Object later;
        try (KvNode node = KvNode.start(old); RespSocket client = socket(node)) {
            kept = client.ask("BALSA.OPEN");
            assertEquals(1L, client.ask("BALSA.DO", kept.toString(), "1", "0", "APPEND", "k", "x"));
            save(node);
            later = client.ask("BALSA.OPEN"); // of an index that the new cluster would use as well if it counted on
            assertEquals(1L, client.ask("BALSA.DO", later.toString(), "1", "0", "APPEND", "other", "x"));
        }
        try (KvNode node = KvNode.start(restored("new")); RespSocket client = socket(node)) {
            assertEquals(1L, client.ask("BALSA.DO", kept.toString(), "1", "0", "APPEND", "k", "x"), "a kept reply");
            assertEquals("x", client.ask("GET", "k"), "not executed again");
            assertEquals(2L, client.ask("BALSA.DO", kept.toString(), "2", "0", "APPEND", "k", "y"));
            for (int i = 0; i < 5; i++) {
                assertNotEquals(later, client.ask("BALSA.OPEN"));
            }
            assertTrue(client.ask("BALSA.DO", later.toString(), "1", "0", "APPEND", "other", "x").toString()
                .startsWith("-SESSIONEXPIRED"));
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
    void membersMadeFromDifferentFilesAreOfDifferentClusters() throws IOException {
        final Path newer = dir.resolve("newer");
        try (KvNode node = KvNode.start(old); KvClient client = client(node)) {
            save(node);
            client.set(bytes("k"), bytes("v"));
            Backup.save(newer, List.of(node.respAddress()), node.respAddress(), TIMEOUT);
        }
        final SortedMap<Integer, String> members = new TreeMap<>(Map.of(0, "127.0.0.1:1", 1, "127.0.0.1:3"));
        final RestoredCluster first = Backup.restore(file, Map.of(0, dir.resolve("0")), members, "new");
        final RestoredCluster same = Backup.restore(file, Map.of(1, dir.resolve("1")), members, "new");
        final RestoredCluster other = Backup.restore(newer, Map.of(1, dir.resolve("2")), members, "new");
        assertEquals(first, same);
        assertNotEquals(first.clusterId(), other.clusterId());
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
