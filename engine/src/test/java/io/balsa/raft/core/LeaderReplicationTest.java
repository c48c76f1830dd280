package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.RESEND_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** §5.3, the leader's half: what is sent to whom, what an answer teaches, and what it must not. */
class LeaderReplicationTest {
    /** Leads term 2 with entries 1 and 2 of term 1, which servers 2 and 3 hold and have said so. */
    private static Server leaderOfTwo() {
        return server(1).withLogTerms(1, 1).leadingTerm(2).hears(ack(2, 2), ack(3, 2)).forgets();
    }

    @Test
    @DisplayName("a command goes out in the cycle in which it came, to all")
    void aCommandGoesOutInTheCycleInWhichItCame() {
        leaderOfTwo().proposes(2).says(
            "to 2: append, term 2, prev 2/1, commit 0 [3/2 4/2]",
            "to 3: append, term 2, prev 2/1, commit 0 [3/2 4/2]");
    }

    @Test
    @DisplayName("entries flow without waiting for answers, and each is sent once")
    void entriesFlowWithoutWaitingForAnswers() {
        final Server s1 = leaderOfTwo().packing(2).proposes(3).forgets();
        s1.proposes(1).says(
            "to 2: append, term 2, prev 5/2, commit 0 [6/2]",
            "to 3: append, term 2, prev 5/2, commit 0 [6/2]");
        s1.waits(1).saysNothing();
    }

    @Test
    @DisplayName("nextIndex moves by what the transport took, and stays when it is full")
    void nextIndexMovesByWhatTheTransportTook() {
        final Server s1 = leaderOfTwo().whenSendingTo(2, Effects.NOT_NOW).proposes(1).doesNotSay("to 2");
        s1.knowsOf(2, 2, 3).knowsOf(3, 2, 4).forgets();
        s1.transportTakes(2).waits(1).says("to 2: append, term 2, prev 2/1, commit 0 [3/2]").knowsOf(2, 2, 4);
    }

    @Test
    @DisplayName("a follower nobody listens at is probed, one message at a time")
    void aFollowerNobodyListensAtIsProbed() {
        final Server s1 = leaderOfTwo().whenSendingTo(2, Effects.NOT_CONNECTED).proposes(1).forgets();
        s1.transportTakes(2).waits(1).says("to 2: append, term 2, prev 2/1, commit 0 [3/2]");
        s1.proposes(1).doesNotSay("to 2").saysAmongOthers("to 3: append, term 2, prev 3/2, commit 0 [4/2]").forgets();
        s1.hears(ack(2, 2, 3)).says("to 2: append, term 2, prev 3/2, commit 0 [4/2]");
    }

    @Test
    @DisplayName("unacknowledged entries are followed by an empty append soon, which a gap refuses")
    void unacknowledgedEntriesAreFollowedByAnEmptyAppendSoon() {
        final Server s1 = leaderOfTwo().proposes(1).persists().hears(ack(3, 3)).forgets();
        s1.waits(RESEND_MS - 1).saysNothing();
        s1.waits(1).says("to 2: append, term 2, prev 3/2, commit 3 []");
        s1.hears(refusal(2, 3, 2, runs(1, 1))).says("to 2: append, term 2, prev 2/1, commit 3 [3/2]");
    }

    @Test
    @DisplayName("a heartbeat names what is known to match, so it is not refused, whatever is in flight")
    void aHeartbeatNamesWhatIsKnownToMatch() {
        leaderOfTwo().proposes(1).forgets().waits(HEARTBEAT_MS)
            .saysAmongOthers("to 2: append, term 2, prev 2/1, commit 0 []");
    }

    @Test
    @DisplayName("a silent follower is probed from what it is known to hold")
    void aSilentFollowerIsProbedFromWhatItIsKnownToHold() {
        final Server s1 = leaderOfTwo().proposes(1).persists().hears(ack(2, 3)).proposes(1).forgets();
        s1.waits(2 * HEARTBEAT_MS).knowsOf(3, 2, 3).knowsOf(2, 3, 4);
        s1.forgets().waits(2 * HEARTBEAT_MS).saysAmongOthers("to 3: append, term 2, prev 2/1, commit 3 [3/2 4/2]");
    }

    @Test
    @DisplayName("T-24: an answer teaches what it says, not how long the log is by now")
    void anAnswerTeachesWhatItSays() {
        final Server s1 = leaderOfTwo().proposes(1).proposes(5).persists().hears(ack(2, 3)).knowsOf(2, 3, 9)
            .committed(3);
        s1.waits(RESEND_MS).committed(3).knowsOf(3, 2, 9);
    }

    @Test
    @DisplayName("T-24: what was sent and not answered counts for nothing")
    void whatWasSentAndNotAnsweredCountsForNothing() {
        leaderOfTwo().proposes(3).persists().waits(1).committed(0).knowsOf(2, 2, 6);
    }

    @Test
    @DisplayName("T-25: a late answer moves neither matchIndex nor nextIndex back")
    void aLateAnswerMovesNothingBack() {
        leaderOfTwo().proposes(3).persists().hears(ack(2, 5)).hears(ack(2, 3)).knowsOf(2, 5, 6).committed(5);
    }

    @Test
    @DisplayName("T-26: what was acknowledged in an earlier leadership counts for nothing in a later one")
    void whatWasAcknowledgedInAnEarlierLeadershipCountsForNothing() {
        final Server s1 = server(1).of(5).withLogTerms(1, 1, 1).leadingTerm(2).proposes(2).hears(ack(2, 5))
            .committed(0);
        s1.hears(append(3, 3).after(3, 1).entries(3, 3)).hasLogTerms(1, 1, 1, 3, 3).persists();
        s1.leadingTerm(4).knowsOf(2, 0, 6).proposes(1).persists().hears(ack(3, 6)).committed(0);
        s1.hears(ack(4, 6)).committed(6);
    }

    @Test
    @DisplayName("T-27: a refusal of the term leaves nextIndex as it is initialised at the next election")
    void aRefusalOfTheTermLeavesNextIndex() {
        final Server s1 = leaderOfTwo().hears(refusal(2, 2, 2, runs()).inTerm(5)).hasRole(Role.FOLLOWER);
        s1.leadingTerm(6).knowsOf(2, 0, 3).knowsOf(3, 0, 3);
    }

    @Test
    @DisplayName("T-28: answers of an earlier term are ignored, to successes and refusals alike")
    void answersOfAnEarlierTermAreIgnored() {
        final Server s1 = server(1).inTerm(0).leadingTerm(1).proposes(3).hears(append(2, 2).entries(2)).persists()
            .leadingTerm(3).forgets();
        s1.hears(ack(2, 3).inTerm(1), refusal(3, 1, 0, runs()).inTerm(1)).saysNothing().committed(0)
            .knowsOf(2, 0, 2).knowsOf(3, 0, 2);
    }

    @Test
    @DisplayName("T-29: a deposed leader sends no more appends, of the old term or the new")
    void aDeposedLeaderSendsNoMoreAppends() {
        final Server s1 = leaderOfTwo().proposes(1).forgets();
        s1.hears(refusal(2, 2, 2, runs()).inTerm(5)).waits(HEARTBEAT_MS).waits(HEARTBEAT_MS).doesNotSay("append");
    }

    @Test
    @DisplayName("T-30: three wrong terms of twenty entries each are passed in one step")
    void threeWrongTermsArePassedInOneStep() {
        final Server leader = server(1).withLogTerms(terms(5, 60)).leadingTerm(6).forgets();
        final Server follower = server(2).withLogTerms(terms(2, 20, 3, 20, 4, 20)).inTerm(5);
        leader.hears(refusal(2, 60, 60, runs(2, 1, 3, 21, 4, 41))).says("to 2: append, term 6, prev 0/0, commit 0 "
            + "[" + entries(1, 60, 5) + "]");
        follower.hears(append(1, 6).entries(terms(5, 60))).hasLogTerms(terms(5, 60));
    }

    @Test
    @DisplayName("T-30: nextIndex never falls to matchIndex, however often a refusal says so")
    void nextIndexNeverFallsToMatchIndex() {
        final Server s1 = leaderOfTwo().proposes(3).hears(ack(2, 4));
        s1.hears(refusal(2, 5, 0, runs()), refusal(2, 4, 0, runs()), refusal(2, 0, 0, runs())).knowsOf(2, 4, 5);
        final Server late = leaderOfTwo().proposes(3).hears(ack(2, 4), refusal(2, 3, 2, runs(1, 1)));
        late.knowsOf(2, 4, 6); // a late refusal of what is known to match does not even interrupt the stream
    }

    @Test
    @DisplayName("a refusal is a hint: it sets no matchIndex")
    void aRefusalIsAHint() {
        server(1).withLogTerms(1, 1, 2).leadingTerm(3).hears(refusal(2, 3, 2, runs(1, 1))).knowsOf(2, 0, 3);
    }

    @Test
    @DisplayName("while a probe is out, a refusal of something else is an old one")
    void whileAProbeIsOutARefusalOfSomethingElseIsAnOldOne() {
        final Server s1 = server(1).withLogTerms(1, 1, 2, 2).leadingTerm(3).forgets();
        s1.hears(refusal(2, 3, 1, runs(1, 1))).saysNothing().knowsOf(2, 0, 5);
        s1.hears(refusal(2, 4, 1, runs(1, 1))).says("to 2: append, term 3, prev 1/1, commit 0 [2/1 3/2 4/2]");
    }

    @Test
    @DisplayName("an answer from the future of this very term stops the server: one of the two has lost its mind")
    void anAnswerBeyondTheLogStopsTheServer() {
        final Server s1 = leaderOfTwo();
        assertThrows(SafetyViolation.class, () -> ack(2, 3).reach(s1));
        assertThrows(SafetyViolation.class, () -> ack(2, 2, 1).reach(leaderOfTwo()));
    }

    @Test
    @DisplayName("a server that is no voter is replicated to, and counts for nothing")
    void aServerThatIsNoVoterCountsForNothing() {
        final Server s1 = leaderOfTwo().proposes(1).persists();
        s1.hears(ack(2, 3).ofNonVoter()).committed(0).knowsOf(2, 3, 4);
        s1.hears(ack(3, 3)).committed(3);
    }

    @Test
    @DisplayName("a server that was wiped falls back to its beginning")
    void aServerThatWasWipedFallsBackToItsBeginning() {
        leaderOfTwo().hears(refusal(2, 2, 0, runs()).ofNonVoter()).knowsOf(2, 0, 1)
            .says("to 2: append, term 2, prev 0/0, commit 0 [1/1 2/1]");
        leaderOfTwo().proposes(1).proposes(1).hears(refusal(2, 3, 0, runs()).ofNonVoter()).knowsOf(2, 0, 1);
    }

    @Test
    @DisplayName("a follower that hears and takes nothing is asked again now and then, not as fast as it answers")
    void aFollowerThatTakesNothingIsAskedNowAndThen() {
        final Server s1 = leaderOfTwo().packing(1).proposes(8).forgets();
        s1.hears(ack(2, 2)); // its disk is full: of eight messages the first is heard and not taken,
        for (long prev = 3; prev <= 9; prev++) {
            s1.hears(refusal(2, prev, 2, runs(1, 1))); // and the others follow nothing
        }
        int sent = s1.sentEntriesTo(2);
        for (int ms = 0; ms < 1_000; ms++) {
            s1.forgets().hears(ack(2, 2), ack(3, 2)).waits(1);
            sent += s1.sentEntriesTo(2);
        }
        assertTrue(sent >= 1_000 / RESEND_MS / 2, "it is asked: " + sent);
        assertTrue(sent <= 1_000 / RESEND_MS + 2, "but not flooded: " + sent);
    }

    @Test
    @DisplayName("a follower that found room again gets everything within a resend time")
    void aFollowerThatFoundRoomAgainGetsEverythingSoon() {
        final Server s1 = leaderOfTwo().proposes(3).hears(refusal(2, 5, 2, runs(1, 1))).waits(1).hears(ack(2, 2))
            .forgets();
        s1.waits(RESEND_MS).saysAmongOthers("to 2: append, term 2, prev 2/1, commit 0 [3/2 4/2 5/2]");
        s1.hears(ack(2, 2, 5)).proposes(1).saysAmongOthers("to 2: append, term 2, prev 5/2, commit 0 [6/2]");
    }

    @Test
    @DisplayName("the first command after an election does not wait for a second probe")
    void theFirstCommandAfterAnElectionDoesNotWaitForASecondProbe() {
        final Server s1 = server(1).withLogTerms(1).leadingTerm(2).proposes(1).forgets();
        s1.hears(ack(2, 1)).says("to 2: append, term 2, prev 1/1, commit 0 [2/2]");
    }

    @Test
    @DisplayName("a crashed and restarted leader follows")
    void aRestartedLeaderFollows() {
        leaderOfTwo().proposes(1).crashesAndRestarts().hasRole(Role.FOLLOWER).hasTerm(2).hasLogTerms(1, 1)
            .waits(TIMEOUT_MS - 1).saysNothing();
    }

    static long[] terms(long... termsAndCounts) {
        final LongStream.Builder terms = LongStream.builder();
        for (int i = 0; i < termsAndCounts.length; i += 2) {
            for (int n = 0; n < termsAndCounts[i + 1]; n++) {
                terms.add(termsAndCounts[i]);
            }
        }
        return terms.build().toArray();
    }

    private static String entries(int first, int last, long term) {
        final StringBuilder shown = new StringBuilder();
        for (int i = first; i <= last; i++) {
            shown.append(i == first ? "" : " ").append(i).append('/').append(term);
        }
        return shown.toString();
    }
}
