package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.balsa.kv.FakeCluster.Fate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client library: what it answers, and what it says when it cannot know. */
@Timeout(30)
class KvClientTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final FakeNodes nodes =
        new FakeNodes(3, Duration.ofMillis(200), new Sessions.Bounds(2, 1_024, 1 << 20, 64 << 20));

    @AfterEach
    void stop() {
        nodes.close();
    }

    @Test
    void everyCallDoesWhatItSays() {
        try (KvClient client = client()) {
            client.set(bytes("a"), bytes("1"));
            assertEquals("1", client.get(bytes("a")).map(Commands::text).orElseThrow());
            assertEquals(Optional.empty(), client.get(bytes("x")));
            assertEquals(2, client.append(bytes("a"), bytes("0")));
            assertEquals(15, client.increment(bytes("a"), 5));
            assertEquals(2, client.strlen(bytes("a")));
            assertTrue(client.exists(bytes("a")));
            assertFalse(client.compareAndSet(bytes("a"), bytes("10"), bytes("z")));
            assertTrue(client.compareAndSet(bytes("a"), bytes("15"), bytes("z")));
            assertTrue(client.setIfAbsent(bytes("b"), bytes("")));
            assertFalse(client.setIfAbsent(bytes("b"), bytes("y")));
            client.setAll(Map.of(bytes("c"), bytes("3"), bytes("d"), bytes("4")));
            assertEquals(List.of("z", "-", "", "3"),
                client.getAll(List.of(bytes("a"), bytes("x"), bytes("b"), bytes("c"))).stream()
                    .map(value -> value.map(Commands::text).orElse("-")).toList());
            assertTrue(client.delete(bytes("a")));
            assertFalse(client.delete(bytes("a")));
            assertEquals(2, client.deleteAll(List.of(bytes("c"), bytes("d"), bytes("e"))));
        }
    }

    @Test
    void keysComeInPagesAndOnlyThoseOfThePrefix() {
        try (KvClient client = client()) {
            for (int i = 0; i < 5; i++) {
                final int page = i;
                final Map<byte[], byte[]> entries = new IdentityHashMap<>();
                IntStream.range(0, 500).forEach(j -> entries.put(bytes("*p" + (10_000 + page * 500 + j)), bytes("")));
                client.setAll(entries);
            }
            client.set(bytes("q"), bytes(""));
            final List<byte[]> keys = client.keys(bytes("*p")).toList();
            assertEquals(2_500, keys.size());
            assertEquals("*p10000", text(keys.getFirst()));
            assertEquals("*p12499", text(keys.getLast()));
            assertEquals(3, client.keys(bytes(""), 3).size());
        }
    }

    @Test
    void aWriteWhoseReplyIsLostRunsOnce() throws IOException {
        try (CuttingProxy proxy = new CuttingProxy(nodes.servers.get(0).port());
             KvClient client = KvClient.connect(List.of(proxy.address()), TIMEOUT)) {
            for (int i = 1; i <= 5; i++) {
                proxy.repliesToLose.set(2);
                assertEquals(i, client.append(bytes("k"), bytes("x")));
            }
            assertEquals(10, proxy.lost.get());
            assertEquals("xxxxx", client.get(bytes("k")).map(Commands::text).orElseThrow());
        }
    }

    @Test
    void theLeaderIsFoundFromAnyNodeAndAfterEachChange() {
        try (KvClient client = KvClient.connect(List.of(nodes.address(2)), TIMEOUT)) {
            for (int i = 0; i < 6; i++) {
                nodes.cluster.lead(i % 3);
                assertEquals(i + 1, client.append(bytes("k"), bytes("x")));
            }
            assertEquals(7, nodes.cluster.applied(), "one session, six writes");
        }
    }

    @Test
    void aNodeThatIsGoneIsPassedBy() {
        try (KvClient client = client()) {
            client.append(bytes("k"), bytes("x"));
            nodes.servers.get(0).close();
            nodes.cluster.lead(1);
            assertEquals(2, client.append(bytes("k"), bytes("y")));
        }
    }

    @Test
    void theNodeThatAnsweredIsAskedFirstNextTime() throws IOException {
        final AtomicInteger asked = new AtomicInteger();
        try (ServerSocket gone = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
             KvClient client = KvClient.connect(
                 List.of("127.0.0.1:" + gone.getLocalPort(), nodes.address(0)), TIMEOUT)) {
            Thread.ofVirtual().start(() -> {
                while (!gone.isClosed()) {
                    try (Socket caller = gone.accept()) {
                        asked.incrementAndGet();
                    } catch (IOException e) {
                        return; // closed
                    }
                }
            });
            for (int i = 1; i <= 10; i++) {
                assertEquals(i, client.append(bytes("k"), bytes("x")));
            }
            assertEquals(1, asked.get());
        }
    }

    @Test
    void aNodeThatTakesConnectionsAndIsSilentCostsLittleOfALongTimeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
             KvClient client = KvClient.connect(
                 List.of("127.0.0.1:" + silent.getLocalPort(), nodes.address(0)), Duration.ofSeconds(24))) {
            final long startNs = System.nanoTime();
            assertEquals(1, client.append(bytes("k"), bytes("x")));
            final Duration taken = Duration.ofNanos(System.nanoTime() - startNs);
            assertTrue(taken.compareTo(Duration.ofSeconds(4)) < 0, taken::toString);
        }
    }

    @Test
    void anOutcomeThatNobodyCanTellIsUnknownAndNeverRunAgain() {
        try (KvClient client = KvClient.connect(nodes.addresses(), TIMEOUT)) {
            client.set(bytes("other"), bytes(""));
            nodes.cluster.fates.add(Fate.COMMIT_AND_LOSE);
            for (int i = 0; i < 1_000; i++) {
                nodes.cluster.fates.add(Fate.LOSE);
            }
            assertThrows(KvException.Unknown.class, () -> client.append(bytes("k"), bytes("x")));
            nodes.cluster.fates.clear();
            assertEquals(2, client.append(bytes("k"), bytes("y")), "the next call runs under a new session");
            assertEquals("xy", client.get(bytes("k")).map(Commands::text).orElseThrow());
        }
    }

    @Test
    void whatOneNodeCannotTellIsUnknownThoughTheNextOnesRefuse() throws IOException {
        final Queue<String> replies = new ConcurrentLinkedQueue<>(List.of("+OK", ":1", "-UNKNOWN lost"));
        try (ServerSocket node = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
             KvClient client = KvClient.connect(List.of("127.0.0.1:" + node.getLocalPort()), TIMEOUT)) {
            Thread.ofVirtual().start(() -> answer(node, replies));
            final KvException e =
                assertThrows(KvException.Unknown.class, () -> client.append(bytes("k"), bytes("x")));
            assertTrue(e.getMessage().contains("nobody leads"), "it asked on: " + e.getMessage());
        }
    }

    /** Answers every request with the next of these; then each new connection is welcome, and nobody leads. */
    private static void answer(ServerSocket node, Queue<String> replies) {
        while (!node.isClosed()) {
            try (Socket caller = node.accept()) {
                final byte[] request = new byte[1_024];
                for (int length = caller.getInputStream().read(request); length > 0;
                     length = caller.getInputStream().read(request)) {
                    final boolean greeting = new String(request, 0, length, StandardCharsets.ISO_8859_1)
                        .contains("BALSA.DIRECT");
                    final String later = greeting ? "+OK" : "-UNAVAILABLE nobody leads";
                    final String reply = Optional.ofNullable(replies.poll()).orElse(later);
                    caller.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                // the client went elsewhere, or the test is over
            }
        }
    }

    @Test
    void withoutALeaderACallIsUnavailableAndNotExecutedLater() {
        try (KvClient client = KvClient.connect(nodes.addresses(), TIMEOUT)) {
            client.set(bytes("k"), bytes(""));
            nodes.cluster.leadNobody();
            assertThrows(KvException.Unavailable.class, () -> client.append(bytes("k"), bytes("x")));
            assertThrows(KvException.Unavailable.class, () -> client.get(bytes("k")));
            nodes.cluster.lead(1);
            assertEquals(1, client.append(bytes("k"), bytes("y")));
        }
    }

    @Test
    void noNodeAtAllIsUnavailable() {
        try (KvClient client = KvClient.connect(List.of("127.0.0.1:1"), Duration.ofMillis(200))) {
            final KvException failure =
                assertThrows(KvException.Unavailable.class, () -> client.set(bytes("k"), bytes("v")));
            assertTrue(failure.getMessage().contains("127.0.0.1:1"), failure.getMessage());
        }
    }

    @Test
    void aSessionThatExpiredBetweenCallsIsReplaced() throws IOException {
        try (KvClient client = client(); RespSocket other = nodes.client(0)) {
            client.append(bytes("k"), bytes("x"));
            other.ask("BALSA.OPEN");
            other.ask("BALSA.OPEN");
            assertEquals(2, client.append(bytes("k"), bytes("y")));
        }
    }

    @Test
    void aSessionThatExpiredWithACallUnderWayIsUnknown() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(nodes.servers.get(0).port());
             RespSocket other = nodes.client(0);
             KvClient client = KvClient.connect(List.of(proxy.address()), Duration.ofSeconds(5))) {
            client.set(bytes("k"), bytes(""));
            proxy.repliesToLose.set(1_000_000);
            final Thread expiry = Thread.ofVirtual().start(() -> {
                while (proxy.lost.get() < 2) {
                    Thread.onSpinWait();
                }
                try {
                    other.ask("BALSA.OPEN");
                    other.ask("BALSA.OPEN");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                proxy.repliesToLose.set(0);
            });
            assertThrows(KvException.Unknown.class, () -> client.append(bytes("k"), bytes("x")));
            expiry.join();
            assertEquals("x", client.get(bytes("k")).map(Commands::text).orElseThrow(), "it ran once, not again");
        }
    }

    @Test
    void whatWouldFailAgainIsRefused() {
        try (KvClient client = client()) {
            client.set(bytes("k"), bytes("word"));
            assertThrows(KvException.Refused.class, () -> client.increment(bytes("k"), 1));
            assertThrows(KvException.Refused.class, () -> client.set(bytes("k"), new byte[Limits.VALUE_BYTES + 1]));
            assertThrows(KvException.Refused.class, () -> client.get(new byte[Limits.KEY_BYTES + 1]));
            client.set(bytes("k"), new byte[Limits.VALUE_BYTES]);
            assertThrows(KvException.Refused.class,
                () -> client.deleteAll(Collections.nCopies(Limits.ARGUMENTS + 1, bytes("k"))));
            assertEquals(Limits.ARGUMENTS, client.getAll(Collections.nCopies(Limits.ARGUMENTS, bytes("x"))).size());
            assertThrows(KvException.Refused.class, () -> client.append(bytes("k"), bytes("x")));
            assertEquals(Limits.VALUE_BYTES, client.strlen(bytes("k")));
        }
    }

    @Test
    void closingAClientClosesItsSession() {
        final KvClient client = client();
        client.set(bytes("k"), bytes("v"));
        assertEquals(1, nodes.cluster.machines.get(0).sessionCount());
        client.close();
        assertEquals(0, nodes.cluster.machines.get(0).sessionCount());
    }

    @Test
    void theStatusIsThatOfTheNodeAsked() {
        assertTrue(KvClient.status(nodes.address(2), TIMEOUT).startsWith("{\"id\":2,\"role\":\"follower\""));
        assertThrows(KvException.Unavailable.class, () -> KvClient.status("127.0.0.1:1", TIMEOUT));
    }

    @Test
    void addressesAreCheckedAtOnce() {
        for (final String wrong : List.of("nohost", ":1", "host:x", "host:70000")) {
            assertThrows(IllegalArgumentException.class, () -> KvClient.connect(List.of(wrong), TIMEOUT));
        }
        assertThrows(IllegalArgumentException.class, () -> KvClient.connect(List.of(), TIMEOUT));
        final List<String> right = List.of("127.0.0.1:1");
        assertThrows(IllegalArgumentException.class, () -> KvClient.connect(right, Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> KvClient.connect(right, Duration.ofDays(100_000)));
    }

    private KvClient client() {
        return KvClient.connect(nodes.addresses(), TIMEOUT);
    }
}
