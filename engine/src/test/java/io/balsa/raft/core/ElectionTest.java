package io.balsa.raft.core;

import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.denial;
import static io.balsa.raft.core.Message.grant;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** §5.2 and §5.4.1: who campaigns and when, who gets a vote, and who has won. */
class ElectionTest {
    private static final long JITTER = 1 << 22;
    private static final long LONGEST_DRAW = 2 * (TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS) - 1);

    @Test
    @DisplayName("term and vote are on disk before a vote is asked for")
    void termAndVoteAreOnDiskBeforeAVoteIsAskedFor() {
        server(1).withLogTerms(1, 1).waits(TIMEOUT_MS).says(
            "persist term 2, vote for 1",
            "be candidate",
            "to 2: request vote, term 2, last 2/1",
            "to 3: request vote, term 2, last 2/1");
    }

    @Test
    @DisplayName("term and vote are on disk, by one force, before a vote is given")
    void termAndVoteAreOnDiskBeforeAVoteIsGiven() {
        server(1).hears(requestVote(3, 5, 0, 0)).says(
            "follow nobody",
            "persist term 5, vote for 3",
            "to 3: vote granted, term 5");
    }

    @Test
    @DisplayName("a repeated request is answered again without touching the disk")
    void aRepeatedRequestIsAnsweredAgain() {
        final Server s1 = server(1).hears(requestVote(3, 5, 0, 0)).forgets();
        s1.hears(requestVote(3, 5, 0, 0)).says("to 3: vote granted, term 5");
    }

    @ParameterizedTest(name = "pre-vote {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("T-01: outdated servers with short timeouts do not keep a good log from being elected")
    void outdatedServersDoNotKeepAGoodLogFromBeingElected(boolean preVote) {
        for (int seed = 0; seed < 25; seed++) {
            final Server[] servers = new Server[5];
            for (int id = 1; id <= 5; id++) {
                final SplittableRandom random = new SplittableRandom(5L * seed + id);
                final boolean outdated = id >= 4;
                servers[id - 1] = server(id).withLogTerms(outdated ? new long[] {1} : new long[] {1, 1})
                    .drawingTimeoutsFrom(() -> outdated
                        ? random.nextLong(JITTER) : LONGEST_DRAW - random.nextLong(JITTER));
                if (preVote) {
                    servers[id - 1].withPreVote();
                }
            }
            final Cluster cluster = Cluster.of(servers).cut(1);
            final long took = cluster.runsUntil(() -> cluster.leader().isPresent(), 10_000);
            assertTrue(took <= 3 * 2 * TIMEOUT_MS, "seed " + seed + ": " + took + " ms");
            assertTrue(cluster.leader().orElseThrow().id <= 3, "only who holds the committed entry is elected");
        }
    }

    @Test
    @DisplayName("T-02: appends of an old term do not keep a server from campaigning")
    void appendsOfAnOldTermDoNotKeepAServerFromCampaigning() {
        final Server s3 = server(3).inTerm(2).votedFor(2);
        for (long ms = 0; ms < TIMEOUT_MS - HEARTBEAT_MS; ms += HEARTBEAT_MS) {
            s3.waits(HEARTBEAT_MS).hears(append(1, 1));
        }
        s3.hasRole(Role.FOLLOWER).waits(HEARTBEAT_MS).hasRole(Role.CANDIDATE).hasTerm(3);
    }

    @Test
    @DisplayName("T-03: a candidate whose votes are lost starts a new term at each timeout")
    void aCandidateWhoseVotesAreLostStartsANewTermAtEachTimeout() {
        final Server s1 = server(1).of(5);
        for (long term = 1; term <= 5; term++) {
            s1.waits(TIMEOUT_MS - 1).hasTerm(term - 1).waits(1).hasTerm(term).hasRole(Role.CANDIDATE);
        }
    }

    @Test
    @DisplayName("T-04: timeouts are drawn afresh for each election, from [T, 2T)")
    void timeoutsAreDrawnAfreshForEachElection() {
        final long[] draws = {0, LONGEST_DRAW, 0};
        final int[] drawn = {0};
        final Server s1 = server(1).drawingTimeoutsFrom(() -> draws[drawn[0]++]);
        s1.waits(TIMEOUT_MS).hasTerm(1);
        s1.waits(2 * TIMEOUT_MS - 2).hasTerm(1).waits(2).hasTerm(2);
        assertEquals(3, drawn[0]);
    }

    @Test
    @DisplayName("T-04: servers whose first timeouts are equal split the vote, but not for long")
    void equalFirstTimeoutsDoNotSplitTheVoteForLong() {
        for (int seed = 0; seed < 1_000; seed++) {
            final Server[] servers = new Server[3];
            for (int id = 1; id <= 3; id++) {
                final SplittableRandom random = new SplittableRandom(3L * seed + id);
                final boolean[] drawn = {false};
                servers[id - 1] = server(id).drawingTimeoutsFrom(() -> {
                    final boolean first = !drawn[0];
                    drawn[0] = true;
                    return first ? 0 : random.nextLong();
                });
            }
            final Cluster cluster = Cluster.of(servers).runsFor(TIMEOUT_MS + 2);
            assertTrue(cluster.leader().isEmpty(), "seed " + seed + ": each votes for itself");
            final long took = cluster.runsUntil(() -> cluster.leader().isPresent(), 10 * 2 * TIMEOUT_MS);
            assertTrue(took <= 10 * 2 * TIMEOUT_MS, "seed " + seed + ": no leader within 10 timeouts");
        }
    }

    @Test
    @DisplayName("T-05: the deciding vote and the first appends belong to the same instant")
    void theDecidingVoteAndTheFirstAppendsBelongToTheSameInstant() {
        final Server s1 = server(1).of(5).withLogTerms(1).waits(TIMEOUT_MS).hears(grant(2, 2)).forgets();
        s1.hears(grant(3, 2)).says(
            "lead",
            "to 2: append, term 2, prev 1/1, commit 0 []",
            "to 3: append, term 2, prev 1/1, commit 0 []",
            "to 4: append, term 2, prev 1/1, commit 0 []",
            "to 5: append, term 2, prev 1/1, commit 0 []");
    }

    @ParameterizedTest(name = "{0} servers")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    @DisplayName("T-06: a candidate leads with exactly a majority")
    void aCandidateLeadsWithExactlyAMajority(int servers) {
        final Server s1 = server(1).of(servers).waits(TIMEOUT_MS);
        for (int votes = 1; votes < servers / 2 + 1; votes++) {
            s1.hasRole(Role.CANDIDATE).hears(grant(votes + 1, 1));
        }
        s1.hasRole(Role.LEADER).hasTerm(1).hasVotedFor(1);
    }

    @Test
    @DisplayName("T-06: of two candidates in one term the second gets no vote")
    void ofTwoCandidatesInOneTermTheSecondGetsNoVote() {
        final Server s3 = server(3).of(4).hears(requestVote(1, 1, 0, 0)).forgets();
        s3.hears(requestVote(2, 1, 0, 0)).says("to 2: vote denied, term 1");
    }

    @Test
    @DisplayName("T-07: one vote delivered three times is one vote")
    void oneVoteDeliveredThreeTimesIsOneVote() {
        server(1).of(5).waits(TIMEOUT_MS).hears(grant(2, 1), grant(2, 1), grant(2, 1)).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("a denial is no vote, nor is one from a stranger")
    void aDenialIsNoVote() {
        server(1).waits(TIMEOUT_MS).hears(denial(2, 1), denial(3, 1), grant(9, 1)).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("T-08: votes of an earlier term do not count")
    void votesOfAnEarlierTermDoNotCount() {
        final Server s1 = server(1).of(5).inTerm(1).waits(TIMEOUT_MS).hears(grant(2, 2)).waits(TIMEOUT_MS).hasTerm(3);
        s1.hears(grant(3, 2), grant(4, 2), grant(5, 2)).hasRole(Role.CANDIDATE);
        s1.hears(grant(3, 3)).hasRole(Role.CANDIDATE); // the vote of server 2 was for term 2
        s1.hears(grant(4, 3)).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("T-08: votes that arrive after conceding in the same term do not count")
    void votesThatArriveAfterConcedingDoNotCount() {
        final Server s1 = server(1).waits(TIMEOUT_MS).hears(append(2, 1)).forgets();
        s1.hears(grant(3, 1), grant(2, 1)).saysNothing().hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("T-09: votes are asked for in the term that was started, at once, or not at all")
    void votesAreAskedForInTheTermThatWasStartedOrNotAtAll() {
        final Server s1 = server(1).waits(TIMEOUT_MS);
        s1.saysAmongOthers("to 2: request vote, term 1, last 0/0").forgets();
        s1.hears(denial(2, 5)).waits(1).doesNotSay("request vote").hasTerm(5).hasVotedFor(-1);
    }

    @Test
    @DisplayName("T-10: a vote of an earlier term does not bind: granted in the same call")
    void aVoteOfAnEarlierTermDoesNotBind() {
        server(1).inTerm(1).votedFor(2).hears(requestVote(3, 5, 0, 0))
            .says("follow nobody", "persist term 5, vote for 3", "to 3: vote granted, term 5");
    }

    @Test
    @DisplayName("T-11: an append from the winner does not give the vote back")
    void anAppendFromTheWinnerDoesNotGiveTheVoteBack() {
        final Server s2 = server(2).hears(requestVote(1, 1, 0, 0)).hears(append(1, 1)).forgets();
        s2.hears(requestVote(3, 1, 9, 1)).says("to 3: vote denied, term 1").hasVotedFor(1);
    }

    @Test
    @DisplayName("T-11: a candidate has voted for itself")
    void aCandidateHasVotedForItself() {
        server(1).waits(TIMEOUT_MS).forgets().hears(requestVote(3, 1, 9, 1)).says("to 3: vote denied, term 1");
    }

    @Test
    @DisplayName("T-12: no second vote after a restart, and no smaller term")
    void noSecondVoteAfterARestart() {
        server(1).hears(requestVote(2, 3, 0, 0)).crashesAndRestarts().hasTerm(3)
            .hears(requestVote(3, 3, 9, 3)).says("to 3: vote denied, term 3");
        server(1).waits(TIMEOUT_MS).crashesAndRestarts().hasTerm(1)
            .hears(requestVote(3, 1, 9, 1)).says("to 3: vote denied, term 1");
        server(1).withLogTerms(1, 1).hears(append(2, 7).after(9, 7)).crashesAndRestarts().hasTerm(7);
        server(1).withLogTerms(5).hears(requestVote(2, 7, 0, 0)).crashesAndRestarts().hasTerm(7).hasVotedFor(-1);
    }

    @ParameterizedTest(name = "a log that ends in ({0}, term {1}): {2}")
    @CsvSource({"9,1,denied", "2,2,denied", "3,1,denied", "3,2,granted", "4,2,granted", "1,3,granted"})
    @DisplayName("T-13: votes only for logs at least as up-to-date as 1, 2, 2")
    void votesOnlyForLogsAtLeastAsUpToDate(long lastIndex, long lastTerm, String answer) {
        server(1).withLogTerms(1, 2, 2).hears(requestVote(2, 9, lastIndex, lastTerm))
            .saysAmongOthers("to 2: vote " + answer + ", term 9");
    }

    @Test
    @DisplayName("T-15: a newer term in any answer deposes, and is on disk")
    void aNewerTermInAnyAnswerDeposes() {
        server(1).leadingTerm(2).hears(denial(2, 4)).says("follow nobody", "persist term 4").hasTerm(4);
        server(1).leadingTerm(2).hears(ack(2, 0).inTerm(4)).says("follow nobody", "persist term 4").hasTerm(4);
        server(1).leadingTerm(2).hears(refusal(2, 0, 0, runs()).inTerm(4)).says("follow nobody", "persist term 4")
            .hasTerm(4);
        server(1).waits(TIMEOUT_MS).forgets().hears(grant(2, 4)).says("follow nobody", "persist term 4");
    }

    @Test
    @DisplayName("T-16: a candidate follows the leader of its own term and keeps its vote")
    void aCandidateFollowsTheLeaderOfItsOwnTerm() {
        server(1).waits(TIMEOUT_MS).forgets().hears(append(2, 1))
            .says("follow 2", "to 2: success, term 1, match 0, verified 0").hasTerm(1).hasVotedFor(1);
    }

    @Test
    @DisplayName("T-17: a request of an old term is denied with the current one, and touches nothing")
    void aRequestOfAnOldTermIsDenied() {
        server(1).inTerm(4).hears(requestVote(2, 3, 9, 3)).says("to 2: vote denied, term 4").hasVotedFor(-1);
    }

    @Test
    @DisplayName("only a granted vote restarts the timer, a denied one does not")
    void onlyAGrantedVoteRestartsTheTimer() {
        server(1).withLogTerms(1).waits(TIMEOUT_MS - 1).hears(requestVote(2, 5, 0, 0)).waits(1)
            .hasRole(Role.CANDIDATE);
        server(1).withLogTerms(1).waits(TIMEOUT_MS - 1).hears(requestVote(2, 5, 1, 1)).waits(1)
            .hasRole(Role.FOLLOWER).waits(TIMEOUT_MS - 1).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("stepping down does not restart a timer that runs")
    void steppingDownDoesNotRestartATimerThatRuns() {
        server(1).waits(TIMEOUT_MS).hasRole(Role.CANDIDATE).waits(TIMEOUT_MS - 1).hears(denial(2, 7))
            .hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE).hasTerm(8);
    }

    @Test
    @DisplayName("a deposed leader had no timer running: it waits a whole timeout")
    void aDeposedLeaderWaitsAWholeTimeout() {
        server(1).leadingTerm(2).waits(10 * TIMEOUT_MS).hears(denial(2, 7)).waits(TIMEOUT_MS - 1)
            .hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("a server that is no voter follows, and neither votes nor campaigns")
    void aServerThatIsNoVoterNeitherVotesNorCampaigns() {
        final Server s1 = server(1).asNonVoter().waits(10 * TIMEOUT_MS).saysNothing();
        s1.hears(requestVote(2, 1, 0, 0))
            .says("follow nobody", "persist term 1", "to 2: vote denied, term 1").hasVotedFor(-1);
    }

    @Test
    @DisplayName("alone, nobody waits for votes")
    void aloneNobodyWaitsForVotes() {
        server(1).of(1).hears().says("persist term 1, vote for 1", "be candidate", "lead");
    }
}
