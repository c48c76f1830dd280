package io.balsa.raft.labs;

import java.util.List;
import java.util.stream.Stream;

import io.balsa.raft.testkit.ParallelSeeds;
import io.balsa.raft.testkit.lab.AgreementLab;
import io.balsa.raft.testkit.lab.ElectionLab;
import io.balsa.raft.testkit.lab.LabScenario;
import io.balsa.raft.testkit.lab.PersistenceLab;
import io.balsa.raft.testkit.lab.SimLabRun;
import io.balsa.raft.testkit.lab.SnapshotLab;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every lab scenario under a thousand seeds: {@code mvn -pl engine -Plabs verify -Dtest=LabSoakTest}. Add
 * {@code -Dlab=2C-06} for that one alone, {@code -Dseeds=N} for as many, {@code -Dseed=N} for one seed in words.
 */
@Tag("labs")
@DisplayName("Labs 2A to 2D, long")
class LabSoakTest {
    private static final int SEEDS = 1_000;

    static Stream<LabScenario> scenarios() {
        final String lab = System.getProperty("lab", "");
        return Stream.of(ElectionLab.ALL, AgreementLab.ALL, PersistenceLab.ALL, SnapshotLab.ALL).flatMap(List::stream)
            .filter(scenario -> scenario.id().startsWith(lab));
    }

    /** As the product ships: with PreVote and CheckQuorum. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void asShipped(LabScenario scenario) throws InterruptedException {
        play(scenario, false, "asShipped");
    }

    /** The paper's Raft, with neither. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void plainRaft(LabScenario scenario) throws InterruptedException {
        play(scenario, true, "plainRaft");
    }

    private static void play(LabScenario scenario, boolean plainRaft, String test) throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(new SimLabRun(scenario, seed, plainRaft).transcript());
        }
        ParallelSeeds.play(seed >= 0 ? seed : 1, seed >= 0 ? 1 : Integer.getInteger("seeds", SEEDS), each ->
            LabSuite.play(new SimLabRun(scenario, each, plainRaft), "mvn -q -pl engine -Plabs verify"
                + " -Dtest=LabSoakTest#" + test + " -Dlab=" + scenario.id() + " -Dseed=" + each));
    }
}
