package io.balsa.raft.labs;

import java.util.List;

import io.balsa.raft.testkit.ParallelSeeds;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.lab.LabFigures;
import io.balsa.raft.testkit.lab.LabScenario;
import io.balsa.raft.testkit.lab.SimLabRun;
import org.junit.jupiter.api.TestInfo;

/**
 * Plays the lab scenarios of one test class on simulated servers, each under many seeds. {@code -Dseed=N} plays one
 * seed and tells its last events, {@code -Dseeds=N} plays that many.
 */
final class LabSuite {
    private static final int SEEDS = 20;

    private final String test;

    /** @param info of the test that plays a scenario */
    LabSuite(TestInfo info) {
        test = info.getTestClass().orElseThrow().getSimpleName() + "#" + info.getTestMethod().orElseThrow().getName();
    }

    /** Plays the scenario and returns the median of each figure. */
    LabFigures play(LabScenario scenario) throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new SimLabRun(scenario, seed, false).transcript());
        }
        final List<LabFigures> runs = ParallelSeeds.play(seed >= 0 ? seed : 1,
            seed >= 0 ? 1 : Integer.getInteger("seeds", SEEDS), each -> play(scenario, each));
        final LabFigures median = LabFigures.medianOf(runs);
        LabTable.rewrite(scenario, median);
        return median;
    }

    private LabFigures play(LabScenario scenario, long seed) {
        final SimLabRun run = new SimLabRun(scenario, seed, false);
        try {
            return run.play();
        } catch (Violation broken) {
            throw new Violation(run.transcript() + "\nreplay: mvn -q -pl engine verify -Dtest=" + test + " -Dseed="
                + seed, broken);
        }
    }
}
