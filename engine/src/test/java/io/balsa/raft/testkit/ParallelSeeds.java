package io.balsa.raft.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;

import io.balsa.raft.testkit.checks.Violation;

/** Plays something under many seeds, on all processors: every run is a world of its own. */
public final class ParallelSeeds<T> {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    /** A run takes seconds at most; one that takes this long hangs inside a node or a script. */
    private static final long STUCK_NS = 120_000_000_000L;

    private final LongFunction<T> run;
    private final LongFunction<String> replay;
    private final Runnable onLook;
    private final long first;
    private final long end;
    private final AtomicLong next;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<T> results;

    private ParallelSeeds(long first, int count, LongFunction<T> run, LongFunction<String> replay, Runnable onLook) {
        this.run = run;
        this.replay = replay;
        this.onLook = onLook;
        this.first = first;
        this.end = first + count;
        this.next = new AtomicLong(first);
        this.results = new ArrayList<>(Collections.nCopies(count, null));
    }

    /**
     * Plays {@code count} seeds from {@code first} on and stops at the first that breaks.
     *
     * @return what the runs returned, in the order of their seeds
     */
    public static <T> List<T> play(long first, int count, LongFunction<T> run) throws InterruptedException {
        return play(first, count, run, seed -> "seed " + seed, () -> { });
    }

    /**
     * As above.
     *
     * @param replay how to tell a person to play a seed again
     * @param onLook called now and then, on the calling thread
     */
    static <T> List<T> play(long first, int count, LongFunction<T> run, LongFunction<String> replay, Runnable onLook)
        throws InterruptedException {
        return new ParallelSeeds<>(first, count, run, replay, onLook).play();
    }

    private List<T> play() throws InterruptedException {
        final List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            workers.add(new Worker());
        }
        workers.forEach(Thread::start);
        for (final Worker worker : workers) {
            while (!worker.join(LOOK_EVERY)) {
                onLook.run();
                worker.requireMoving();
            }
        }
        final Throwable broken = failure.get();
        if (broken != null) {
            throw new Violation(broken.getMessage(), broken);
        }
        return results;
    }

    private synchronized void add(long seed, T result) {
        results.set((int) (seed - first), result);
    }

    /** Takes one seed after another. */
    private final class Worker extends Thread {
        private volatile long seed;
        private volatile long seedStartNs = System.nanoTime();

        private Worker() {
            super("seeds");
            setDaemon(true);
        }

        @Override
        public void run() {
            while (failure.get() == null) {
                seedStartNs = System.nanoTime();
                seed = next.getAndIncrement();
                if (seed >= end) {
                    return;
                }
                try {
                    add(seed, run.apply(seed));
                } catch (Throwable broken) {
                    failure.compareAndSet(null, broken);
                }
            }
        }

        private void requireMoving() {
            if (isAlive() && System.nanoTime() - seedStartNs > STUCK_NS) {
                final Violation stuck = new Violation("seed " + seed + " hangs; replay: " + replay.apply(seed));
                stuck.setStackTrace(getStackTrace());
                throw stuck;
            }
        }
    }
}
