package io.balsa.mapreduce.worker;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.JobFlags;

/** A task on a virtual thread, and what others on platform threads know and want of it. */
final class RunningTask implements TaskControl {
    private final AttemptId id;
    private final JobFlags flags;
    private final JobSpec spec;
    private final CpuPermits permits;
    private final Thread thread = Thread.currentThread();
    private volatile long progressNs = System.nanoTime();
    private volatile LongSupplier steps = () -> 0;
    /** As last seen by whoever looks after this task, one thread. */
    private long stepsSeen;
    private volatile boolean cancelled;
    private volatile boolean computing;
    private volatile Optional<String> timedOut = Optional.empty();

    RunningTask(AttemptId id, JobFlags flags, JobSpec spec, CpuPermits permits) {
        this.id = id;
        this.flags = flags;
        this.spec = spec;
        this.permits = permits;
    }

    AttemptId id() {
        return id;
    }

    JobSpec spec() {
        return spec;
    }

    /** Whether its lease runs from the claim, whatever is said. */
    boolean hasFixedLease() {
        return flags.fixedLease();
    }

    /** From here on a lack of progress is the task's own. */
    synchronized void begin() {
        progress();
        computing = true;
    }

    /** From here on it only waits for what it did to be heard of; an interruption was meant for what has ended. */
    synchronized void end() {
        computing = false;
        Thread.interrupted();
    }

    /** Whether it has done nothing for as long as its job bears. */
    boolean isStuck(long nowNs) {
        final long now = steps.getAsLong();
        if (now != stepsSeen) {
            stepsSeen = now;
            progress();
        }
        return computing && timedOut.isEmpty() && nowNs - progressNs > spec.taskTimeoutMs() * 1_000_000;
    }

    /** To be ended for lack of progress: its worker reports this as its failure. */
    void timeOut() {
        timedOut = Optional.of("no record was read or written for " + spec.taskTimeoutMs() / 1000
            + " s; call progress() in long computations, or give the job a longer task timeout");
        cancel();
    }

    /** Why it was ended, if that was for lack of progress. */
    Optional<String> timedOut() {
        return timedOut;
    }

    /** Nobody wants it any more. */
    synchronized void cancel() {
        cancelled = true;
        if (computing) {
            thread.interrupt();
        }
    }

    @Override
    public void progress() {
        progressNs = System.nanoTime();
    }

    @Override
    public void watch(LongSupplier steps) {
        this.steps = steps;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    /** What waits says by itself that it waits for something: it counts as progress before and after. */
    @Override
    public <T> T blocking(Callable<T> call) throws Exception {
        progress();
        try {
            return permits.without(call);
        } finally {
            progress();
        }
    }
}
