package io.balsa.kv.labs;

import java.nio.file.Path;
import java.util.stream.Stream;

import io.balsa.raft.testkit.lab.AgreementLab;
import io.balsa.raft.testkit.lab.AppliedLog;
import io.balsa.raft.testkit.lab.ElectionLab;
import io.balsa.raft.testkit.lab.LabFigures;
import io.balsa.raft.testkit.lab.LabScenario;
import io.balsa.raft.testkit.lab.PersistenceLab;
import io.balsa.raft.testkit.lab.SnapshotLab;
import io.balsa.raft.testkit.lab.Tester;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The lab scenarios on real nodes, in real time: UDP, logs on disk, threads, and the course's own limits. They need a
 * machine that does nothing else: one that holds a leader up for longer than an election timeout fails 2A-01, and one
 * whose disk takes longer than 15 ms to force a log, after which a leader asks whether its message was lost, may fail
 * 2B-10. {@code mvn -pl kv -am -Preal verify} runs them.
 */
@Tag("real")
@DisplayName("Labs on real nodes")
class RealLabTest {
    static Stream<LabScenario> scenarios() {
        return Stream.of(ElectionLab.INITIAL, ElectionLab.RE_ELECTION, AgreementLab.BASIC, AgreementLab.BYTES,
            AgreementLab.FAIL_AGREE, AgreementLab.BACKUP, AgreementLab.COUNTS, PersistenceLab.PERSISTENCE_1,
            PersistenceLab.PERSISTENCE_3, PersistenceLab.UNRELIABLE, PersistenceLab.CHURN,
            PersistenceLab.CHURN_UNRELIABLE, SnapshotLab.INSTALL_DISCONNECT, SnapshotLab.INIT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    @Timeout(120)
    void holds(LabScenario scenario, @TempDir Path directory) {
        final AppliedLog applied = new AppliedLog();
        try (RealLab lab = new RealLab(scenario.servers(), directory, applied.serviceOf(scenario))) {
            scenario.script().accept(new Tester(lab, applied));
            System.out.println(scenario + ": " + new LabFigures(lab.nowMs() / 1e3, lab.size(), lab.requests(),
                lab.bytes(), applied.lastIndex()));
        }
    }
}
