package io.balsa.mapreduce.worker;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Coordination;
import io.balsa.mapreduce.wire.CoordinatorUnavailable;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Request.Claimant;

/**
 * Asks a coordinator for tasks and runs them, some at a time. Each has a virtual thread; that this worker lives and
 * what it runs is told from a platform thread, since tasks that compute may keep every virtual thread waiting. What is
 * told also reaches a new leader, so that tasks outlive the death of an old one.
 */
public final class Worker implements AutoCloseable {
    /** Some of these may be lost before a lease of ten seconds is. */
    private static final long RENEW_NS = TimeUnit.SECONDS.toNanos(1);
    /**
     * Renewals that wait for an answer at a time; beyond, the oldest is given up, or for minutes without a coordinator
     * each would keep asking beside all later ones. More than one: each goes on from where the last one asked, and an
     * answer that takes longer than a second is still heard.
     */
    private static final int RENEWALS = 3;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** A task that is told to end and does not is left behind. */
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private final long id = new SecureRandom().nextLong();
    private final Coordination coordination;
    private final TaskRunner tasks;
    private final CpuPermits permits;
    private final int slots;
    /** Whether each slot passes for a worker: where a task has failed, or is late, another slot is somewhere else. */
    private final boolean slotsAreWorkers;
    private final Map<AttemptId, RunningTask> running = new ConcurrentHashMap<>();
    private final CountDownLatch slotsLeft;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile Throwable failure;

    /** Oldest first. The renewing thread's own. */
    private final Deque<CompletableFuture<Answer>> renewals = new ArrayDeque<>();

    /**
     * @param coordination remains the caller's to close
     * @param permits      shared by all workers of this process
     * @param slots        how many tasks to run at a time
     * @throws IllegalArgumentException for less than one slot
     */
    public Worker(Coordination coordination, TaskRunner tasks, CpuPermits permits, int slots) {
        this(coordination, tasks, permits, slots, false);
    }

    private Worker(Coordination coordination, TaskRunner tasks, CpuPermits permits, int slots,
                   boolean slotsAreWorkers) {
        if (slots < 1) {
            throw new IllegalArgumentException("a worker needs at least one slot, not " + slots);
        }
        this.coordination = coordination;
        this.tasks = tasks;
        this.permits = permits;
        this.slots = slots;
        this.slotsAreWorkers = slotsAreWorkers;
        slotsLeft = new CountDownLatch(slots);
    }

    /** As many workers as slots, for a job with no other worker that could try again what failed or is late. */
    static Worker ofThreads(Coordination coordination, TaskRunner tasks, CpuPermits permits, int slots) {
        return new Worker(coordination, tasks, permits, slots, true);
    }

    /**
     * Runs tasks until the service ends.
     *
     * @throws CoordinatorUnavailable when no coordinator answered for too long
     * @throws InterruptedException   when the calling thread was interrupted; tasks are told to end
     */
    public void run() throws InterruptedException {
        final Thread renewer = Thread.ofPlatform().daemon().name("mr-worker-renew").start(this::renew);
        IntStream.range(0, slots).forEach(slot ->
            Thread.ofVirtual().name("mr-slot-" + slot).start(() -> run(new Slot(this, claimant(slot)))));
        try {
            ending.await();
        } finally {
            end();
            running.values().forEach(RunningTask::cancel);
            if (!slotsLeft.await(LAST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                System.getLogger(Worker.class.getName()).log(System.Logger.Level.WARNING,
                    "a task does not end though nobody wants it any more; this worker ends without it");
            }
            LockSupport.unpark(renewer);
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        } else if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    /** Makes {@link #run} return; tasks under way are told to end. */
    @Override
    public void close() {
        end();
    }

    private Claimant claimant(int slot) {
        return slotsAreWorkers ? new Claimant(id + slot, 0) : new Claimant(id, slot);
    }

    private void run(Slot slot) {
        try {
            slot.run();
        } catch (InterruptedException e) {
            end(); // nobody interrupts a slot outside a task but a JVM that ends
        } catch (RuntimeException | Error e) {
            if (!isEnding()) {
                failure = e;
            }
            end();
        } finally {
            slotsLeft.countDown();
        }
    }

    private void renew() {
        long renewedNs = System.nanoTime() - RENEW_NS;
        while (!isEnding()) {
            final long nowNs = System.nanoTime();
            running.values().stream().filter(task -> task.isStuck(nowNs)).forEach(RunningTask::timeOut);
            if (nowNs - renewedNs >= RENEW_NS) {
                renewedNs = nowNs;
                renewLeases();
            }
            LockSupport.parkNanos(this, LOOK_NS);
        }
        giveUpRenewals(0);
    }

    private void renewLeases() {
        final List<AttemptId> alive = running.values().stream()
            .filter(task -> !task.hasFixedLease() && task.timedOut().isEmpty()).map(RunningTask::id).toList();
        renewals.removeIf(CompletableFuture::isDone);
        if (alive.isEmpty()) {
            giveUpRenewals(0); // of what does not run any more
            return;
        }
        giveUpRenewals(RENEWALS - 1);
        final CompletableFuture<Answer> renewal = coordination.ask(new Request.Renew(id, alive));
        renewals.add(renewal);
        final CompletableFuture<?> unused = renewal.thenAccept(answer -> {
            if (answer instanceof Answer.Renewed(List<AttemptId> stop)) {
                stop.forEach(this::stop);
            }
        }); // where nobody has heard it, the next word is on its way soon
    }

    private void giveUpRenewals(int butLast) {
        while (renewals.size() > butLast) {
            renewals.remove().cancel(false);
        }
    }

    private void stop(AttemptId unwanted) {
        final RunningTask task = running.get(unwanted);
        if (task != null) {
            task.cancel();
        }
    }

    Coordination coordination() {
        return coordination;
    }

    TaskRunner tasks() {
        return tasks;
    }

    CpuPermits permits() {
        return permits;
    }

    void begin(RunningTask task) {
        running.put(task.id(), task);
        if (isEnding()) {
            task.cancel(); // handed out while this worker was told to end: who told all others did not see it
        }
    }

    void finished(RunningTask task) {
        running.remove(task.id());
    }

    boolean isEnding() {
        return ending.getCount() == 0;
    }

    void end() {
        ending.countDown();
    }
}
