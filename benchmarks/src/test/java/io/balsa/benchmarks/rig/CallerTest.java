package io.balsa.benchmarks.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** That the clock of the rig tells the truth, of a subject that is known. */
final class CallerTest {
    private static final Command[] COMMANDS = Command.all(64);
    private static final long STALL_NS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Answers from a thread of its own, at once, but for one long pause. */
    private static final class Stalling implements Subject {
        private final BlockingQueue<Integer> handed = new ArrayBlockingQueue<>(Caller.MOST_OUTSTANDING);
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger mostUnderWay = new AtomicInteger();
        private final int stallAt;
        private final String refusal;
        private Thread answering;

        /** Pauses before the answer of that number; with a refusal, it is all that is ever answered. */
        Stalling(int stallAt, String refusal) {
            this.stallAt = stallAt;
            this.refusal = refusal;
        }

        @Override
        public void start(Answers answers) {
            answering = Thread.ofPlatform().daemon().start(() -> {
                for (int count = 0; !Thread.currentThread().isInterrupted(); count++) {
                    answer(answers, count);
                }
            });
        }

        private void answer(Answers answers, int count) {
            try {
                final int slot = handed.take();
                if (count == stallAt) {
                    stall();
                }
                underWay.decrementAndGet();
                if (refusal == null) {
                    answers.done(slot);
                } else {
                    answers.failed(slot, refusal);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void stall() {
            final long untilNs = System.nanoTime() + STALL_NS;
            for (long left = STALL_NS; left > 0; left = untilNs - System.nanoTime()) {
                LockSupport.parkNanos(left); // which the queue's own signals may cut short
            }
        }

        @Override
        public boolean propose(int slot, Command command) {
            mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            return handed.offer(slot);
        }

        @Override
        public void close() {
            answering.interrupt();
        }
    }

    @Test
    void aPauseCountsForEveryOperationThatWasDueDuringIt() throws Exception {
        try (Stalling subject = new Stalling(100, null)) {
            final Caller caller = new Caller(subject);
            subject.start(caller);
            final Histogram latencies = caller.openLoop(caller.writes(COMMANDS), 1_000, TimeUnit.SECONDS.toNanos(1));
            assertEquals(1_000, latencies.getTotalCount(), 1, "one operation each millisecond, pause or not");
            // those due in the first 200 of its 300 ms waited for 100 ms or more
            final long waited = latencies.getCountBetweenValues(TimeUnit.MILLISECONDS.toNanos(100), Long.MAX_VALUE / 2);
            assertTrue(waited >= 190, waited + " operations saw the pause");
        }
    }

    @Test
    void soManyOperationsAreUnderWayAsWasAskedFor() throws Exception {
        try (Stalling subject = new Stalling(-1, null)) {
            final Caller caller = new Caller(subject);
            subject.start(caller);
            final Histogram latencies =
                caller.closedLoop(caller.writes(COMMANDS), 16, TimeUnit.MILLISECONDS.toNanos(100));
            assertTrue(latencies.getTotalCount() > 16, latencies.getTotalCount() + " operations");
            assertEquals(16, subject.mostUnderWay.get());
            assertEquals(0, subject.underWay.get(), "the last answers were waited for");
        }
    }

    @Test
    void aRefusedOperationEndsTheMeasurement() throws Exception {
        try (Stalling subject = new Stalling(-1, "no leader")) {
            final Caller caller = new Caller(subject);
            subject.start(caller);
            final IllegalStateException failed = assertThrows(IllegalStateException.class,
                () -> caller.closedLoop(caller.writes(COMMANDS), 4, TimeUnit.SECONDS.toNanos(10)));
            assertEquals("an operation failed: no leader", failed.getMessage());
        }
    }

    @Test
    void theFirstAnswerIsTimedAndLateOnesDoNotReachTheNextRun() throws Exception {
        try (Stalling subject = new Stalling(0, null)) {
            final Caller caller = new Caller(subject);
            subject.start(caller);
            final long startNs = System.nanoTime();
            final long firstNs = caller.firstAnswer(caller.writes(COMMANDS)) - startNs;
            assertTrue(firstNs >= STALL_NS, firstNs + " ns");
            assertTrue(subject.mostUnderWay.get() > 1, "it went on trying");
            caller.closedLoop(caller.writes(COMMANDS), 1, TimeUnit.MILLISECONDS.toNanos(50));
            assertEquals(0, subject.underWay.get());
        }
    }
}
