package io.balsa.benchmarks.rig;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.Histogram;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The one thread that calls a subject, and what it saw: how long each operation took, from the moment it was handed
 * over (closed loop) or should have been (open loop) to its answer.
 *
 * <p>With all slots under way it sleeps until half of them are answered, as a service with one connection does, so that
 * being woken costs once for a group of answers. Where answers come only by polling, it polls, backing off to 50 us.
 */
final class Caller implements Answers {
    /** So many operations may be under way at once. */
    static final int MOST_OUTSTANDING = 8192;

    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);
    private static final long WAKE_EARLY_NS = TimeUnit.MICROSECONDS.toNanos(120);
    private static final long TRY_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LOOK_AGAIN_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long GIVE_UP_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long LATE_ANSWERS_NS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Subject subject;
    private final Slot[] slots = new Slot[MOST_OUTSTANDING];
    private final ManyToOneConcurrentArrayQueue<Slot> answered = new ManyToOneConcurrentArrayQueue<>(MOST_OUTSTANDING);
    private final Slot[] free = new Slot[MOST_OUTSTANDING];
    private final IdleStrategy polling = new BackoffIdleStrategy(100, 10, 1_000, 50_000);
    private final Histogram latencies = new Histogram(LONGEST_NS, 3);
    private final Thread thread = Thread.currentThread();
    private int freeCount;
    private int outstanding;
    private int nextCommand;
    private long untilNs;
    private volatile int wakeAt = Integer.MAX_VALUE;
    private volatile String failure;
    private volatile boolean trying;

    /** Operations are handed over by the thread that makes the caller. */
    Caller(Subject subject) {
        this.subject = subject;
        for (int number = 0; number < slots.length; number++) {
            slots[number] = new Slot(number);
        }
    }

    private static final class Slot {
        private final int number;
        private boolean underWay;
        private long startNs;
        private long endNs;

        Slot(int number) {
            this.number = number;
        }
    }

    /** What is asked of the subject. */
    interface Operation {
        boolean offer(int slot) throws Exception;
    }

    @Override
    public void done(int number) {
        final Slot slot = slots[number];
        slot.endNs = System.nanoTime();
        answered.offer(slot);
        if (answered.size() >= wakeAt) {
            wakeAt = Integer.MAX_VALUE;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void failed(int number, String why) {
        if (!trying) {
            failure = why;
            LockSupport.unpark(thread);
        }
    }

    /** One write after the other, of these commands in turn. */
    Operation writes(Command[] commands) {
        return slot -> subject.propose(slot, commands[nextCommand++ & (commands.length - 1)]);
    }

    /**
     * Keeps {@code width} operations under way for {@code ns}, and waits for the last of them. Returns how long they
     * took; the histogram is overwritten by the next run.
     */
    Histogram closedLoop(Operation operation, int width, long ns) throws Exception {
        long now = begin(width, ns);
        while (now - untilNs < 0) {
            final Slot slot = freeSlot(width);
            now = System.nanoTime();
            slot.startNs = now;
            hand(operation, slot);
        }
        drain();
        return latencies;
    }

    /**
     * Hands over {@code perSecond} operations a second, evenly, whether or not earlier ones were answered; an operation
     * that comes late because the caller was held up counts from when it should have been.
     */
    Histogram openLoop(Operation operation, int perSecond, long ns) throws Exception {
        final long startNs = begin(MOST_OUTSTANDING, ns);
        final double gapNs = 1e9 / perSecond;
        long intendedNs = startNs;
        for (long i = 1; intendedNs - untilNs < 0; i++) {
            awaitTime(intendedNs);
            final Slot slot = freeSlot(MOST_OUTSTANDING);
            slot.startNs = intendedNs;
            hand(operation, slot);
            intendedNs = startNs + (long) (i * gapNs);
        }
        drain();
        return latencies;
    }

    /**
     * Hands over an operation every 5 ms until one of them is answered; returns the time of that, on the monotonic
     * clock. Refusals, and operations of which nothing is heard, do not matter here.
     */
    long firstAnswer(Operation operation) {
        trying = true;
        final long startNs = System.nanoTime();
        Slot first = null;
        for (long tryAtNs = startNs; first == null; first = answerTo(startNs)) {
            final long now = System.nanoTime();
            if (now - startNs > GIVE_UP_NS) {
                throw new IllegalStateException("no answer to any operation for 60 s");
            }
            if (now - tryAtNs >= 0) {
                tryOnce(operation, now);
                tryAtNs = now + TRY_AGAIN_NS;
            }
            subject.poll();
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
        final long answerNs = first.endNs;
        while (System.nanoTime() - answerNs < LATE_ANSWERS_NS) {
            subject.poll();
            answered.clear();
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
        trying = false;
        return answerNs;
    }

    /** The next answer to something handed over since then, or null; earlier ones may still come. */
    private Slot answerTo(long sinceNs) {
        Slot answer = answered.poll();
        while (answer != null && answer.startNs - sinceNs < 0) {
            answer = answered.poll();
        }
        return answer;
    }

    private void tryOnce(Operation operation, long now) {
        final Slot slot = slots[nextCommand & (MOST_OUTSTANDING - 1)];
        slot.startNs = now;
        try {
            operation.offer(slot.number);
        } catch (Exception refused) { // there is no leader, for instance
            nextCommand++;
        }
    }

    private long begin(int width, long ns) {
        for (freeCount = 0; freeCount < width; freeCount++) {
            free[freeCount] = slots[freeCount];
        }
        outstanding = 0;
        latencies.reset();
        final long now = System.nanoTime();
        untilNs = now + ns;
        return now;
    }

    private void hand(Operation operation, Slot slot) throws Exception {
        outstanding++;
        slot.underWay = true;
        while (!operation.offer(slot.number)) {
            if (failure != null) {
                throw new IllegalStateException("an operation failed: " + failure);
            }
            if (collect() + subject.poll() == 0) {
                Thread.yield();
            }
        }
    }

    private void awaitTime(long dueNs) {
        polling.reset();
        for (long left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
            if (collect() + subject.poll() == 0) {
                if (left > WAKE_EARLY_NS) {
                    LockSupport.parkNanos(left - WAKE_EARLY_NS);
                } else {
                    Thread.yield();
                }
            }
        }
    }

    private Slot freeSlot(int width) {
        collect();
        if (freeCount == 0) {
            await(Math.max(1, width / 2));
        }
        return free[--freeCount];
    }

    private void drain() {
        collect();
        while (outstanding > 0) {
            await(outstanding);
        }
    }

    /** Returns when {@code count} more operations have been answered. */
    private void await(int count) {
        final int target = outstanding - count;
        final long deadline = System.nanoTime() + SILENCE_NS;
        polling.reset();
        while (outstanding > target) {
            if (failure != null) {
                throw new IllegalStateException("an operation failed: " + failure);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(outstanding + " operations without an answer for 20 s");
            }
            if (subject.isPolled()) {
                polling.idle(subject.poll());
            } else {
                sleepUntilAnswered(outstanding - target);
            }
            collect();
        }
    }

    private void sleepUntilAnswered(int count) {
        wakeAt = count;
        if (answered.size() < count && failure == null) {
            LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(1));
        }
        wakeAt = Integer.MAX_VALUE;
    }

    private int collect() {
        int collected = 0;
        for (Slot slot = answered.poll(); slot != null; slot = answered.poll()) {
            if (!slot.underWay) {
                continue; // the late answer to a try before this run
            }
            slot.underWay = false;
            latencies.recordValue(Math.min(slot.endNs - slot.startNs, LONGEST_NS));
            free[freeCount++] = slot;
            collected++;
        }
        outstanding -= collected;
        return collected;
    }
}
