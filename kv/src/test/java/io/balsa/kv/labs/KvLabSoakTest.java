package io.balsa.kv.labs;

import java.util.List;
import java.util.stream.Stream;

import io.balsa.raft.testkit.ParallelSeeds;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scenario of labs 3A and 3B under a thousand seeds, its clients without a pause:
 * {@code mvn -pl kv -am -Plabs verify -Dtest=KvLabSoakTest -Dsurefire.failIfNoSpecifiedTests=false}. Add
 * {@code -Dlab=3A-12} for that one alone, {@code -Dseeds=N} for as many, {@code -Dpause=N} to let clients pause up to
 * so many milliseconds, {@code -Dseed=N} for one seed in words.
 */
@Tag("labs")
@DisplayName("Labs 3A and 3B, long")
class KvLabSoakTest {
    private static final int SEEDS = 1_000;

    static Stream<KvScenario> scenarios() {
        final String lab = System.getProperty("lab", "");
        return Stream.of(Lab3ATest.SCENARIOS, Lab3BTest.SCENARIOS, Lab3BTest.TRIM_HARD).flatMap(List::stream)
            .filter(scenario -> scenario.id().startsWith(lab));
    }

    /** As the product ships: with PreVote and CheckQuorum. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void asShipped(KvScenario scenario) throws InterruptedException {
        play(scenario, false, "asShipped");
    }

    /** The paper's Raft, with neither. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void plainRaft(KvScenario scenario) throws InterruptedException {
        play(scenario, true, "plainRaft");
    }

    private static void play(KvScenario scenario, boolean plainRaft, String test) throws InterruptedException {
        final int pauseMs = Integer.getInteger("pause", 0);
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new KvLabRun(scenario, seed, plainRaft, pauseMs).transcript());
        }
        ParallelSeeds.play(seed >= 0 ? seed : 1, seed >= 0 ? 1 : Integer.getInteger("seeds", SEEDS),
            each -> new KvLabRun(scenario, each, plainRaft, pauseMs)
                .playOrTell("-Plabs ", "KvLabSoakTest#" + test + " -Dlab=" + scenario.id()));
    }
}
