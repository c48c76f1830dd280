package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A server that lost its log, or its votes as well, becomes a voter again once nothing it promised can be missing. */
class ReadmissionTest {
    private static final long TERM = 4;

    /** It follows server 1, holds three entries of its log, and has not heard how far it must come. */
    private static Server follower(boolean withoutItsVotes) {
        return server(3).beingRebuilt(withoutItsVotes)
            .hears(append(1, TERM).entries(2, 4, 4)).persists().forgets();
    }

    private static Message.Readmission readmission(long confirmedIndex) {
        return new Message.Readmission(1, TERM, confirmedIndex);
    }

    @Test
    @DisplayName("until then it votes for nobody and never campaigns")
    void untilThenItVotesForNobodyAndNeverCampaigns() {
        final Server s3 = follower(false).waits(10 * TIMEOUT_MS).saysNothing();
        s3.hears(requestVote(2, TERM + 1, 9, TERM)).saysAmongOthers("to 2: vote denied, term 5").hasVotedFor(-1);
    }

    @Test
    @DisplayName("it votes again when it durably holds what a majority without it holds")
    void itVotesAgainWhenItDurablyHoldsWhatAMajorityWithoutItHolds() {
        final Server s3 = follower(false);
        s3.hears(readmission(4)).saysNothing();
        s3.hears(append(1, TERM).after(3, 4).entries(4)).forgets().hears(readmission(4)).saysNothing();
        s3.persists().forgets().hears(readmission(4)).says("be a voter, term 4, vote free");
        s3.hears(requestVote(2, TERM + 1, 9, TERM)).saysAmongOthers("to 2: vote granted, term 5").hasVotedFor(2);
    }

    @Test
    @DisplayName("only the leader of its term can tell")
    void onlyTheLeaderOfItsTermCanTell() {
        follower(false).hears(new Message.Readmission(2, TERM, 1)).saysNothing();
        follower(false).hears(new Message.Readmission(1, TERM - 1, 1)).saysNothing();
        final Server s3 = follower(false).hears(new Message.Readmission(1, TERM + 1, 1));
        s3.doesNotSay("be a voter").hasTerm(TERM + 1);
    }

    @Test
    @DisplayName("without its votes it waits until every member has said which term it is in")
    void withoutItsVotesItWaitsForEveryMember() {
        final Server s3 = follower(true);
        s3.core().onTermOf(1, TERM);
        s3.hears(readmission(3)).saysNothing();
        assertTrue(s3.core().awaitsWordOf(2));
        assertFalse(s3.core().awaitsWordOf(1));
        s3.core().onTermOf(2, TERM);
        s3.hears(readmission(3)).says("be a voter, term 4, vote spent");
    }

    /** Whoever is in that term may have been voted for by this very server, before it forgot. */
    @Test
    @DisplayName("a leader of an older term than some member is in cannot make it a voter")
    void aLeaderOfAnOlderTermCannotMakeItAVoter() {
        final Server s3 = follower(true);
        s3.core().onTermOf(1, TERM);
        s3.core().onTermOf(2, TERM + 3);
        s3.hears(readmission(3)).saysNothing();
        s3.hears(append(2, TERM + 3).after(3, 4).entries(7)).persists().forgets();
        s3.hears(new Message.Readmission(2, TERM + 3, 4)).says("be a voter, term 7, vote spent");
    }

    @Test
    @DisplayName("the vote it may have cast in the present term stays cast")
    void theVoteItMayHaveCastStaysCast() {
        final Server s3 = follower(true);
        s3.core().onTermOf(1, TERM);
        s3.core().onTermOf(2, TERM);
        s3.hears(readmission(3)).hasVotedFor(3).forgets();
        s3.hears(requestVote(2, TERM, 9, TERM)).saysAmongOthers("to 2: vote denied, term 4");
        s3.hears(requestVote(2, TERM + 1, 9, TERM)).saysAmongOthers("to 2: vote granted, term 5");
    }

    /** Servers 4 and 5 hold nothing of what server 1 leads; server 3 says that it is no voter. */
    private static Server leaderOfFive() {
        final Server s1 = server(1).of(5).withLogTerms(1, 1).withNoOp().leadingTerm(TERM).persists();
        return s1.hears(ack(3, 0).ofNonVoter()).forgets();
    }

    @Test
    @DisplayName("a leader says so when a majority without that server holds all that it may have acknowledged")
    void aLeaderSaysSoWhenAMajorityWithoutItHoldsAll() {
        final Server s1 = leaderOfFive();
        s1.hears(ack(2, 3)).waits(HEARTBEAT_MS).doesNotSay("readmission");
        s1.hears(ack(3, 3).ofNonVoter()).waits(HEARTBEAT_MS).doesNotSay("readmission"); // itself does not count
        s1.hears(ack(4, 2)).waits(HEARTBEAT_MS).doesNotSay("readmission");
        s1.hears(ack(4, 3)).waits(HEARTBEAT_MS).saysAmongOthers("to 3: readmission, term 4, from 3 on");
        s1.doesNotSay("to 2: readmission");
    }

    @Test
    @DisplayName("what the leader wrote before it heard of the loss may have been acknowledged, and nothing later")
    void whatWasWrittenLaterDoesNotMatter() {
        final Server s1 = leaderOfFive();
        s1.proposes(5).persists().hears(ack(2, 3), ack(4, 3)).forgets().waits(HEARTBEAT_MS)
            .saysAmongOthers("to 3: readmission, term 4, from 3 on");
    }

    @Test
    @DisplayName("what it acknowledged counts no more once it is known to have come back without it")
    void whatItAcknowledgedCountsNoMoreOnceItIsLost() {
        final Server s1 = server(1).of(5).withLogTerms(1, 1).withNoOp().leadingTerm(TERM).persists().proposes(2);
        s1.persists().hears(ack(3, 5)).committed(0);
        s1.core().onLoss(3, 1, s1.nowNs());
        s1.knowsOf(3, 0, 2).hears(ack(2, 5)).committed(0); // with server 3 that had been three of five
        s1.hears(ack(4, 5)).committed(5).forgets().waits(HEARTBEAT_MS);
        s1.saysAmongOthers("to 3: readmission, term 4, from 5 on");
        s1.hears(ack(3, 5).ofNonVoter()).knowsOf(3, 5, 6);
    }

    @Test
    @DisplayName("that is so however long its log is, and nothing to a server that does not lead")
    void aLossOfALongerLog() {
        final Server s1 = server(1).withLogTerms(1, 1).leadingTerm(TERM).hears(ack(3, 2));
        s1.core().onLoss(3, 9, s1.nowNs());
        s1.knowsOf(3, 0, 3);
        final Server follower = follower(false);
        follower.core().onLoss(2, 0, follower.nowNs());
        follower.waits(0).saysNothing();
    }

    /** Its copy is of a time when it held entries that were never committed: more of them than there are others now. */
    @Test
    @DisplayName("one whose log is longer than what it once acknowledged, and another one, is sent what is right")
    void aLongerLogOfAnotherHistoryIsMended() {
        final Server s1 = server(1).withLogTerms(1, 1, 2, 2).leadingTerm(TERM).hears(ack(3, 4)).waits(HEARTBEAT_MS)
            .knowsOf(3, 4, 5).forgets();
        s1.hears(refusal(3, 4, 9, runs(1, 1, 3, 3)).ofNonVoter())
            .saysAmongOthers("to 3: append, term 4, prev 2/1, commit 0 [3/2 4/2]").knowsOf(3, 0, 3);
        s1.hears(ack(3, 4).ofNonVoter()).knowsOf(3, 4, 5);
    }

    @Test
    @DisplayName("that it refuses the term of a late message says nothing of its log; nor does a voter's refusal")
    void aRefusalThatSaysNothingOfTheLog() {
        final Server s1 = server(1).withLogTerms(1, 1, 2, 2).leadingTerm(TERM).hears(ack(3, 4).ofNonVoter());
        s1.hears(refusal(3, 4, 9, runs()).ofNonVoter()).knowsOf(3, 4, 5);
        final Server ofVoter = server(1).withLogTerms(1, 1, 2, 2).leadingTerm(TERM).hears(ack(3, 4));
        ofVoter.hears(refusal(3, 4, 9, runs(1, 1, 3, 3))).knowsOf(3, 4, 5);
        s1.hears(refusal(3, 4, 0, runs()).ofNonVoter()).knowsOf(3, 0, 1);
    }

    @Test
    @DisplayName("its acknowledgements count again from when it says that it votes")
    void itsAcknowledgementsCountAgain() {
        final Server s1 = server(1).withLogTerms(1).withNoOp().leadingTerm(TERM).persists();
        s1.hears(ack(3, 2).ofNonVoter()).committed(0);
        s1.hears(ack(3, 2)).committed(2);
    }
}
