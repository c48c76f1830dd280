package io.balsa.raft.labs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.ToLongFunction;

import io.balsa.raft.testkit.ParallelSeeds;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.lab.LabFigures;
import io.balsa.raft.testkit.lab.LabScenario;
import io.balsa.raft.testkit.lab.LabTable;
import io.balsa.raft.testkit.lab.SimLabRun;
import org.junit.jupiter.api.TestInfo;

/**
 * Plays the lab scenarios of one test class on simulated servers, each under many seeds. {@code -Dseed=N} plays one
 * seed and tells its last events, {@code -Dseeds=N} plays that many, {@code -Dlabs.rewrite=true} writes the medians of
 * the figures into docs/LABS.md.
 */
final class LabSuite {
    private static final int SEEDS = 20;

    private final String test;

    /** @param info of the test that plays a scenario */
    LabSuite(TestInfo info) {
        test = info.getTestClass().orElseThrow().getSimpleName() + "#" + info.getTestMethod().orElseThrow().getName();
    }

    /** Plays the scenario with the rules that the product ships with. */
    List<LabFigures> play(LabScenario scenario) throws InterruptedException {
        final List<LabFigures> runs = play(scenario, false);
        LabTable.rewrite(scenario.id(), LabFigures.medianOf(runs));
        return runs;
    }

    /** Plays it without PreVote and CheckQuorum: the Raft of the paper, which the course's figures are of. */
    List<LabFigures> playPlain(LabScenario scenario) throws InterruptedException {
        return play(scenario, true);
    }

    private List<LabFigures> play(LabScenario scenario, boolean plainRaft) throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new SimLabRun(scenario, seed, plainRaft).transcript());
        }
        return ParallelSeeds.play(seed >= 0 ? seed : 1, seed >= 0 ? 1 : Integer.getInteger("seeds", SEEDS), each ->
            play(new SimLabRun(scenario, each, plainRaft), "mvn -q -pl engine verify -Dtest=" + test + " -Dseed="
                + each));
    }

    /** Plays one run; should it break, it is played again with words. */
    static LabFigures play(SimLabRun run, String replay) {
        try {
            return run.play();
        } catch (Violation broken) {
            throw new Violation(run.transcript() + "\nreplay: " + replay, broken);
        }
    }

    /** In no run more was committed than was offered: nothing had to be offered twice. */
    static void requireCommits(long commits, List<LabFigures> runs) {
        assertTrue(runs.stream().allMatch(run -> run.commits() == commits),
            () -> commits + " commits at least, these runs had more: " + runs);
    }

    /** The runs do as well as the best of the course's own figures, in their median. */
    static void requireMedianAtMost(long target, List<LabFigures> runs, ToLongFunction<LabFigures> figure) {
        final LabFigures median = LabFigures.medianOf(runs);
        assertTrue(figure.applyAsLong(median) <= target, () -> "target " + target + ", median " + median);
    }

    static void requireMedianAtLeast(long target, List<LabFigures> runs, ToLongFunction<LabFigures> figure) {
        final LabFigures median = LabFigures.medianOf(runs);
        assertTrue(figure.applyAsLong(median) >= target, () -> "target " + target + ", median " + median);
    }
}
