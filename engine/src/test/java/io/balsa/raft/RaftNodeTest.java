package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.RaftException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One node, alone in its group, with its real threads on in-memory ports. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RaftNodeTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final byte[] POISON = {13};

    private final RingLog log = new RingLog(1024, 256);
    private final MemoryStorage storage = new MemoryStorage(1, log);
    private final Loopback.Port transport = new Loopback(1, 1 << 12).port(1);
    private final AtomicInteger applied = new AtomicInteger();
    private RaftNode<Integer> node;

    private RaftNode<Integer> start() {
        node = RaftNode.start(RaftConfig.of(1, List.of(1)).withLimits(256, 1 << 16, 1 << 16, 64), storage, transport,
            (index, term, command, offset, length) -> {
                if (length == 1 && command.getByte(offset) == POISON[0]) {
                    throw new IllegalStateException("no such command");
                }
                return applied.incrementAndGet();
            });
        return node;
    }

    @AfterEach
    void close() {
        if (node != null) {
            node.close();
        }
    }

    private static byte[] command() {
        return new byte[] {1, 2, 3};
    }

    /** The node leads and has committed its no-op. */
    private RaftNode<Integer> started() {
        start();
        while (node.awaitReadable(LONG) instanceof ReadOutcome.NotReadable) {
            Thread.onSpinWait(); // it has not elected itself yet
        }
        return node;
    }

    @Test
    @DisplayName("a command is committed, applied and answered, on every way in")
    void aCommandIsCommittedAppliedAndAnswered() {
        started();
        assertEquals(new Outcome.Committed<>(2, 1), node.propose(command(), LONG));
        assertEquals(new Outcome.Committed<>(3, 2), node.proposeAsync(command()).join());
        final CompletableFuture<Long> index = new CompletableFuture<>();
        assertEquals(RaftNode.ACCEPTED, node.offer(new UnsafeBuffer(command()), 0, 3, new Completion<>() {
            @Override
            public void onCommitted(long at, Integer reply) {
                index.complete(at);
            }

            @Override
            public void onRejected(Outcome.Reason reason, int leaderHint) {
                index.completeExceptionally(new AssertionError(reason));
            }

            @Override
            public void onIndeterminate(Outcome.Cause cause) {
                index.completeExceptionally(new AssertionError(cause));
            }
        }));
        assertEquals(4, index.join());
        assertEquals(3, applied.get());
    }

    @Test
    @DisplayName("a read that follows a commit sees it")
    void aReadThatFollowsACommitSeesIt() {
        started();
        for (int i = 1; i <= 50; i++) {
            node.propose(command(), LONG);
            assertEquals(new ReadOutcome.Readable(1 + i), node.awaitReadable(LONG));
            assertEquals(i, applied.get());
        }
        assertEquals(new ReadOutcome.Readable(51), node.readableAsync().join());
    }

    @Test
    @DisplayName("the status is never older than the question")
    void theStatusIsNeverOlderThanTheQuestion() {
        started();
        for (int i = 1; i <= 200; i++) {
            node.propose(command(), LONG);
            final RaftStatus status = node.status();
            assertEquals(1 + i, status.appliedIndex());
            assertEquals(Role.LEADER, status.role());
        }
    }

    @Test
    @DisplayName("too long a command is refused at the edge; however long a timeout is, it is one")
    void tooLongACommandIsRefusedAtTheEdge() {
        started();
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.TOO_LARGE, -1), node.propose(new byte[257], LONG));
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.TOO_LARGE, -1), node.proposeAsync(new byte[257]).join());
        assertInstanceOf(Outcome.Committed.class, node.propose(command(), Duration.ofSeconds(Long.MAX_VALUE)));
        assertEquals(1, applied.get());
    }

    @Test
    @DisplayName("no answer in time is no failure: the command may still be applied")
    void noAnswerInTimeIsNoFailure() {
        started();
        log.stalled = true;
        assertEquals(new Outcome.Indeterminate<>(Outcome.Cause.TIMEOUT), node.propose(command(), Duration.ofMillis(1)));
        log.stalled = false;
        assertEquals(new Outcome.Committed<>(3, 2), node.propose(command(), LONG));
    }

    @Test
    @DisplayName("an interrupted caller learns that it does not know, and stays interrupted")
    void anInterruptedCallerLearnsThatItDoesNotKnow() {
        started();
        log.stalled = true;
        Thread.currentThread().interrupt();
        assertEquals(new Outcome.Indeterminate<>(Outcome.Cause.INTERRUPTED), node.propose(command(), LONG));
        assertTrue(Thread.interrupted());
    }

    @Test
    @DisplayName("apply throws: the node stops there, says at which entry, and answers whoever waits")
    void applyThrows() {
        started();
        node.propose(command(), LONG);
        final CompletableFuture<Outcome<Integer>> poison = node.proposeAsync(POISON);
        final CompletableFuture<Outcome<Integer>> after = node.proposeAsync(command());
        assertEquals(new Outcome.Indeterminate<>(Outcome.Cause.STOPPED), poison.join());
        assertFalse(after.join() instanceof Outcome.Committed);
        final RaftStatus status = node.status();
        assertTrue(status.failure().orElseThrow().startsWith("the state machine threw at entry 3 of term 1"),
            status.failure().orElseThrow());
        assertEquals(2, status.appliedIndex());
        assertEquals(1, applied.get(), "nothing is skipped and nothing after it applied");
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.STOPPED, -1), node.propose(command(), LONG));
        assertEquals(new ReadOutcome.NotReadable(Outcome.Reason.STOPPED, -1), node.awaitReadable(LONG));
        assertTrue(storage.closed);
        assertTrue(transport.closed);
    }

    @Test
    @DisplayName("while a vote is being forced the transport works on, and nothing is closed beneath the force")
    void whileAVoteIsBeingForcedTheTransportWorksOn() throws InterruptedException {
        final CountDownLatch heldBack = new CountDownLatch(1);
        storage.votes.heldBack = heldBack;
        start();
        storage.votes.asked.await();
        final long before = transport.cycles.get();
        while (transport.cycles.get() < before + 1_000) {
            Thread.onSpinWait();
        }
        assertEquals(0, storage.votes.currentTerm());
        final Thread closer = Thread.ofPlatform().start(node::close);
        final long closing = transport.cycles.get();
        while (transport.cycles.get() < closing + 1_000) {
            Thread.onSpinWait();
        }
        assertFalse(storage.closed);
        heldBack.countDown();
        closer.join();
        assertTrue(storage.closed);
        assertEquals(1, storage.votes.currentTerm());
    }

    @Test
    @DisplayName("while a vote is being forced nothing is committed, read or answered on the strength of it")
    void nothingIsAnsweredWhileTheVoteIsBeingForced() throws InterruptedException {
        final CountDownLatch heldBack = new CountDownLatch(1);
        storage.votes.heldBack = heldBack;
        start();
        storage.votes.asked.await();
        final CompletableFuture<Outcome<Integer>> command = node.proposeAsync(command());
        try {
            final long before = transport.cycles.get();
            while (transport.cycles.get() < before + 10_000 && !command.isDone()) {
                Thread.onSpinWait();
            }
            assertFalse(command.isDone(), "the group's only vote may be lost yet");
            assertEquals(0, applied.get());
        } finally {
            heldBack.countDown();
        }
        assertInstanceOf(Outcome.Committed.class, command.join());
    }

    @Test
    @DisplayName("a vote that cannot be forced stops the node, whatever was thrown")
    void aVoteThatCannotBeForcedStopsTheNode() {
        storage.votes.failure = new InternalError("a fault in a memory-mapped file");
        start();
        while (node.status().failure().isEmpty()) {
            Thread.onSpinWait();
        }
        final String failure = node.status().failure().orElseThrow();
        assertTrue(failure.startsWith("the vote in term 1 could not be forced"), failure);
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.STOPPED, -1), node.propose(command(), LONG));
    }

    @Test
    @DisplayName("closing answers all who wait, each once")
    void closingAnswersAllWhoWait() {
        started();
        log.stalled = true;
        final List<CompletableFuture<Outcome<Integer>>> commands = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            commands.add(node.proposeAsync(command()));
        }
        node.close();
        for (final CompletableFuture<Outcome<Integer>> one : commands) {
            final Outcome<Integer> outcome = one.join();
            assertTrue(outcome.equals(new Outcome.Indeterminate<Integer>(Outcome.Cause.STOPPED))
                || outcome.equals(new Outcome.Rejected<Integer>(Outcome.Reason.STOPPED, -1)), outcome.toString());
        }
        node.close();
        assertTrue(storage.closed);
        assertEquals(Role.LEADER, node.status().role(), "as it last was");
        assertTrue(node.status().failure().isEmpty());
    }

    @Test
    @DisplayName("a completion may close the node and ask for its status without waiting for itself")
    void aCompletionMayCloseTheNode() {
        started();
        final ConcurrentLinkedQueue<Object> seen = new ConcurrentLinkedQueue<>();
        final CompletableFuture<Void> told = new CompletableFuture<>();
        node.offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                final long before = System.nanoTime();
                seen.add(node.status().role());
                node.close();
                seen.add(System.nanoTime() - before < 500_000_000L);
                told.complete(null);
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                told.completeExceptionally(new AssertionError(reason));
            }
        });
        told.join();
        node.close();
        assertEquals(true, seen.toArray()[1], "without waiting");
        assertTrue(storage.closed);
    }

    @Test
    @DisplayName("a log that cannot be closed cleanly is no secret: the status says so")
    void aLogThatCannotBeClosedCleanlyIsNoSecret() {
        started();
        log.failsToClose = true;
        node.close();
        assertTrue(transport.closed);
        assertEquals("the last force failed", node.status().failure().orElse("nothing"));
    }

    @Test
    @DisplayName("a directory of another node is refused; ports are closed and no thread stays behind")
    void aDirectoryOfAnotherNodeIsRefused() {
        final MemoryStorage foreign = new MemoryStorage(2, log);
        final RaftException e = assertThrows(RaftException.class, () -> RaftNode.start(RaftConfig.of(1, List.of(1)),
            foreign, transport, (index, term, command, offset, length) -> index));
        assertTrue(e.getMessage().startsWith("this directory belongs to node 2, not to node 1"), e.getMessage());
        assertTrue(foreign.closed);
        assertTrue(transport.closed);
        assertTrue(Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("balsa-1-vote")));
    }
}
