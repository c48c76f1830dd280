package io.balsa.raft.testkit.lab;

import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.checks.Violation;

/** One scenario on simulated servers, under one seed. */
public final class SimLabRun {
    private final LabScenario scenario;
    private final long seed;
    private final boolean plainRaft;

    /** @param plainRaft without PreVote and CheckQuorum */
    public SimLabRun(LabScenario scenario, long seed, boolean plainRaft) {
        this.scenario = scenario;
        this.seed = seed;
        this.plainRaft = plainRaft;
    }

    /** Plays it; throws {@link Violation} when a bound is missed. */
    public LabFigures play() {
        return play(false);
    }

    /** Plays it again and tells its last events, whether it holds or not. */
    public String transcript() {
        try {
            return "holds: " + play(true);
        } catch (Violation broken) {
            return broken.getMessage();
        }
    }

    private LabFigures play(boolean transcribed) {
        final AppliedLog applied = new AppliedLog();
        final SimLab.Options options = SimLab.Options.of(scenario.servers()).withPlainRaft(plainRaft);
        try (SimLab<Long> lab = new SimLab<>(options, seed, applied::machineOf, transcribed)) {
            try {
                scenario.script().accept(new Tester(lab, applied));
            } catch (RuntimeException | AssertionError broken) {
                throw new Violation((transcribed ? lab.transcript() + "\n\n" : "") + scenario + ", seed " + seed
                    + ", at " + Math.round(lab.nowMs()) + " ms: " + lab.firstOf(broken).getMessage(), broken);
            }
            return new LabFigures(lab.nowMs() / 1e3, lab.size(), lab.requests(), lab.bytes(), applied.lastIndex());
        }
    }
}
