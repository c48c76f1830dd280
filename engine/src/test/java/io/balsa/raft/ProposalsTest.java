package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.StorageException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands and reads on their way to the loop: bounded, and answered exactly once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProposalsTest {
    private static final UnsafeBuffer COMMAND = new UnsafeBuffer(new byte[64]);

    private RingLog log;
    private final Loopback network = new Loopback(2, 1 << 12);
    private final AtomicInteger answers = new AtomicInteger();
    private long nowNs;

    private RaftAgent<Long> alone(int proposalBytes, int maxPending) {
        log = new RingLog(1024, 1 << 10);
        final RaftConfig config = RaftConfig.of(1, List.of(1)).withLimits(1 << 10, 1 << 16, proposalBytes, maxPending)
            .withTimeouts(Duration.ofMillis(300), Duration.ofMillis(50));
        final RaftAgent<Long> agent = new RaftAgent<>(config, new MemoryStorage(1, log), network.port(1),
            (index, term, command, offset, length) -> index, Runnable::run, new SplittableRandom(1), 0);
        while (agent.status().role() != Role.LEADER || agent.status().commitIndex() == 0) {
            agent.doWork(++nowNs);
        }
        return agent;
    }

    /** Counts an answer of whatever kind. */
    private final class Counting implements Completion<Long>, ReadCompletion {
        private final AtomicInteger mine = new AtomicInteger();

        private void answered() {
            assertEquals(1, mine.incrementAndGet(), "told once");
            answers.incrementAndGet();
        }

        @Override
        public void onCommitted(long index, Long reply) {
            answered();
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            answered();
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            answered();
        }

        @Override
        public void onReadable(long readIndex) {
            answered();
        }

        @Override
        public void onNotReadable(Outcome.Reason reason, int leaderHint) {
            answered();
        }
    }

    @Test
    @DisplayName("a full ring says OVERLOADED and keeps nothing; drained, it takes more")
    void aFullRingSaysOverloaded() {
        final RaftAgent<Long> agent = alone(1 << 14, 1024);
        int taken = 0;
        while (agent.offer(COMMAND, 0, 64, new Counting()) == RaftNode.ACCEPTED) {
            taken++;
        }
        assertEquals(RaftNode.OVERLOADED, agent.offer(COMMAND, 0, 64, new Counting()));
        assertTrue(taken > 100, "taken " + taken);
        agent.doWork(++nowNs);
        agent.doWork(++nowNs);
        assertEquals(taken, answers.get());
        assertEquals(RaftNode.ACCEPTED, agent.offer(COMMAND, 0, 64, new Counting()));
    }

    @Test
    @DisplayName("no more than maxPending may be under way, commands and reads together; each answer frees its place")
    void noMoreThanMaxPendingMayBeUnderWay() {
        final RaftAgent<Long> agent = alone(1 << 14, 3);
        log.stalled = true;
        assertEquals(RaftNode.ACCEPTED, agent.offer(COMMAND, 0, 64, new Counting()));
        assertEquals(RaftNode.ACCEPTED, agent.offerRead(new Counting()));
        assertEquals(RaftNode.ACCEPTED, agent.offer(COMMAND, 0, 64, new Counting()));
        agent.doWork(++nowNs);
        assertEquals(RaftNode.ACCEPTED, agent.offer(COMMAND, 0, 64, new Counting()), "the read is answered");
        assertEquals(RaftNode.OVERLOADED, agent.offer(COMMAND, 0, 64, new Counting()));
        assertEquals(RaftNode.OVERLOADED, agent.offerRead(new Counting()));
        log.stalled = false;
        agent.doWork(++nowNs);
        agent.doWork(++nowNs);
        assertEquals(4, answers.get());
    }

    @Test
    @DisplayName("a bad argument is the caller's trouble alone")
    void aBadArgumentIsTheCallersTroubleAlone() {
        final RaftAgent<Long> agent = alone(1 << 14, 8);
        for (int i = 0; i < 20; i++) {
            assertThrows(IndexOutOfBoundsException.class, () -> agent.offer(COMMAND, 32, 64, new Counting()));
            assertThrows(IndexOutOfBoundsException.class, () -> agent.offer(COMMAND, 0, -9, new Counting()));
            assertThrows(NullPointerException.class, () -> agent.offer(COMMAND, 0, 64, null));
            assertThrows(NullPointerException.class, () -> agent.offerRead(null));
        }
        assertEquals(RaftNode.TOO_LARGE, agent.offer(new UnsafeBuffer(new byte[1025]), 0, 1025, new Counting()));
        assertEquals(RaftNode.ACCEPTED, agent.offer(COMMAND, 0, 64, new Counting()));
        agent.doWork(++nowNs);
        agent.doWork(++nowNs);
        assertEquals(1, answers.get());
    }

    @Test
    @DisplayName("stopping answers everybody, though one of them throws")
    void stoppingAnswersEverybodyThoughOneThrows() {
        final RaftAgent<Long> agent = alone(1 << 14, 8);
        log.stalled = true;
        agent.offer(COMMAND, 0, 64, new Throwing());
        agent.offer(COMMAND, 0, 64, new Counting());
        agent.doWork(++nowNs);
        agent.offer(COMMAND, 0, 64, new Throwing());
        agent.offer(COMMAND, 0, 64, new Counting());
        agent.offerRead(new Counting());
        agent.close();
        assertEquals(3, answers.get());
        assertEquals(RaftNode.STOPPED, agent.offer(COMMAND, 0, 64, new Counting()));
        assertEquals(RaftNode.STOPPED, agent.offerRead(new Counting()));
        assertTrue(log.closed);
        assertTrue(network.port(1).closed);
    }

    @Test
    @DisplayName("a log that counts otherwise than the core stops the node, and the caller is answered")
    void aLogThatCountsOtherwiseThanTheCoreStopsTheNode() {
        final RaftAgent<Long> agent = alone(1 << 14, 8);
        final long next = agent.status().lastIndex() + 1;
        log.misplaces = true;
        agent.offer(COMMAND, 0, 64, new Counting());
        final IllegalStateException stop = assertThrows(IllegalStateException.class, () -> agent.doWork(++nowNs));
        assertTrue(stop.getMessage().contains("entry " + (next + 1) + ", the core expects it at " + next),
            stop.getMessage());
        assertEquals(0, answers.get(), "committed is what it is not");
        agent.close();
        assertEquals(1, answers.get());
    }

    @Test
    @DisplayName("a log that fails when asked for room does not lose the caller it was asked for")
    void aLogThatFailsWhenAskedForRoomLosesNobody() {
        final RaftAgent<Long> agent = alone(1 << 14, 8);
        log.cannotSay = true;
        agent.offer(COMMAND, 0, 64, new Counting());
        agent.offer(COMMAND, 0, 64, new Counting());
        assertThrows(StorageException.class, () -> agent.doWork(++nowNs));
        assertEquals(1, answers.get());
        agent.close();
        assertEquals(2, answers.get());
    }

    /** A caller's mistake. */
    private static final class Throwing implements Completion<Long> {
        @Override
        public void onCommitted(long index, Long reply) {
            throw new IllegalStateException("committed");
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            throw new AssertionError("rejected");
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            throw new AssertionError("indeterminate");
        }
    }

    @Test
    @DisplayName("stopping while threads go on offering answers all that was accepted, each once")
    void stoppingWhileThreadsGoOnOffering() throws InterruptedException {
        int accepted = 0;
        for (int round = 0; round < 300; round++) {
            final RaftAgent<Long> agent = alone(1 << 14, 64);
            final AtomicInteger taken = new AtomicInteger();
            final CountDownLatch offering = new CountDownLatch(3);
            final List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                callers.add(Thread.ofPlatform().start(() -> {
                    offering.countDown();
                    int code = RaftNode.ACCEPTED;
                    while (code != RaftNode.STOPPED) {
                        final Counting counting = new Counting();
                        code = taken.get() % 5 == 4 ? agent.offerRead(counting) : agent.offer(COMMAND, 0, 64, counting);
                        if (code == RaftNode.ACCEPTED) {
                            taken.incrementAndGet();
                        }
                    }
                }));
            }
            offering.await();
            for (int cycle = 0; cycle < round % 7; cycle++) {
                agent.doWork(++nowNs);
            }
            agent.close();
            for (final Thread caller : callers) {
                caller.join();
            }
            accepted += taken.get();
            assertEquals(accepted, answers.get(), "round " + round);
        }
    }
}
