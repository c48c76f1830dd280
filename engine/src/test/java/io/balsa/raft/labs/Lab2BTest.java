package io.balsa.raft.labs;

import java.util.List;

import io.balsa.raft.testkit.lab.AgreementLab;
import io.balsa.raft.testkit.lab.LabFigures;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

@DisplayName("Lab 2B: log")
class Lab2BTest {
    private LabSuite suite;

    @BeforeEach
    void nameTheTest(TestInfo info) {
        suite = new LabSuite(info);
    }

    @Test
    @DisplayName("2B-01 basic agreement")
    void basicAgreement() throws InterruptedException {
        LabSuite.requireCommits(3, suite.play(AgreementLab.BASIC));
    }

    @Test
    @DisplayName("2B-02 RPC bytes")
    void rpcBytes() throws InterruptedException {
        LabSuite.requireCommits(11, suite.play(AgreementLab.BYTES));
    }

    @Test
    @DisplayName("2B-03 follower failure")
    void followerFailure() throws InterruptedException {
        suite.play(AgreementLab.FOLLOWER_FAILURE);
    }

    @Test
    @DisplayName("2B-04 leader failure")
    void leaderFailure() throws InterruptedException {
        suite.play(AgreementLab.LEADER_FAILURE);
    }

    @Test
    @DisplayName("2B-05 fail, agree")
    void failAgree() throws InterruptedException {
        LabSuite.requireCommits(7, suite.play(AgreementLab.FAIL_AGREE));
    }

    @Test
    @DisplayName("2B-06 fail, no agree")
    void failNoAgree() throws InterruptedException {
        suite.play(AgreementLab.FAIL_NO_AGREE);
    }

    @Test
    @DisplayName("2B-07 concurrent starts")
    void concurrentStarts() throws InterruptedException {
        final List<LabFigures> runs = suite.play(AgreementLab.CONCURRENT_STARTS);
        LabSuite.requireCommits(6, runs);
        LabSuite.requireMedianAtMost(16, runs, LabFigures::requests);
    }

    @Test
    @DisplayName("2B-08 rejoin of partitioned leader")
    void rejoin() throws InterruptedException {
        LabSuite.requireCommits(4, suite.play(AgreementLab.REJOIN));
    }

    @Test
    @DisplayName("2B-09 fast backup")
    void fastBackup() throws InterruptedException {
        LabSuite.requireCommits(102, suite.play(AgreementLab.BACKUP));
    }

    @Test
    @DisplayName("2B-10 RPC counts")
    void rpcCounts() throws InterruptedException {
        LabSuite.requireCommits(12, suite.play(AgreementLab.COUNTS));
    }

    /** As few as the best of the course's own figures. PreVote adds one question to each peer, see docs/LABS.md. */
    @Test
    @DisplayName("the Raft of the paper takes 16 requests for 2B-01 and 48 for 2B-02")
    void requestsOfPlainRaft() throws InterruptedException {
        LabSuite.requireMedianAtMost(16, suite.playPlain(AgreementLab.BASIC), LabFigures::requests);
        LabSuite.requireMedianAtMost(48, suite.playPlain(AgreementLab.BYTES), LabFigures::requests);
    }
}
