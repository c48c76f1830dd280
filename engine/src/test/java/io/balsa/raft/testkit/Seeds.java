package io.balsa.raft.testkit;

import java.util.Locale;
import java.util.function.Consumer;

import io.balsa.raft.testkit.checks.Violation;

/** Plays many seeds of a simulation, on all processors, and adds up what happened. */
public final class Seeds {
    private final Simulation<?> simulation;
    private final Consumer<String> progress;
    private final long startNs = System.nanoTime();
    private Totals totals = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private Seeds(Simulation<?> simulation, Consumer<String> progress) {
        this.simulation = simulation;
        this.progress = progress;
    }

    /**
     * What a number of runs came to.
     *
     * @param faults     strikes from outside and frames lost
     * @param operations answers to clients that were checked
     * @param unknown    commands whose outcome their clients never learnt
     * @param snapshots  taken
     * @param installed  snapshots that came from another node, whole
     * @param goneOn     transfers of a snapshot that went on where something had been lost
     * @param handedOver transfers of a snapshot that a new leader went on with
     * @param cutShort   snapshots on their way in when their process ended
     */
    public record Totals(long seeds, long events, long virtualNs, long elections, long committed, long faults,
                         long operations, long unknown, long snapshots, long installed, long goneOn,
                         long handedOver, long cutShort) {
        private Totals plus(SimReport run) {
            return new Totals(seeds + 1, events + run.events(), virtualNs + run.virtualNs(),
                elections + run.elections(), committed + run.committed(),
                faults + run.faults() + run.framesLost(),
                operations + run.acknowledged() + run.rejected() + run.reads() + run.readsRefused(),
                unknown + run.indeterminate(), snapshots + run.snapshots(), installed + run.installed(),
                goneOn + run.goneOn(), handedOver + run.handedOver(), cutShort + run.cutShort());
        }

        private String perSecond(double seconds) {
            return String.format(Locale.ROOT, "%,d seeds (%.1f/s), %,d events (%,.0f/s), %,d s of virtual time, "
                + "%,d elections, %,d entries committed, %,d faults injected, %,d answers checked, %,d unknown, "
                + "%,d snapshots taken, %,d installed (%,d times gone on after a loss, %,d times by a new leader, "
                + "%,d cut short)",
                seeds, seeds / seconds, events, events / seconds, virtualNs / 1_000_000_000, elections, committed,
                faults, operations, unknown, snapshots, installed, goneOn, handedOver, cutShort);
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
        return new Seeds(simulation, progress).play(first, Math.toIntExact(count));
    }

    private Totals play(long first, int count) throws InterruptedException {
        try {
            ParallelSeeds.play(first, count, this::playOne, simulation.replay(), () -> report("... "));
        } finally {
            report("");
        }
        return totals;
    }

    private Void playOne(long seed) {
        try {
            add(simulation.run(seed));
        } catch (Throwable broken) {
            // once more, this time with words
            throw new Violation(simulation.transcriptOf(seed) + "\n\nseed " + seed + " broke: " + broken.getMessage()
                + "\nreplay: " + simulation.replay().apply(seed), broken);
        }
        return null;
    }

    private synchronized void add(SimReport run) {
        totals = totals.plus(run);
    }

    private synchronized void report(String prefix) {
        progress.accept(prefix + totals.perSecond((System.nanoTime() - startNs) / 1e9));
    }
}
