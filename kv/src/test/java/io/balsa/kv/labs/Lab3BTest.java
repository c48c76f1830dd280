package io.balsa.kv.labs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@DisplayName("Lab 3B: key/value service with snapshots")
class Lab3BTest {
    private static final KvScenario SPEED =
        ScriptedLab.SPEED.withMaxRaftState("3B-09", GenericLab.MAX_RAFT_STATE);
    static final List<KvScenario> SCENARIOS = List.of(SnapshotStoreLab.INSTALL, SnapshotStoreLab.SIZE,
        GenericLab.SNAPSHOTS_RESTARTS_ONE, GenericLab.SNAPSHOTS_RESTARTS_MANY, GenericLab.SNAPSHOTS_UNRELIABLE,
        GenericLab.SNAPSHOTS_RESTARTS_UNRELIABLE, GenericLab.SNAPSHOTS_ALL_FAULTS, GenericLab.SNAPSHOTS_LINEARIZABLE,
        SPEED);
    /** Lab 3A again, with a snapshot after every command. */
    static final List<KvScenario> TRIM_HARD = Lab3ATest.SCENARIOS.stream()
        .map(scenario -> scenario.withMaxRaftState("3B-10/" + scenario.id(), 1)).toList();

    private static final int SEEDS = 3;
    private static final int TRIM_HARD_SEEDS = 1;

    private KvLabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        final boolean trimsHard = info.getTestMethod().orElseThrow().getName().equals("trimHard");
        suite = new KvLabSuite(info, trimsHard ? TRIM_HARD_SEEDS : SEEDS);
    }

    @Test
    @DisplayName("3B-01 InstallSnapshot")
    void install() throws InterruptedException {
        suite.play(SnapshotStoreLab.INSTALL);
    }

    @Test
    @DisplayName("3B-02 snapshot size")
    void size() throws InterruptedException {
        suite.play(SnapshotStoreLab.SIZE);
    }

    /** As a file it has a head and checksums around what the simulator keeps. */
    @Test
    @DisplayName("3B-02 once more: the snapshot as a file")
    void sizeOfTheFile(@TempDir Path directory) {
        final byte[] state = SnapshotStoreLab.stateAfterSize();
        MmapStorage.format(directory, new Storage.Identity(1, 0, 1, true));
        try (Storage storage = MmapStorage.open(directory, MmapConfig.defaults())) {
            final SnapshotStore.Snapshot snapshot = storage.snapshots()
                .save(1_000, 1, 1, new TreeSet<>(List.of(0, 1, 2)), out -> out.write(state));
            assertTrue(snapshot.length() <= SnapshotStoreLab.LARGEST_SNAPSHOT_BYTES, snapshot + " is too large");
        }
    }

    @Test
    @DisplayName("3B-03 restarts, one client")
    void restartsOneClient() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_RESTARTS_ONE);
    }

    @Test
    @DisplayName("3B-04 restarts, twenty clients")
    void restartsManyClients() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_RESTARTS_MANY);
    }

    @Test
    @DisplayName("3B-05 unreliable net")
    void unreliable() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_UNRELIABLE);
    }

    @Test
    @DisplayName("3B-06 unreliable net, restarts")
    void restartsUnreliable() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_RESTARTS_UNRELIABLE);
    }

    @Test
    @DisplayName("3B-07 unreliable net, restarts, partitions")
    void allFaults() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_ALL_FAULTS);
    }

    @Test
    @DisplayName("3B-08 all of it, random keys: linearizable")
    void linearizable() throws InterruptedException {
        suite.play(GenericLab.SNAPSHOTS_LINEARIZABLE);
    }

    @Test
    @DisplayName("3B-09 operations are fast enough")
    void speed() throws InterruptedException {
        suite.play(SPEED);
    }

    @DisplayName("3B-10 lab 3A with a snapshot after every command")
    @ParameterizedTest(name = "{0}")
    @FieldSource("TRIM_HARD")
    void trimHard(KvScenario scenario) throws InterruptedException {
        suite.play(scenario);
    }
}
