package io.balsa.raft.labs;

import io.balsa.raft.testkit.lab.LabFigures;
import io.balsa.raft.testkit.lab.PersistenceLab;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

@DisplayName("Lab 2C: persistence")
class Lab2CTest {
    private LabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        suite = new LabSuite(info);
    }

    @Test
    @DisplayName("2C-01 persistence 1")
    void persistence1() throws InterruptedException {
        LabSuite.requireCommits(6, suite.play(PersistenceLab.PERSISTENCE_1));
    }

    @Test
    @DisplayName("2C-02 persistence 2")
    void persistence2() throws InterruptedException {
        LabSuite.requireCommits(16, suite.play(PersistenceLab.PERSISTENCE_2));
    }

    @Test
    @DisplayName("2C-03 persistence 3")
    void persistence3() throws InterruptedException {
        LabSuite.requireCommits(4, suite.play(PersistenceLab.PERSISTENCE_3));
    }

    @Test
    @DisplayName("2C-04 Figure 8")
    void figure8() throws InterruptedException {
        suite.play(PersistenceLab.FIGURE_8);
    }

    @Test
    @DisplayName("2C-05 unreliable agreement")
    void unreliableAgreement() throws InterruptedException {
        LabSuite.requireMedianAtMost(246, suite.play(PersistenceLab.UNRELIABLE), LabFigures::commits);
    }

    @Test
    @DisplayName("2C-06 Figure 8 unreliable")
    void figure8Unreliable() throws InterruptedException {
        suite.play(PersistenceLab.FIGURE_8_UNRELIABLE);
    }

    @Test
    @DisplayName("2C-07 churn")
    void churn() throws InterruptedException {
        LabSuite.requireMedianAtLeast(1_766, suite.play(PersistenceLab.CHURN), LabFigures::commits);
    }

    @Test
    @DisplayName("2C-08 unreliable churn")
    void unreliableChurn() throws InterruptedException {
        LabSuite.requireMedianAtLeast(221, suite.play(PersistenceLab.CHURN_UNRELIABLE), LabFigures::commits);
    }
}
