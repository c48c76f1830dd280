package io.balsa.raft.testkit.contract;

import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What every {@link Transport} does. All nodes run on the test's thread: it turns their duty cycles until what must
 * happen has happened, or a deadline has passed. On a network without faults, as here, every accepted frame arrives
 * while the receiver lives.
 */
public abstract class TransportContract {
    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    /** Nobody's id. */
    private static final int STRANGER = 40_000;
    private static final int POLL_LIMIT = 16;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(10);
    /** The longest that a call which does not block may take on a busy machine. */
    private static final long BLOCKED_NS = TimeUnit.SECONDS.toNanos(1);
    /** More than any flow control lets out to a peer that takes nothing. */
    private static final long ENDLESS_BYTES = 256L << 20;

    private final Map<Integer, Node> running = new TreeMap<>();
    private Network network;

    /** A network of three nodes, 0 to 2, none started. */
    protected abstract Network network() throws Exception;

    /** Starts nodes on one network. */
    public interface Network extends AutoCloseable {
        /** Starts a node; after it was closed, again under the same id and address. */
        Transport start(int node);

        /** Called once in every turn of all nodes: a simulated network lets its time pass. */
        default void onTurn() {
        }

        @Override
        void close();
    }

    @BeforeEach
    final void openNetwork() throws Exception {
        network = network();
    }

    @AfterEach
    final void closeNetwork() throws Exception {
        running.values().forEach(node -> node.transport.close());
        network.close();
    }

    @Test
    final void deliversWholeFramesInOrderOnEachStream() {
        final Node a = start(A);
        final Node b = start(B);
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            final int frames = 2_000;
            for (int sequence = 0; sequence < frames; sequence++) {
                // lengths that do and do not divide anything, up to the longest
                final int span = a.transport.maxFrameLength(stream) - Frame.MIN_LENGTH + 1;
                a.send(B, new Frame(A, stream, sequence, Frame.MIN_LENGTH + sequence * 131 % span));
            }
            final int seen = stream;
            turnUntil("all frames of stream " + stream, () -> b.heard(A, seen).size() == frames);
            assertEquals(sequence(frames), b.heard(A, stream));
        }
    }

    @Test
    final void offerDoesNotBlockWhenThePeerWasNeverThere() {
        final Node a = start(A);
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            for (int i = 0; i < 1_000; i++) {
                final long startNs = System.nanoTime();
                final int outcome = a.offer(B, new Frame(A, stream, i, Frame.MIN_LENGTH));
                final long took = System.nanoTime() - startNs;
                assertTrue(outcome == Transport.NOT_CONNECTED || outcome == Transport.BACK_PRESSURED,
                    "a frame to nobody: " + outcome);
                assertTrue(took < BLOCKED_NS, "offer took " + took + " ns");
                turn();
            }
        }
    }

    @Test
    final void theLongestFramePassesIntactAndALongerOneIsRefused() {
        final Node a = start(A);
        final Node b = start(B);
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            final int longest = a.transport.maxFrameLength(stream);
            b.longestHeard = 0;
            a.send(B, new Frame(A, stream, 0, longest));
            final int seen = stream;
            turnUntil("the longest frame of stream " + stream, () -> b.heard(A, seen).size() == 1);
            assertEquals(longest, b.longestHeard, "its length");

            final UnsafeBuffer tooLong = new UnsafeBuffer(new byte[longest + 1]);
            assertThrows(IllegalArgumentException.class, () -> a.transport.offer(B, seen, tooLong, 0, longest + 1));
        }
    }

    @Test
    final void framesCarryAtLeastWhatTheEngineNeeds() {
        final Transport transport = start(A).transport;
        assertTrue(transport.maxFrameLength(Transport.CONTROL) >= 4 << 10);
        assertTrue(transport.maxFrameLength(Transport.APPEND) >= 32 << 10);
        assertTrue(transport.maxFrameLength(Transport.SNAPSHOT) >= 4 << 10);
        assertThrows(IllegalArgumentException.class, () -> transport.maxFrameLength(Transport.STREAMS));
    }

    @Test
    final void anUnknownPeerIsAMistakeOfTheCaller() {
        final Node a = start(A);
        assertThrows(IllegalArgumentException.class,
            () -> a.offer(STRANGER, new Frame(A, Transport.CONTROL, 0, Frame.MIN_LENGTH)));
        assertThrows(IllegalArgumentException.class,
            () -> a.offer(A, new Frame(A, Transport.CONTROL, 0, Frame.MIN_LENGTH)), "a node is not its own peer");
    }

    @ParameterizedTest
    @ValueSource(ints = {Transport.APPEND, Transport.SNAPSHOT})
    final void aStoppedReceiverHoldsUpNobodyElse(int stream) {
        final Node a = start(A);
        final Node b = start(B);
        final Node c = start(C);
        a.send(B, new Frame(A, stream, 0, Frame.MIN_LENGTH));
        a.send(C, new Frame(A, stream, 0, Frame.MIN_LENGTH));
        turnUntil("both hear", () -> b.heardFrames() == 1 && c.heardFrames() == 1);

        running.remove(B);
        final int longest = a.transport.maxFrameLength(stream);
        long bytes = 0;
        int sequence = 1;
        while (a.offer(B, new Frame(A, stream, sequence, longest)) == Transport.ACCEPTED) {
            bytes += longest;
            sequence++;
            assertTrue(bytes < ENDLESS_BYTES, bytes + " bytes were accepted for a node that takes nothing");
            turn();
        }
        final int accepted = sequence;
        for (int i = 1; i <= 200; i++) {
            assertNotEquals(Transport.ACCEPTED, a.offer(B, new Frame(A, stream, accepted, longest)));
            a.send(C, new Frame(A, stream, i, longest));
        }
        turnUntil("the other peer hears all", () -> c.heard(A, stream).size() == 201);
        assertEquals(sequence(201), c.heard(A, stream));

        // What was accepted for the stopped node may have been given up meanwhile; it is heard again all the same.
        running.put(B, b);
        final int[] next = {accepted};
        turnUntil("the stopped node hears again", () -> {
            if (a.offer(B, new Frame(A, stream, next[0], Frame.MIN_LENGTH)) == Transport.ACCEPTED) {
                next[0]++;
            }
            return b.heard(A, stream).stream().anyMatch(heard -> heard >= accepted);
        });
        final List<Integer> heard = b.heard(A, stream);
        assertEquals(heard.stream().sorted().distinct().toList(), heard, "in order, none twice");
    }

    @Test
    final void aReceiverThatRestartsUnderItsAddressIsHeardAgain() {
        final Node a = start(A);
        final Node first = start(B);
        a.send(B, new Frame(A, Transport.CONTROL, 0, Frame.MIN_LENGTH));
        first.send(A, new Frame(B, Transport.CONTROL, 0, Frame.MIN_LENGTH));
        turnUntil("both hear", () -> first.hears(A) && a.hears(B));

        stop(B);
        final Node second = start(B);
        // A frame accepted for the former run may come late or never, so each side goes on offering new ones.
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            final int tried = stream;
            final int before = a.heard(B, stream).size();
            final int[] next = {1};
            turnUntil("both hear on stream " + stream + " again", () -> {
                second.offer(A, new Frame(B, tried, next[0], Frame.MIN_LENGTH));
                a.offer(B, new Frame(A, tried, next[0], Frame.MIN_LENGTH));
                next[0]++;
                return a.heard(B, tried).size() > before && !second.heard(A, tried).isEmpty();
            });
        }
        assertTrue(first.heard(A, Transport.APPEND).isEmpty(), "a closed transport delivers nothing");
    }

    @ParameterizedTest
    @ValueSource(ints = {Transport.APPEND, Transport.SNAPSHOT})
    final void bulkOnOneStreamLeavesTheOthersFree(int bulkStream) {
        final Node a = start(A);
        final Node b = start(B);
        openAllStreams(a, b);

        final int longest = a.transport.maxFrameLength(bulkStream);
        int bulk = 1;
        while (a.offer(B, new Frame(A, bulkStream, bulk, longest)) == Transport.ACCEPTED) {
            bulk++;
            assertTrue((long) bulk * longest < ENDLESS_BYTES, "nobody polls, and still it takes more");
            turnWithoutPolling();
        }
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            if (stream != bulkStream) {
                assertEquals(Transport.ACCEPTED, a.offer(B, new Frame(A, stream, 1, Frame.MIN_LENGTH)),
                    "a full stream " + bulkStream + " refuses no frame of stream " + stream);
                final int free = stream;
                turnUntil("the frame of stream " + stream, () -> b.heard(A, free).size() == 2);
            }
        }
        final int all = bulk;
        turnUntil("the bulk", () -> b.heard(A, bulkStream).size() == all);
        assertEquals(sequence(all), b.heard(A, bulkStream));
    }

    @Test
    final void theCallersBufferIsItsOwnAgainAfterAnOffer() {
        final Node a = start(A);
        final Node b = start(B);
        a.send(B, new Frame(A, Transport.APPEND, 0, Frame.MIN_LENGTH));
        turnUntil("they are connected", () -> b.hears(A));

        final UnsafeBuffer reused = new UnsafeBuffer(new byte[64 + 5_000]);
        for (int i = 1; i <= 8; i++) {
            final Frame frame = new Frame(A, Transport.APPEND, i, 5_000 - i);
            frame.encode(reused, 64);
            assertEquals(Transport.ACCEPTED, a.transport.offer(B, Transport.APPEND, reused, 64, frame.length()));
            reused.setMemory(0, reused.capacity(), (byte) 0x7F);
        }
        turnUntil("all frames", () -> b.heard(A, Transport.APPEND).size() == 9);
        assertEquals(sequence(9), b.heard(A, Transport.APPEND));
    }

    @Test
    final void aPollDeliversAtMostItsLimitOfEachStreamAndControlFirst() {
        final Node a = start(A);
        final Node b = start(B);
        openAllStreams(a, b);
        for (int i = 1; i <= 10; i++) {
            for (int stream = Transport.STREAMS - 1; stream >= 0; stream--) {
                // short ones behind a long one: a limit that counts pieces instead of frames lets too many pass
                final boolean isLong = stream != Transport.CONTROL && i % 5 == 1;
                a.send(B, new Frame(A, stream, i,
                    isLong ? a.transport.maxFrameLength(stream) / 4 : Frame.MIN_LENGTH));
            }
        }
        for (int i = 0; i < 100; i++) {
            turnWithoutPolling();
        }
        final List<Integer> order = new ArrayList<>();
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (b.heardFrames() < Transport.STREAMS * 11) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not all frames were delivered");
            turnWithoutPolling();
            order.clear();
            final int before = b.heardFrames();
            final int delivered = b.transport.poll((buffer, offset, length) -> {
                order.add(Frame.decode(buffer, offset, length).stream());
                b.onFrame(buffer, offset, length);
            }, 3);
            assertEquals(b.heardFrames() - before, delivered, "what poll says it delivered");
            for (int stream = 0; stream < Transport.STREAMS; stream++) {
                assertTrue(Collections.frequency(order, stream) <= 3, "limit 3, delivered " + order);
            }
            final int control = Collections.frequency(order, Transport.CONTROL);
            assertEquals(Collections.nCopies(control, Transport.CONTROL), order.subList(0, control), "control first");
        }
    }

    @Test
    final void whatAHandlerThrowsReachesTheCallerOfPoll() {
        final Node a = start(A);
        final Node b = start(B);
        a.send(B, new Frame(A, Transport.CONTROL, 0, Frame.MIN_LENGTH));
        turnUntil("they are connected", () -> b.hears(A));

        a.send(B, new Frame(A, Transport.CONTROL, 1, Frame.MIN_LENGTH));
        final IllegalStateException thrown = new IllegalStateException("the engine found its state broken");
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        Exception caught = null;
        while (caught == null && System.nanoTime() - deadlineNs < 0) {
            turnWithoutPolling();
            try {
                b.transport.poll((buffer, offset, length) -> {
                    throw thrown;
                }, POLL_LIMIT);
            } catch (IllegalStateException e) {
                caught = e;
            }
        }
        assertSame(thrown, caught);
    }

    private void openAllStreams(Node from, Node to) {
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            from.send(to.id, new Frame(from.id, stream, 0, Frame.MIN_LENGTH));
        }
        turnUntil("all streams are open", () -> to.heardFrames() == Transport.STREAMS);
    }

    private Node start(int id) {
        final Node node = new Node(id, network.start(id));
        running.put(id, node);
        return node;
    }

    private void stop(int id) {
        running.remove(id).transport.close();
    }

    private void turn() {
        turnWithoutPolling();
        running.values().forEach(node -> node.transport.poll(node, POLL_LIMIT));
    }

    private void turnWithoutPolling() {
        network.onTurn();
        running.values().forEach(node -> node.transport.doWork());
    }

    private void turnUntil(String what, BooleanSupplier happened) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!happened.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "did not happen: " + what);
            turn();
        }
    }

    private static List<Integer> sequence(int length) {
        final List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    /** One node and what it has heard. */
    private final class Node implements Transport.FrameHandler {
        private final int id;
        private final Transport transport;
        private final Map<Integer, List<Integer>> heard = new TreeMap<>();
        private int longestHeard;

        Node(int id, Transport transport) {
            this.id = id;
            this.transport = transport;
        }

        int offer(int to, Frame frame) {
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[frame.length()]);
            frame.encode(buffer, 0);
            return transport.offer(to, frame.stream(), buffer, 0, frame.length());
        }

        /** Offers again until the transport takes it. */
        void send(int to, Frame frame) {
            turnUntil(id + " sends to " + to, () -> offer(to, frame) == Transport.ACCEPTED);
        }

        boolean hears(int from) {
            return !heard(from, Transport.CONTROL).isEmpty() || !heard(from, Transport.APPEND).isEmpty();
        }

        int heardFrames() {
            return heard.values().stream().mapToInt(List::size).sum();
        }

        List<Integer> heard(int from, int stream) {
            return heard.computeIfAbsent(from * Transport.STREAMS + stream, key -> new ArrayList<>());
        }

        @Override
        public void onFrame(DirectBuffer buffer, int offset, int length) {
            final Frame frame = Frame.decode(buffer, offset, length);
            heard(frame.from(), frame.stream()).add(frame.sequence());
            longestHeard = Math.max(longestHeard, length);
        }
    }
}
