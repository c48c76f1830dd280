package io.balsa.raft.labs;

import io.balsa.raft.testkit.lab.SnapshotLab;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

@DisplayName("Lab 2D: log compaction")
class Lab2DTest {
    private LabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        suite = new LabSuite(info);
    }

    @Test
    @DisplayName("2D-01 snapshots basic")
    void basic() throws InterruptedException {
        suite.play(SnapshotLab.BASIC);
    }

    @Test
    @DisplayName("2D-02 install snapshots, disconnect")
    void installDisconnect() throws InterruptedException {
        suite.play(SnapshotLab.INSTALL_DISCONNECT);
    }

    @Test
    @DisplayName("2D-03 install snapshots, disconnect, unreliable")
    void installDisconnectUnreliable() throws InterruptedException {
        suite.play(SnapshotLab.INSTALL_DISCONNECT_UNRELIABLE);
    }

    @Test
    @DisplayName("2D-04 install snapshots, crash")
    void installCrash() throws InterruptedException {
        suite.play(SnapshotLab.INSTALL_CRASH);
    }

    @Test
    @DisplayName("2D-05 install snapshots, crash, unreliable")
    void installCrashUnreliable() throws InterruptedException {
        suite.play(SnapshotLab.INSTALL_CRASH_UNRELIABLE);
    }

    @Test
    @DisplayName("2D-06 crash and restart all")
    void allCrash() throws InterruptedException {
        suite.play(SnapshotLab.ALL_CRASH);
    }

    @Test
    @DisplayName("2D-07 the snapshot is there after one restart and another")
    void init() throws InterruptedException {
        LabSuite.requireCommits(14, suite.play(SnapshotLab.INIT));
    }
}
