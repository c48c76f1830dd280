package io.balsa.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import io.balsa.aeron.AeronConfig;
import io.balsa.aeron.AeronTransport;
import io.balsa.aeron.Endpoint;
import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.Outcome;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftNode;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the README's example, which is copied from here. */
final class EmbeddingExampleTest {
    @TempDir
    private Path dir;

    // The README shows what stands between the two marks.
    // example-begin
    /** Counts how often each name was called. */
    static final class Tally implements StateMachine<Long> {
        private final Map<String, Long> counts = new HashMap<>();

        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            return counts.merge(command.getStringWithoutLengthUtf8(offset, length), 1L, Long::sum);
        }
    }

    static RaftNode<Long> start(int id, Map<Integer, Endpoint> members, Path dir, boolean firstStart) {
        if (firstStart) { // of the whole group, and never again: an empty directory has forgotten its votes
            MmapStorage.format(dir, new Storage.Identity(42, id, new SecureRandom().nextLong(), true));
        }
        return RaftNode.start(RaftConfig.of(id, members.keySet()), MmapStorage.open(dir, MmapConfig.defaults()),
            AeronTransport.open(AeronConfig.of(42, id, members, dir)), new Tally());
    }

    static String call(RaftNode<Long> node, String name) {
        return switch (node.propose(name.getBytes(UTF_8), Duration.ofSeconds(5))) {
            case Outcome.Committed<Long> done -> name + " was called " + done.reply() + " times";
            case Outcome.Rejected<Long> refused -> refused.reason() + ", ask node " + refused.leaderHint();
            case Outcome.Indeterminate<Long> unknown -> "counted or not: " + unknown.cause();
        };
    }
    // example-end

    @Test
    void theExampleRuns() throws IOException {
        final Map<Integer, Endpoint> alone = Map.of(0, new Endpoint("127.0.0.1", freePort()));
        final Path data = dir.resolve("tally");
        try (RaftNode<Long> node = start(0, alone, data, true)) {
            assertEquals("ada was called 1 times", callOnceItLeads(node, "ada"));
            assertEquals("bob was called 1 times", call(node, "bob"));
            assertEquals("ada was called 2 times", call(node, "ada"));
        }
        try (RaftNode<Long> again = start(0, alone, data, false)) {
            assertEquals("ada was called 3 times", callOnceItLeads(again, "ada"));
        }
    }

    @Test
    void theReadmeShowsIt() throws IOException {
        final List<String> lines =
            Files.readAllLines(Path.of("src/test/java/io/balsa/kv/EmbeddingExampleTest.java"));
        assertTrue(Files.readString(Path.of("..", "README.md")).contains("```java\n" + example(lines) + "\n```"),
            "README.md and this test differ; copy the example from here");
    }

    /** Nobody leads before the first election. */
    private static String callOnceItLeads(RaftNode<Long> node, String name) {
        final long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String answer = call(node, name);
        while (answer.startsWith("NOT_LEADER") && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(10_000_000);
            answer = call(node, name);
        }
        return answer;
    }

    private static String example(List<String> lines) {
        final List<String> stripped = lines.stream().map(String::strip).toList();
        return lines.subList(stripped.indexOf("// example-begin") + 1, stripped.indexOf("// example-end")).stream()
            .map(line -> line.replaceFirst("^ {4}", "")).collect(Collectors.joining("\n"));
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
