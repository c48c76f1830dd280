package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;

import io.balsa.raft.testkit.Registers;
import io.balsa.raft.testkit.Seeds;
import io.balsa.raft.testkit.SimReport;
import io.balsa.raft.testkit.Simulation;
import io.balsa.raft.testkit.checks.Violation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole groups of real nodes in a bad world. {@code -Dseed=N} plays one seed and tells its last events,
 * {@code -Dseeds=N} plays that many.
 */
class SimulatorTest {
    private static final long SEEDS = 200;
    private static final long SOAK_SEEDS = 1_000;

    private final Simulation<Long> simulation = Simulation.ofRegisters()
        .withReplay(seed -> "mvn -q -pl engine verify -Dtest=SimulatorTest -Dseed=" + seed);

    @Test
    void everySeedKeepsEveryPromise() throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(simulation.transcriptOf(seed));
            simulation.run(seed);
        } else {
            Seeds.play(simulation, 1, Long.getLong("seeds", SEEDS), System.out::println);
        }
    }

    /** More of the same: {@code mvn -pl engine -Psoak verify -Dtest=SimulatorTest -Dseeds=100000}. */
    @Test
    @Tag("soak")
    void soak() throws InterruptedException {
        Seeds.play(simulation, 1_000_000, Long.getLong("seeds", SOAK_SEEDS), System.out::println);
    }

    /**
     * Seeds that catch a planted bug which few others catch; {@link MutantsTest} plants it each time and they must. A
     * seed means the same run only as long as nothing else is drawn before it: after a change of the simulator or of
     * what is sent, look for other seeds.
     * What a seed found in the engine itself has a test of its own, such as {@link FailedAppendTest}.
     */
    @ParameterizedTest(name = "seed {0}: {1}")
    @CsvSource({
        "1282, an entry of an older term must not be committed by counting (Figure 8)",
        "1577, the same once more, later in a longer chain of leaders",
        "525, a leader without a majority must not serve reads",
    })
    void rareSeed(long seed, String finding) {
        assertEquals(seed, simulation.run(seed).seed(), finding);
    }

    @Test
    void aSeedIsOneRunFrameByFrame() {
        for (long seed = 1; seed <= 5; seed++) {
            final SimReport first = simulation.run(seed);
            assertEquals(first, simulation.run(seed));
            assertNotEquals(first.fingerprint(), simulation.run(seed + 1).fingerprint());
        }
    }

    @Test
    void aRunMeetsFaultsAndGetsWorkDone() throws InterruptedException {
        final Seeds.Totals totals = Seeds.play(simulation, 1, 20, line -> { });
        assertEquals(20, totals.seeds());
        assertTrue(totals.faults() > 1_000 && totals.elections() > 40, totals.toString());
        assertTrue(totals.committed() > 1_000 && totals.operations() > 1_000, totals.toString());
    }

    @Test
    void aStateMachineThatLooksAtTheOutsideWorldIsFoundAndTheSeedTold() {
        final AtomicLong outside = new AtomicLong();
        final Simulation<Long> careless = Simulation.<Long>of(
            () -> (index, term, command, offset, length) -> outside.incrementAndGet(), Registers::command)
            .withGroupSizes(3).withReplay(seed -> "replay-" + seed);
        final Violation found = assertThrows(Violation.class, () -> Seeds.play(careless, 1, 3, line -> { }));
        assertTrue(found.getMessage().contains("not deterministic"), found.getMessage());
        assertTrue(found.getMessage().contains("replay: replay-"), found.getMessage());
        assertTrue(found.getMessage().contains("AppendEntries term="), "the transcript tells what was said");
    }
}
