package io.balsa.raft.labs;

import io.balsa.raft.testkit.lab.AgreementLab;
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
        suite.play(AgreementLab.BASIC);
    }

    @Test
    @DisplayName("2B-02 RPC bytes")
    void rpcBytes() throws InterruptedException {
        suite.play(AgreementLab.BYTES);
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
        suite.play(AgreementLab.FAIL_AGREE);
    }

    @Test
    @DisplayName("2B-06 fail, no agree")
    void failNoAgree() throws InterruptedException {
        suite.play(AgreementLab.FAIL_NO_AGREE);
    }

    @Test
    @DisplayName("2B-07 concurrent starts")
    void concurrentStarts() throws InterruptedException {
        suite.play(AgreementLab.CONCURRENT_STARTS);
    }

    @Test
    @DisplayName("2B-08 rejoin of partitioned leader")
    void rejoin() throws InterruptedException {
        suite.play(AgreementLab.REJOIN);
    }

    @Test
    @DisplayName("2B-09 fast backup")
    void fastBackup() throws InterruptedException {
        suite.play(AgreementLab.BACKUP);
    }

    @Test
    @DisplayName("2B-10 RPC counts")
    void rpcCounts() throws InterruptedException {
        suite.play(AgreementLab.COUNTS);
    }
}
