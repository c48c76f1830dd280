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
        final AppliedLog applied = new AppliedLog();
        try (SimLab<Long> lab = group(applied, false)) {
            return play(lab, applied);
        }
    }

    /** Plays it again and tells its last events, whether it holds or not. */
    public String transcript() {
        final AppliedLog applied = new AppliedLog();
        try (SimLab<Long> lab = group(applied, true)) {
            String end;
            try {
                end = "holds: " + play(lab, applied);
            } catch (Violation broken) {
                end = broken.getMessage();
            }
            return lab.transcript() + "\n\n" + end;
        }
    }

    private SimLab<Long> group(AppliedLog applied, boolean transcribed) {
        return new SimLab<>(SimLab.Options.of(scenario.servers()).withPlainRaft(plainRaft), seed,
            applied.serviceOf(scenario), transcribed);
    }

    private LabFigures play(SimLab<Long> lab, AppliedLog applied) {
        try {
            scenario.script().accept(new Tester(lab, applied));
        } catch (RuntimeException | AssertionError broken) {
            throw new Violation(scenario + ", seed " + seed + ", at " + Math.round(lab.nowMs()) + " ms: "
                + lab.firstOf(broken).getMessage(), broken);
        }
        return new LabFigures(lab.nowMs() / 1e3, lab.size(), lab.requests(), lab.bytes(), applied.lastIndex());
    }
}
