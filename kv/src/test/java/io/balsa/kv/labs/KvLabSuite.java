package io.balsa.kv.labs;

import java.util.List;

import io.balsa.raft.testkit.ParallelSeeds;
import io.balsa.raft.testkit.lab.LabTable;
import org.junit.jupiter.api.TestInfo;

/**
 * Plays the lab scenarios of one test class on simulated servers, each under many seeds. {@code -Dseed=N} plays one
 * seed and tells its last events, {@code -Dseeds=N} plays that many.
 *
 * <p>On a good network clients would do five thousand operations in a second, which is seconds of work for each seed.
 * So they pause here, 0 to {@value #PAUSE_MS} ms before each operation, and do about as many as those of the course;
 * {@code -Dpause=0} takes the pauses away, as the soak does.
 */
final class KvLabSuite {
    private static final int SEEDS = 20;
    private static final int PAUSE_MS = 16;

    private final String test;
    private final int seeds;
    private final int pauseMs = Integer.getInteger("pause", PAUSE_MS);

    /** @param info of the test that plays a scenario */
    KvLabSuite(TestInfo info) {
        this(info, SEEDS);
    }

    /** @param usualSeeds how many seeds a scenario is played under where {@code -Dseeds} does not say so */
    KvLabSuite(TestInfo info, int usualSeeds) {
        seeds = Integer.getInteger("seeds", usualSeeds);
        test = info.getTestClass().orElseThrow().getSimpleName() + "#" + info.getTestMethod().orElseThrow().getName();
    }

    /** Plays the scenario as the product ships. */
    void play(KvScenario scenario) throws InterruptedException {
        LabTable.rewrite(scenario.id(), play(scenario, false));
    }

    /** Plays the scenario without PreVote and CheckQuorum. */
    void playPlainRaft(KvScenario scenario) throws InterruptedException {
        play(scenario, true);
    }

    /** Returns the median of each figure. */
    private KvFigures play(KvScenario scenario, boolean plainRaft) throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new KvLabRun(scenario, seed, plainRaft, pauseMs).transcript());
        }
        final List<KvFigures> runs = ParallelSeeds.play(seed >= 0 ? seed : 1,
            seed >= 0 ? 1 : seeds,
            each -> new KvLabRun(scenario, each, plainRaft, pauseMs).playOrTell("", test));
        return KvFigures.medianOf(runs);
    }
}
