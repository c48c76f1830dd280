package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Optional;
import java.util.stream.Stream;

import io.balsa.raft.spi.RaftException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node as it is shipped: real log, real transport, real clients; alone in its group. */
@Timeout(60)
class KvNodeTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    private Path dir;

    @Test
    void whatWasWrittenIsThereAfterARestartAndSoAreTheSessions() throws IOException {
        final KvNode.Options options = options(dir).withBootstrap(true);
        try (KvNode node = KvNode.start(options); KvClient client = client(node)) {
            assertEquals(1, client.append(bytes("k"), bytes("x")));
            client.set(bytes("large"), new byte[Limits.VALUE_BYTES]);
        }
        try (KvNode node = KvNode.start(options.withBootstrap(false)); KvClient client = client(node)) {
            assertEquals(2, client.append(bytes("k"), bytes("y")));
            assertEquals("xy", client.get(bytes("k")).map(Commands::text).orElseThrow());
            assertEquals(Limits.VALUE_BYTES, client.strlen(bytes("large")));
            assertTrue(node.status().voter());
            assertTrue(node.notices().stream().noneMatch(notice -> notice.contains("was empty")));
        }
    }

    @Test
    void anEmptyDirectoryWithoutBootstrapDoesNotVoteAndSaysSo() throws IOException {
        try (KvNode node = KvNode.start(options(dir))) {
            assertTrue(node.notices().getFirst().contains("does not vote"), node.notices().toString());
            assertFalse(node.status().voter());
        }
    }

    @Test
    void aDirectoryOfAnotherNodeIsRefused() throws IOException {
        final KvNode.Options options = options(dir).withBootstrap(true);
        KvNode.start(options).close();
        final Map<Integer, String> members = Map.of(0, options.members().get(0), 1, "127.0.0.1:1");
        final RaftException refusal = assertThrows(RaftException.class,
            () -> KvNode.start(KvNode.Options.of(1, members, 0, dir)));
        assertTrue(refusal.getMessage().contains("belongs to node 0, not to node 1"), refusal.getMessage());
    }

    @Test
    void aDirectoryOfOtherMembersIsRefusedAndOfOtherAddressesIsNot() throws IOException {
        KvNode.start(options(dir).withBootstrap(true)).close();
        final Map<Integer, String> grown = Map.of(0, "127.0.0.1:" + freePort(), 1, "127.0.0.1:1", 2, "127.0.0.1:3");
        final RaftException refusal = assertThrows(RaftException.class,
            () -> KvNode.start(KvNode.Options.of(0, grown, 0, dir)));
        assertTrue(refusal.getMessage().contains("was made for the members 0, not for 0,1,2"), refusal.getMessage());
        KvNode.start(options(dir)).close(); // at another port, and the refusal left nothing locked
    }

    @Test
    void membersThatCannotBeReadAreNotGuessed() throws IOException {
        KvNode.start(options(dir).withBootstrap(true)).close();
        Files.writeString(dir.resolve("members"), "0,");
        final RaftException refusal = assertThrows(RaftException.class, () -> KvNode.start(options(dir)));
        assertTrue(refusal.getMessage().contains("members is damaged"), refusal.getMessage());
    }

    @Test
    void theBuffersGoWhereTheyAreToldTo() throws IOException {
        final Path buffers = dir.resolve("buffers");
        try (KvNode node = KvNode.start(options(dir.resolve("data")).withBootstrap(true).withAeronDirectory(buffers))) {
            assertTrue(node.notices().stream().anyMatch(notice -> notice.contains(buffers.toString())),
                node.notices().toString());
            try (Stream<Path> made = Files.list(buffers)) {
                assertEquals(1, made.count());
            }
        }
    }

    @Test
    void aClientPortInUseIsSaidBeforeAnythingElseIsTouched() throws IOException {
        try (KvNode node = KvNode.start(options(dir.resolve("a")).withBootstrap(true))) {
            final int port = HostPort.parse(node.respAddress()).port();
            final Path other = dir.resolve("b");
            final RaftException refusal = assertThrows(RaftException.class,
                () -> KvNode.start(KvNode.Options.of(0, Map.of(0, "127.0.0.1:" + freePort()), port, other)));
            assertTrue(refusal.getMessage().contains("127.0.0.1:" + port), refusal.getMessage());
            assertFalse(other.toFile().exists());
        }
    }

    @Test
    void optionsThatDoNotFitLeaveTheDirectoryAsItIs() throws IOException {
        final KvNode.Options sound = options(dir.resolve("node")).withBootstrap(true);
        final KvNode.DiskUse use = sound.disk();
        final List<KvNode.Options> wrong = List.of(
            sound.withDisk(new KvNode.DiskUse(use.snapshotEvery(), use.keepLog(), use.logSegment(),
                Duration.ofMillis(1))),
            sound.withDisk(new KvNode.DiskUse(use.snapshotEvery(), use.keepLog(), 20 << 20, use.stallTimeout())),
            sound.withAddresses(Optional.of("127.0.0.1:65535"), "127.0.0.1", Optional.empty()));
        for (final KvNode.Options options : wrong) {
            assertThrows(IllegalArgumentException.class, () -> KvNode.start(options));
            assertFalse(Files.exists(sound.dir()), "not even formatted");
        }
        KvNode.start(sound).close();
        Files.write(sound.dir().resolve("vote"), new byte[1]); // a reason to be rebuilt
        for (final KvNode.Options options : wrong) {
            assertThrows(IllegalArgumentException.class,
                () -> KvNode.start(options.withBootstrap(false).withRebuild(true)));
            assertFalse(Files.exists(sound.dir().resolve("damaged")), "not emptied");
        }
        KvNode.start(sound.withBootstrap(false).withRebuild(true)).close(); // nothing was left locked
        assertTrue(Files.exists(sound.dir().resolve("damaged")));
    }

    @Test
    void allAddressesAreNoAddressToTellOthers() {
        final Map<Integer, String> members = Map.of(0, "10.1.2.3:9000");
        final KvNode.Options options = KvNode.Options.of(0, members, 7400, dir);
        assertEquals("127.0.0.1:7400", NodeParts.advertised(options, 7400).toString());
        assertEquals("10.1.2.3:7400", NodeParts.advertised(
            options.withAddresses(Optional.empty(), "0.0.0.0", Optional.empty()), 7400).toString());
        assertEquals("kv.example:1", NodeParts.advertised(
            options.withAddresses(Optional.empty(), "0.0.0.0", Optional.of("kv.example:1")), 7400).toString());
    }

    private static KvClient client(KvNode node) {
        return KvClient.connect(List.of(node.respAddress()), TIMEOUT);
    }

    private static KvNode.Options options(Path dir) throws IOException {
        return KvNode.Options.of(0, Map.of(0, "127.0.0.1:" + freePort()), 0, dir);
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
