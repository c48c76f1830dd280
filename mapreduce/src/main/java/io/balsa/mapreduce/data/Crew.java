package io.balsa.mapreduce.data;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;

/** Does numbered pieces of work on a few virtual threads; the first failure ends it all. */
final class Crew implements TaskControl {
    /** One piece of work. */
    @FunctionalInterface
    interface Work {
        void run(int number, TaskControl control) throws TaskException;
    }

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean cancelled;

    private Crew() {
    }

    /**
     * Does the pieces 0 to {@code count - 1}, {@code threads} at a time, and returns when all are done.
     *
     * @throws JobFailedException   what the first piece that failed said; no other piece runs any more
     * @throws InterruptedException if the calling thread was interrupted; no piece runs any more
     */
    static void run(int threads, int count, Work work) throws JobFailedException, InterruptedException {
        final Crew crew = new Crew();
        final Thread[] workers = new Thread[Math.min(threads, count)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = Thread.ofVirtual().name("balsa-mr-" + i).start(() -> crew.work(count, work));
        }
        InterruptedException interrupted = null;
        for (final Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (final InterruptedException e) {
                    crew.cancelled = true;
                    interrupted = e;
                }
            }
        }
        if (interrupted != null) {
            throw interrupted;
        }
        final Throwable failure = crew.failure.get();
        if (failure != null) {
            throw new JobFailedException(failure instanceof TaskException ? failure.getMessage() : Reason.of(failure),
                failure);
        }
    }

    private void work(int count, Work work) {
        try {
            for (int number = next.getAndIncrement(); number < count && !cancelled; number = next.getAndIncrement()) {
                work.run(number, this);
            }
        } catch (final TaskException | RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            cancelled = true;
        }
    }

    @Override
    public void progress() {
        // Nobody watches tasks of the same process.
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public <T> T blocking(Callable<T> call) throws Exception {
        return call.call();
    }
}
