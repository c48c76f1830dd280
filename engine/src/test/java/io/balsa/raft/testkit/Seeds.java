package io.balsa.raft.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.balsa.raft.testkit.checks.Violation;

/** Plays many seeds of a simulation, on all processors: every run is a world of its own. */
public final class Seeds {
    private static final long PROGRESS_MS = 10_000;
    /** A run takes a fraction of a second; one that takes this long hangs inside the node. */
    private static final long STUCK_NS = 120_000_000_000L;

    private final Simulation<?> simulation;
    private final Consumer<String> progress;
    private final long end;
    private final AtomicLong next;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final long startNs = System.nanoTime();
    private Totals totals = new Totals(0, 0, 0, 0, 0, 0, 0, 0);

    private Seeds(Simulation<?> simulation, long first, long count, Consumer<String> progress) {
        this.simulation = simulation;
        this.progress = progress;
        this.next = new AtomicLong(first);
        this.end = first + count;
    }

    /**
     * What a number of runs came to.
     *
     * @param faults     strikes from outside and frames lost
     * @param operations answers to clients that were checked
     * @param unknown    commands whose outcome their clients never learnt
     */
    public record Totals(long seeds, long events, long virtualNs, long elections, long committed, long faults,
                         long operations, long unknown) {
        private Totals plus(SimReport run) {
            return new Totals(seeds + 1, events + run.events(), virtualNs + run.virtualNs(),
                elections + run.elections(), committed + run.committed(),
                faults + run.faults() + run.framesLost(),
                operations + run.acknowledged() + run.rejected() + run.reads() + run.readsRefused(),
                unknown + run.indeterminate());
        }

        private String perSecond(double seconds) {
            return String.format(Locale.ROOT, "%,d seeds (%.1f/s), %,d events (%,.0f/s), %,d s of virtual time, "
                + "%,d elections, %,d entries committed, %,d faults injected, %,d answers checked, %,d unknown",
                seeds, seeds / seconds, events, events / seconds, virtualNs / 1_000_000_000, elections, committed,
                faults, operations, unknown);
        }
    }

    /**
     * Plays {@code count} seeds from {@code first} on and stops at the first that breaks.
     *
     * @param progress is told now and then how far it is, and at the end
     * @throws Violation with the transcript of the seed that broke and how to replay it
     */
    public static Totals play(Simulation<?> simulation, long first, long count, Consumer<String> progress)
        throws InterruptedException {
        return new Seeds(simulation, first, count, progress).play();
    }

    private Totals play() throws InterruptedException {
        final Worker[] workers = new Worker[Runtime.getRuntime().availableProcessors()];
        Arrays.setAll(workers, i -> new Worker());
        for (final Worker worker : workers) {
            worker.start();
        }
        for (final Worker worker : workers) {
            while (!worker.join(Duration.ofMillis(PROGRESS_MS))) {
                report("... ");
                worker.requireMoving();
            }
        }
        report("");
        if (failure.get() != null) {
            throw new Violation(failure.get().getMessage(), failure.get());
        }
        return totals;
    }

    private synchronized void add(SimReport run) {
        totals = totals.plus(run);
    }

    private synchronized void report(String prefix) {
        progress.accept(prefix + totals.perSecond((System.nanoTime() - startNs) / 1e9));
    }

    /** Takes one seed after another. */
    private final class Worker extends Thread {
        private volatile long seed;
        private volatile long seedStartNs;

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
                    add(simulation.run(seed));
                } catch (Throwable broken) {
                    failure.compareAndSet(null, explained(seed, broken));
                }
            }
        }

        private void requireMoving() {
            if (isAlive() && System.nanoTime() - seedStartNs > STUCK_NS) {
                final Violation stuck = new Violation("seed " + seed + " hangs; replay: "
                    + simulation.replay().apply(seed));
                stuck.setStackTrace(getStackTrace());
                throw stuck;
            }
        }
    }

    /** Plays a broken seed again, this time with words. */
    private Throwable explained(long seed, Throwable broken) {
        return new Violation(simulation.transcriptOf(seed) + "\n\nseed " + seed + " broke: " + broken.getMessage()
            + "\nreplay: " + simulation.replay().apply(seed), broken);
    }
}
