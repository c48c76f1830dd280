package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import io.balsa.kv.FakeCluster.Fate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests at a node that does not lead, and leaders that change. */
@Timeout(60)
class ForwardingTest {
    private final FakeNodes nodes = new FakeNodes(3, Duration.ofSeconds(2));

    @AfterEach
    void stop() {
        nodes.close();
    }

    @Test
    void anyNodeTakesWritesAndReads() throws IOException {
        for (int i = 0; i < 3; i++) {
            try (RespSocket client = nodes.client(i)) {
                client.add("APPEND", "k", "" + i).add("GET", "k").add("KEYS", "*").add("DBSIZE").add("MGET", "k", "x")
                    .add("GET", "x").send();
                final String value = "012".substring(0, i + 1);
                assertEquals(List.of(i + 1L, value, List.of("k"), 1L, List.of(value, "absent"), "absent"),
                    client.read(6));
            }
        }
    }

    @Test
    void aReadThatIsForwardedDoesNotSeeALaterWriteOfItsPipeline() throws IOException {
        try (RespSocket client = nodes.client(1)) {
            client.add("SET", "k", "1").add("GET", "k").add("SET", "k", "2").add("GET", "k").send();
            assertEquals(List.of("+OK", "1", "+OK", "2"), client.read(4));
        }
    }

    @Test
    void errorsComeBackAsTheLeaderWordedThem() throws IOException {
        try (RespSocket client = nodes.client(1)) {
            client.ask("SET", "k", "word");
            assertEquals("-ERR value is not an integer or out of range", client.ask("INCR", "k"));
            assertEquals("+OK", client.ask("SET", "k", "1"));
            assertEquals(2L, client.ask("INCR", "k"), "the error used its number up");
        }
    }

    @Test
    void largePipelinesPassInBothDirections() throws IOException {
        try (RespSocket client = nodes.client(2)) {
            final String large = "v".repeat(Limits.VALUE_BYTES);
            client.ask("SET", "k", large);
            final Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 8; i++) {
                        client.add("GET", "k").add("SET", "k", large);
                    }
                    client.send();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 8; i++) {
                assertEquals(large.length(), client.read().toString().length());
                assertEquals("+OK", client.read());
            }
            assertFalse(sender.isInterrupted());
        }
    }

    @Test
    void whatOneNodeTakesIsNotTooLargeToBePassedOn() throws IOException {
        final String[] widest = new String[1 + Limits.ARGUMENTS];
        Arrays.fill(widest, "k");
        widest[0] = "MSET";
        final int rest = Limits.COMMAND_BYTES - Limits.COMMAND_OVERHEAD - Limits.VALUE_BYTES - 2
            - 4 * Limits.ARGUMENT_OVERHEAD;
        final String value = "v".repeat(Limits.VALUE_BYTES);
        for (int i = 0; i < 3; i++) {
            try (RespSocket client = nodes.client(i)) {
                assertEquals("+OK", client.ask(widest));
                assertEquals("+OK", client.ask("MSET", "a", value, "b", value.substring(0, rest)));
                client.add("MSET", "a", value, "b", value.substring(0, rest + 1)).add("SET", "c", "").send();
                assertTrue(client.read().toString().startsWith("-TOOLARGE "));
                assertEquals("+OK", client.read(), "the next write of the pipeline has nothing to do with that");
            }
        }
    }

    @Test
    void aLeaderThatWasStoppedDoesNotHoldUpWhatItsSuccessorCanAnswer() throws IOException {
        // as a stopped process does, it takes connections and never says a word
        try (ServerSocket stopped = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
             RespSocket client = nodes.client(1)) {
            stopped.setSoTimeout(10_000);
            client.ask("SET", "other", "");
            nodes.cluster.lead(2);
            client.ask("SET", "other", "");
            nodes.cluster.advertise(0, "127.0.0.1:" + stopped.getLocalPort());
            nodes.cluster.lead(0);
            client.add("APPEND", "k", "x").send();
            try (Socket forwarding = stopped.accept()) {
                assertTrue(forwarding.isConnected());
                nodes.cluster.lead(2);
                assertEquals(1L, client.read());
            }
        }
    }

    @Test
    void aDirectConnectionIsNeverForwarded() throws IOException {
        try (RespSocket client = nodes.client(1)) {
            assertEquals("+OK", client.ask("BALSA.DIRECT"));
            final String leader = "-NOTLEADER " + nodes.address(0);
            for (final String[] request : new String[][] {{"SET", "k", "v"}, {"GET", "k"}, {"DBSIZE"}, {"BALSA.OPEN"},
                {"BALSA.DO", "1", "1", "0", "SET", "k", "v"}}) {
                assertEquals(leader, client.ask(request));
            }
            nodes.cluster.leadNobody();
            assertEquals("-NOTLEADER ?", client.ask("SET", "k", "v"));
            assertEquals(0, nodes.cluster.applied());
        }
    }

    @Test
    void theNumbersStayTheSameWhenTheLeaderChanges() throws IOException {
        try (RespSocket client = nodes.client(2)) {
            assertEquals(1L, client.ask("APPEND", "k", "a"));
            nodes.cluster.lead(1);
            assertEquals(2L, client.ask("APPEND", "k", "b"));
            nodes.cluster.lead(2);
            assertEquals(3L, client.ask("APPEND", "k", "c"));
            assertEquals("abc", client.ask("GET", "k"));
            assertEquals(4, nodes.cluster.applied(), "one session, three writes");
        }
    }

    @Test
    void aReplyLostBetweenNodesIsFoundOut() throws IOException {
        try (CuttingProxy proxy = new CuttingProxy(nodes.servers.get(0).port()); RespSocket client = nodes.client(1)) {
            nodes.cluster.advertise(0, proxy.address());
            client.ask("SET", "other", "");
            for (int i = 1; i <= 10; i++) {
                proxy.repliesToLose.set(i % 3);
                assertEquals((long) i, client.ask("APPEND", "k", "x"));
            }
            assertEquals(10, proxy.lost.get());
        }
    }

    /** Several connections, leaders and faults at random: each write's answer must match what the store shows. */
    @Test
    void noWriteRunsTwiceAndNoAnsweredWriteIsMissing() throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final Future<?> trouble = threads.submit(() -> makeTrouble(done));
            final List<Callable<Void>> clients = new ArrayList<>();
            for (int c = 0; c < 6; c++) {
                final int id = c;
                clients.add(() -> {
                    appendAndCheck(id);
                    return null;
                });
            }
            for (final Future<Void> client : threads.invokeAll(clients)) {
                client.get();
            }
            done.set(true);
            trouble.get();
        }
    }

    private void makeTrouble(AtomicBoolean done) {
        final Random random = new Random(7);
        final Fate[] fates = Fate.values();
        while (!done.get()) {
            if (nodes.cluster.fates.size() < 8) {
                // most commands pass, and silence is rare: it costs a whole deadline
                final Fate fate = fates[random.nextInt(fates.length)];
                final boolean rare = fate == Fate.COMMIT_IN_SILENCE && random.nextInt(20) > 0;
                nodes.cluster.fates.add(random.nextInt(4) > 0 || rare ? Fate.COMMIT : fate);
            }
            if (random.nextInt(50) == 0) {
                nodes.cluster.lead(random.nextInt(4) - 1);
            }
            LockSupport.parkNanos(100_000);
        }
        nodes.cluster.fates.clear();
        nodes.cluster.lead(0);
    }

    private void appendAndCheck(int id) throws IOException {
        final String key = "k" + id;
        final List<String> answered = new ArrayList<>();
        final List<String> refused = new ArrayList<>();
        try (RespSocket client = nodes.client(id % 3)) {
            int next = 0;
            for (int batch = 0; batch < 60; batch++) {
                final int size = 1 + batch % 7;
                for (int i = 0; i < size; i++) {
                    client.add("APPEND", key, "<" + (next + i) + ">");
                }
                client.send();
                for (int i = 0; i < size; i++) {
                    final String token = "<" + next++ + ">";
                    final Object reply = client.read();
                    if (reply instanceof Long) {
                        answered.add(token);
                    } else if (!reply.toString().startsWith("-UNKNOWN")) {
                        refused.add(token + " " + reply);
                    }
                }
            }
        }
        final String value = Commands.text(nodes.cluster.machines.get(0).view().map().get(Commands.bytes(key)));
        int position = -1;
        for (final String token : answered) {
            final int found = value.indexOf(token);
            assertTrue(found > position, token + " is missing or out of order");
            position = found;
        }
        for (final String token : refused) {
            assertFalse(value.contains(token.substring(0, token.indexOf(' '))), "executed, answered " + token);
        }
        for (int i = 0; i < value.length(); i = value.indexOf('>', i) + 1) {
            final String token = value.substring(i, value.indexOf('>', i) + 1);
            assertEquals(i, value.lastIndexOf(token), token + " ran twice");
        }
        assertTrue(answered.size() > 100, "too few were answered to prove anything: " + answered.size());
    }
}
