package io.balsa.kv.labs;

import java.util.List;

import io.balsa.raft.testkit.ParallelSeeds;
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
    private static final int PAUSE_MS = 10;

    private final String test;
    private final int pauseMs = Integer.getInteger("pause", PAUSE_MS);

    /** @param info of the test that plays a scenario */
    KvLabSuite(TestInfo info) {
        test = info.getTestClass().orElseThrow().getSimpleName() + "#" + info.getTestMethod().orElseThrow().getName();
    }

    /** Plays the scenario and returns the median of each figure. */
    KvFigures play(KvScenario scenario) throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new KvLabRun(scenario, seed, pauseMs).transcript());
        }
        final List<KvFigures> runs = ParallelSeeds.play(seed >= 0 ? seed : 1,
            seed >= 0 ? 1 : Integer.getInteger("seeds", SEEDS),
            each -> new KvLabRun(scenario, each, pauseMs).playOrTell("", test));
        final KvFigures median = KvFigures.medianOf(runs);
        KvLabTable.rewrite(scenario, median);
        return median;
    }
}
