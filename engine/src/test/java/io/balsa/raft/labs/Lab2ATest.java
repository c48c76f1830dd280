package io.balsa.raft.labs;

import io.balsa.raft.testkit.lab.ElectionLab;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

@DisplayName("Lab 2A: leader election")
class Lab2ATest {
    private LabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        suite = new LabSuite(info);
    }

    @Test
    @DisplayName("2A-01 initial election")
    void initialElection() throws InterruptedException {
        suite.play(ElectionLab.INITIAL);
    }

    @Test
    @DisplayName("2A-02 re-election")
    void reElection() throws InterruptedException {
        suite.play(ElectionLab.RE_ELECTION);
    }

    @Test
    @DisplayName("2A-03 many elections")
    void manyElections() throws InterruptedException {
        suite.play(ElectionLab.MANY);
    }
}
