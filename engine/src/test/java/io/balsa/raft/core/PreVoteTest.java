package io.balsa.raft.core;

import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.grant;
import static io.balsa.raft.core.Message.preDenial;
import static io.balsa.raft.core.Message.preGrant;
import static io.balsa.raft.core.Message.requestPreVote;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Thesis §9.6 and §4.2.3: ask before raising the term, and do not help to depose a leader one can hear. */
class PreVoteTest {
    @Test
    @DisplayName("the question changes nothing on disk and names the next term")
    void theQuestionChangesNothing() {
        server(1).withPreVote().withLogTerms(1, 1).waits(TIMEOUT_MS).says(
            "be pre-candidate",
            "to 2: request pre-vote, term 2, last 2/1",
            "to 3: request pre-vote, term 2, last 2/1").hasTerm(1).hasVotedFor(-1);
    }

    @Test
    @DisplayName("a majority of yes makes it a candidate")
    void aMajorityOfYesMakesItACandidate() {
        final Server s1 = server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1)).hasTerm(0).forgets();
        s1.hears(preGrant(2, 1)).saysNothing();
        s1.hears(preGrant(3, 1)).hasRole(Role.CANDIDATE).hasTerm(1).hasVotedFor(1);
    }

    @Test
    @DisplayName("a pre-vote is no vote")
    void aPreVoteIsNoVote() {
        final Server s1 = server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1), preGrant(3, 1))
            .forgets();
        s1.hears(preGrant(4, 1), preGrant(5, 1)).saysNothing().hasRole(Role.CANDIDATE);
        s1.hears(grant(4, 1), grant(5, 1)).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("yes promises nothing: two may hear it, and no timer is restarted")
    void yesPromisesNothing() {
        final Server s1 = server(1).withPreVote().waits(TIMEOUT_MS - 1);
        s1.hears(requestPreVote(2, 1, 0, 0), requestPreVote(3, 1, 0, 0))
            .says("to 2: pre-vote granted, term 1", "to 3: pre-vote granted, term 1").hasTerm(0).hasVotedFor(-1);
        s1.waits(1).hasRole(Role.PRE_CANDIDATE);
    }

    @Test
    @DisplayName("no to an outdated log, and to a term that is not new; the current term is told")
    void noToAnOutdatedLogAndToATermThatIsNotNew() {
        server(1).withPreVote().withLogTerms(1, 4)
            .hears(requestPreVote(2, 9, 5, 3), requestPreVote(3, 4, 2, 4))
            .says("to 2: pre-vote denied, term 4", "to 3: pre-vote denied, term 4");
    }

    @Test
    @DisplayName("no while the leader can be heard, for one timeout after it spoke")
    void noWhileTheLeaderCanBeHeard() {
        final Server s1 = server(1).withPreVote().hears(append(2, 1)).forgets();
        s1.waits(TIMEOUT_MS - 1).hears(requestPreVote(3, 2, 9, 1)).says("to 3: pre-vote denied, term 1");
    }

    @Test
    @DisplayName("a leader says no: it hears itself")
    void aLeaderSaysNo() {
        server(1).withPreVote().leadingTerm(2).hears(requestPreVote(3, 3, 9, 2))
            .saysAmongOthers("to 3: pre-vote denied, term 2").hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a vote asked for while the leader can be heard is passed over: the term does not move")
    void aVoteAskedForWhileTheLeaderCanBeHeardIsPassedOver() {
        final Server s1 = server(1).withPreVote().hears(append(2, 1)).forgets();
        s1.waits(TIMEOUT_MS - 1).hears(requestVote(3, 7, 9, 1)).saysNothing().hasTerm(1);
    }

    @Test
    @DisplayName("once the leader is silent for a timeout the vote is given")
    void onceTheLeaderIsSilentTheVoteIsGiven() {
        final Server s1 = server(1).withPreVote().drawingTimeoutsFrom(() -> 2).hears(append(2, 1)).forgets();
        s1.waits(TIMEOUT_MS).hears(requestVote(3, 7, 9, 1)).saysAmongOthers("to 3: vote granted, term 7");
    }

    @Test
    @DisplayName("a pre-candidate that hears of a newer term adopts it and asks again later")
    void aPreCandidateAdoptsANewerTerm() {
        final Server s1 = server(1).withPreVote().inTerm(3).waits(TIMEOUT_MS).forgets();
        s1.hears(preDenial(2, 8)).says("follow nobody", "persist term 8");
        s1.waits(TIMEOUT_MS).saysAmongOthers("to 2: request pre-vote, term 9, last 0/0").hasTerm(8);
    }

    @Test
    @DisplayName("yes to a question of an earlier term does not count, nor once it follows again")
    void lateAnswersDoNotCount() {
        final Server s1 = server(1).withPreVote().inTerm(3).waits(TIMEOUT_MS).hears(preDenial(2, 8)).waits(TIMEOUT_MS);
        s1.hears(preGrant(2, 4), preGrant(3, 4)).hasRole(Role.PRE_CANDIDATE);
        s1.hears(append(3, 8)).hears(preGrant(2, 9)).hasRole(Role.FOLLOWER).hasTerm(8);
    }

    @Test
    @DisplayName("a candidate without an answer goes back to asking, so that its term does not run away")
    void aCandidateWithoutAnAnswerGoesBackToAsking() {
        final Server s1 = server(1).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1)).hasTerm(1);
        s1.waits(TIMEOUT_MS).hasRole(Role.PRE_CANDIDATE).waits(TIMEOUT_MS).waits(TIMEOUT_MS).hasTerm(1);
    }

    @Test
    @DisplayName("a pre-candidate follows the leader of its term again")
    void aPreCandidateFollowsTheLeaderOfItsTermAgain() {
        final Server s1 = server(1).withPreVote().hears(append(2, 1)).waits(TIMEOUT_MS).hasRole(Role.PRE_CANDIDATE);
        s1.forgets().hears(append(2, 1)).says("follow 2", "to 2: success, term 1, match 0, verified 0");
    }

    @Test
    @DisplayName("a server that is no voter says no")
    void aServerThatIsNoVoterSaysNo() {
        server(1).withPreVote().asNonVoter().hears(requestPreVote(2, 1, 0, 0)).says("to 2: pre-vote denied, term 0");
    }

    @Test
    @DisplayName("answers that take longer than a timeout add up, until it hears a leader")
    void answersThatTakeLongerThanATimeoutAddUp() {
        final Server s1 = server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1)).waits(TIMEOUT_MS);
        s1.hears(preGrant(2, 1)).hasRole(Role.PRE_CANDIDATE);
        s1.hears(preGrant(3, 1)).hasRole(Role.CANDIDATE).hasTerm(1);
        server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1)).waits(TIMEOUT_MS).hears(preGrant(3, 1))
            .hasRole(Role.CANDIDATE);

        final Server s2 = server(1).of(5).withPreVote().inTerm(1).waits(TIMEOUT_MS).hears(preGrant(2, 2));
        s2.hears(append(4, 1)).waits(TIMEOUT_MS).hears(preGrant(3, 2)).hasRole(Role.PRE_CANDIDATE);
    }

    @Test
    @DisplayName("a vote holds for its term: it elects one that already asks about the next")
    void aVoteHoldsForItsTerm() {
        final Server s1 = server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1), preGrant(3, 1));
        s1.hears(grant(2, 1)).waits(TIMEOUT_MS).hasRole(Role.PRE_CANDIDATE).hasTerm(1);
        s1.hears(grant(2, 1)).hasRole(Role.PRE_CANDIDATE);
        s1.hears(grant(4, 1)).hasRole(Role.LEADER).hasTerm(1);
    }

    @Test
    @DisplayName("a vote of an older term elects nobody, though the candidacy that it was given for was never won")
    void aVoteOfAnOlderTermElectsNobody() {
        final Server s1 = server(1).of(5).withPreVote().waits(TIMEOUT_MS).hears(preGrant(2, 1), preGrant(3, 1));
        s1.hears(grant(2, 1)).hears(append(4, 2)).hasTerm(2).waits(TIMEOUT_MS).hasRole(Role.PRE_CANDIDATE);
        s1.hears(grant(3, 1), grant(5, 1)).hasRole(Role.PRE_CANDIDATE).hasTerm(2);
    }

    @Test
    @DisplayName("an election is won once: late votes do not bring back a leader that stepped down")
    void anElectionIsWonOnce() {
        final Server s1 = server(1).of(5).withPreVote().withCheckQuorum().waits(TIMEOUT_MS)
            .hears(preGrant(2, 1), preGrant(3, 1), grant(2, 1), grant(3, 1)).hasRole(Role.LEADER);
        s1.waits(TIMEOUT_MS + 1).hasRole(Role.FOLLOWER).waits(TIMEOUT_MS).hasRole(Role.PRE_CANDIDATE);
        s1.hears(grant(4, 1), grant(5, 1), grant(2, 1)).hasRole(Role.PRE_CANDIDATE);
    }
}
