package io.balsa.aeron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.balsa.raft.spi.TransportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RequestLinkTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final RequestHandler ECHO = (request, reply) -> reply.send(request);

    @TempDir
    private Path dir;

    @Test
    void questionsAreAnswered() throws Exception {
        try (RequestLink server = open(0, (request, reply) -> reply.send(bytes("re: " + text(request))));
             RequestLink client = open(0, RequestHandler.NONE)) {
            for (int i = 0; i < 100; i++) {
                assertEquals("re: " + i, text(ask(client, server.address(), bytes("" + i))));
            }
        }
    }

    @Test
    void emptyAndLongMessagesArriveWhole() throws Exception {
        final byte[] longest = new byte[RequestLink.MAX_MESSAGE];
        new SplittableRandom(1).nextBytes(longest);
        try (RequestLink server = open(0, ECHO); RequestLink client = open(0, RequestHandler.NONE)) {
            assertArrayEquals(new byte[0], ask(client, server.address(), new byte[0]));
            assertArrayEquals(longest, ask(client, server.address(), longest));
            final byte[] tooLong = new byte[RequestLink.MAX_MESSAGE + 1];
            assertThrows(IllegalArgumentException.class, () -> client.ask(server.address(), tooLong, PATIENCE));
        }
    }

    @Test
    void manyAskOneAtOnceAndEachGetsItsOwnAnswer() throws Exception {
        try (RequestLink server = open(0, ECHO); RequestLink one = open(0, RequestHandler.NONE);
             RequestLink other = open(0, RequestHandler.NONE)) {
            final List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add((i % 2 == 0 ? one : other).ask(server.address(), bytes("q" + i), PATIENCE));
            }
            for (int i = 0; i < 200; i++) {
                assertEquals("q" + i, text(answers.get(i).get()));
            }
        }
    }

    @Test
    void anAnswerMayComeLaterAndFromAnyThread() throws Exception {
        final CountDownLatch told = new CountDownLatch(1);
        try (RequestLink server = open(0, (request, reply) -> Thread.ofPlatform().start(() -> {
                 await(told);
                 reply.send(bytes("late"));
             }));
             RequestLink client = open(0, RequestHandler.NONE)) {
            final Future<byte[]> answer = client.ask(server.address(), bytes("?"), PATIENCE);
            assertFalse(answer.isDone());
            told.countDown();
            assertEquals("late", text(answer.get()));
        }
    }

    @Test
    void whoAsksNobodyIsToldInTime() {
        try (RequestLink client = open(0, RequestHandler.NONE)) {
            final Endpoint nobody = SocketBuffers.freePort(HOST);
            final ExecutionException failure = assertThrows(ExecutionException.class,
                () -> client.ask(nobody, bytes("?"), Duration.ofMillis(50)).get());
            assertInstanceOf(TimeoutException.class, failure.getCause());
            assertTrue(failure.getMessage().contains(nobody.toString()), failure.getMessage());
        }
    }

    @Test
    void aServiceThatComesBackAtItsAddressIsFoundAgain() throws Exception {
        try (RequestLink client = open(0, RequestHandler.NONE)) {
            final RequestLink first = open(0, (request, reply) -> reply.send(bytes("first")));
            final Endpoint address = first.address();
            assertEquals("first", text(ask(client, address, bytes("?"))));
            first.close();
            try (RequestLink second = open(address.port(), (request, reply) -> reply.send(bytes("second")))) {
                assertEquals(address, second.address());
                assertEquals("second", text(askUntilAnswered(client, address)));
            }
        }
    }

    @Test
    void askersThatAreGoneDoNotHoldUpOthers() throws Exception {
        try (RequestLink server = open(0, ECHO)) {
            for (int i = 0; i < 3; i++) {
                final RequestLink gone = open(0, RequestHandler.NONE);
                final Future<byte[]> unheard = gone.ask(server.address(), new byte[1 << 20], PATIENCE);
                gone.close();
                assertTrue(unheard.isDone(), "nobody waits on a link that is closed");
            }
            try (RequestLink client = open(0, RequestHandler.NONE)) {
                assertEquals("here", text(ask(client, server.address(), bytes("here"))));
            }
        }
    }

    @Test
    void whatWaitsWhenALinkIsClosedIsTold() {
        final RequestLink client = open(0, RequestHandler.NONE);
        final CompletableFuture<byte[]> answer = client.ask(SocketBuffers.freePort(HOST), bytes("?"), PATIENCE);
        client.close();
        assertInstanceOf(TransportException.class, assertThrows(ExecutionException.class, answer::get).getCause());
        final CompletableFuture<byte[]> after = client.ask(client.address(), bytes("?"), PATIENCE);
        assertInstanceOf(TransportException.class, assertThrows(ExecutionException.class, after::get).getCause());
    }

    @Test
    void aPortInUseIsSaid() {
        try (RequestLink server = open(0, ECHO)) {
            final int port = server.address().port();
            final TransportException failure = assertThrows(TransportException.class, () -> open(port, ECHO));
            assertTrue(failure.getMessage().contains("in use"), failure.getMessage());
        }
    }

    @Test
    void nothingIsLeftBehindAndLeftoversOfTheDeadAreRemoved() throws Exception {
        final Path ofTheDead = Files.createDirectories(dir.resolve("balsa-link-999999999-7000"));
        final Path ofOthers = Files.createDirectories(dir.resolve("balsa-other"));
        open(0, RequestHandler.NONE).close();
        assertFalse(Files.exists(ofTheDead));
        try (var left = Files.list(dir)) {
            assertEquals(List.of(ofOthers), left.toList());
        }
    }

    @Test
    @Timeout(20)
    void aLeftoverOfOneThatWasKilledWhileItStartedHoldsNobodyUp() throws Exception {
        final Path halfMade = Files.createDirectories(dir.resolve("balsa-link-999999999-7001"));
        Files.write(halfMade.resolve("cnc.dat"), new byte[1 << 20]); // long enough, and no version in it as yet
        try (RequestLink server = open(0, ECHO); RequestLink client = open(0, RequestHandler.NONE)) {
            assertFalse(Files.exists(halfMade));
            assertEquals("?", text(ask(client, server.address(), bytes("?"))));
        }
    }

    @Test
    void aStoppedProcessKeepsItsFolderAndOneThatWasKilledDoesNot() throws Exception {
        try (OtherProcess other = new OtherProcess(dir)) {
            other.signal("STOP");
            open(0, RequestHandler.NONE).close();
            assertEquals(2, other.files(), "its folder and its lock");
            other.signal("CONT");
            try (RequestLink client = open(0, RequestHandler.NONE)) {
                assertEquals("?", text(ask(client, other.address(), bytes("?"))));
            }
            other.signal("KILL");
            other.awaitEnd();
            open(0, RequestHandler.NONE).close();
            assertEquals(0, other.files());
        }
    }

    @Test
    void aNameThatNobodyKnowsCostsWhoAsksForItAndNobodyElse() throws Exception {
        try (RequestLink server = open(0, ECHO); RequestLink client = open(0, RequestHandler.NONE)) {
            final Future<byte[]> lost =
                client.ask(new Endpoint("no..name", 7000), bytes("?"), Duration.ofMillis(300));
            assertEquals("?", text(ask(client, server.address(), bytes("?"))));
            assertInstanceOf(TimeoutException.class, assertThrows(ExecutionException.class, lost::get).getCause());
            assertEquals("!", text(ask(client, server.address(), bytes("!"))));
            assertEquals(Optional.empty(), client.failure());
        }
    }

    @Test
    void aLinkWhoseHandlerThrowsStopsAndSaysWhy() throws Exception {
        try (RequestLink server = open(0, (request, reply) -> {
                 throw new IllegalStateException("no idea");
             });
             RequestLink client = open(0, RequestHandler.NONE)) {
            final Future<byte[]> unanswered = client.ask(server.address(), bytes("?"), Duration.ofSeconds(2));
            assertThrows(ExecutionException.class, unanswered::get);
            assertTrue(server.failure().orElseThrow().contains("no idea"), server.failure()::get);
        }
    }

    private RequestLink open(int port, RequestHandler handler) {
        return RequestLink.open(HOST, port, dir, handler);
    }

    private static byte[] ask(RequestLink client, Endpoint whom, byte[] question) throws Exception {
        return client.ask(whom, question, PATIENCE).get();
    }

    /** As real askers do: what was sent to the one that is gone may be lost. */
    private static byte[] askUntilAnswered(RequestLink client, Endpoint whom) throws Exception {
        while (true) {
            try {
                return client.ask(whom, bytes("?"), Duration.ofSeconds(1)).get();
            } catch (ExecutionException e) {
                assertInstanceOf(TimeoutException.class, e.getCause());
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
