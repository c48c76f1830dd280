package io.balsa.raft.core;

import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.requestPreVote;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A group in which a majority lost what it may have acknowledged goes on with the best log that is left. */
class UnsafeRecoveryTest {
    private static final long TERM = 4;

    /** Server 1 of three; its log ends with entry 2 of term 1. */
    private static Server asked(boolean withoutItsVotes) {
        return server(1).withLogTerms(1, 1).inTerm(TERM).beingRebuilt(withoutItsVotes).recoveringUnsafely();
    }

    private static void says(Server to, int from, long lastIndex, long lastTerm) {
        to.core().onMember(from, lastIndex, lastTerm, false, true);
    }

    private static void saysAsVoter(Server to, int from, long lastIndex, long lastTerm) {
        to.core().onMember(from, lastIndex, lastTerm, true, false);
    }

    @Test
    @DisplayName("it votes once all others have said where their logs end, and only for one that covers the best")
    void itVotesForWhatCoversTheBestOfAll() {
        final Server s1 = asked(false);
        says(s1, 2, 3, 1);
        s1.hears(requestVote(2, TERM + 1, 3, 1)).saysAmongOthers("to 2: vote denied, term 5").forgets();
        says(s1, 3, 4, 1);
        s1.hears(requestVote(2, TERM + 2, 3, 1)).saysAmongOthers("to 2: vote denied, term 6").forgets();
        s1.hears(requestPreVote(2, TERM + 3, 3, 1)).says("to 2: pre-vote denied, term 6");
        s1.hears(requestVote(3, TERM + 2, 4, 1)).saysAmongOthers("to 3: vote granted, term 6").hasVotedFor(3);
    }

    @Test
    @DisplayName("of two logs the one of the later term is better, however short")
    void theLaterTermIsBetter() {
        final Server s1 = asked(false);
        says(s1, 2, 9, 1);
        says(s1, 3, 2, 2);
        s1.hears(requestVote(2, TERM + 1, 9, 1)).saysAmongOthers("to 2: vote denied, term 5").forgets();
        s1.hears(requestVote(3, TERM + 1, 2, 2)).saysAmongOthers("to 3: vote granted, term 5");
    }

    @Test
    @DisplayName("with the best log it campaigns, with a shorter one it does not")
    void onlyTheBestCampaigns() {
        final Server shorter = asked(false);
        says(shorter, 2, 3, 1);
        says(shorter, 3, 1, 1);
        shorter.waits(10 * TIMEOUT_MS).doesNotSay("request");
        final Server best = asked(false);
        says(best, 2, 2, 1);
        says(best, 3, 1, 1);
        best.waits(10 * TIMEOUT_MS).saysAmongOthers("to 2: request vote, term 5, last 2/1");
    }

    @Test
    @DisplayName("it waits for a member that neither votes nor was asked, whatever the others say")
    void itWaitsForAMemberThatWasNotAsked() {
        final Server s1 = asked(false);
        says(s1, 2, 2, 1);
        s1.core().onMember(3, 2, 1, false, false);
        assertTrue(s1.core().awaitsWordOf(3));
        assertFalse(s1.core().awaitsWordOf(2));
        s1.waits(10 * TIMEOUT_MS).saysNothing();
        says(s1, 3, 2, 1);
        s1.waits(2 * TIMEOUT_MS).saysAmongOthers("to 2: request vote, term 5, last 2/1");
    }

    @Test
    @DisplayName("a log of a voter is among those to be covered; where voters are a majority, their leader decides")
    void votersAreHeardAsWell() {
        final Server besideOne = asked(false);
        saysAsVoter(besideOne, 2, 7, 3);
        says(besideOne, 3, 2, 1);
        besideOne.hears(requestVote(3, TERM + 1, 2, 1)).saysAmongOthers("to 3: vote denied, term 5").forgets();
        besideOne.hears(requestVote(2, TERM + 1, 7, 3)).saysAmongOthers("to 2: vote granted, term 5");
        final Server besideTwo = asked(false);
        saysAsVoter(besideTwo, 2, 2, 1);
        saysAsVoter(besideTwo, 3, 2, 1);
        besideTwo.hears(requestVote(2, TERM + 1, 2, 1)).saysAmongOthers("to 2: vote denied, term 5");
    }

    @Test
    @DisplayName("who was not asked by an operator never does")
    void whoWasNotAskedWaits() {
        final Server s1 = server(1).withLogTerms(1, 1).inTerm(TERM).beingRebuilt(false);
        says(s1, 2, 2, 1);
        says(s1, 3, 2, 1);
        s1.waits(10 * TIMEOUT_MS).saysNothing();
        s1.hears(requestVote(2, TERM + 1, 2, 1)).saysAmongOthers("to 2: vote denied, term 5");
    }

    @Test
    @DisplayName("its disk says that it votes only when its own log covers the best, behind a leader")
    void itIsAVoterForGoodWhenItsLogCoversTheBest() {
        final Server s1 = asked(false);
        says(s1, 2, 4, 1);
        says(s1, 3, 1, 1);
        s1.hears(append(2, TERM + 1).after(2, 1).entries(1)).doesNotSay("be a voter").forgets();
        s1.hears(append(2, TERM + 1).after(3, 1).entries(1, 5)).saysAmongOthers("be a voter, term 5, vote free");
        s1.forgets().waits(1).doesNotSay("be a voter");
    }

    @Test
    @DisplayName("one that is elected is a voter for good at once")
    void aLeaderIsAVoterForGood() {
        final Server s1 = asked(false);
        says(s1, 2, 2, 1);
        says(s1, 3, 1, 1);
        s1.waits(2 * TIMEOUT_MS).hears(Message.grant(2, TERM + 1)).waits(1)
            .saysAmongOthers("be a voter, term 5, vote spent");
    }

    @Test
    @DisplayName("one that forgot its votes enters the latest term of all, and takes its vote there as spent")
    void withoutItsVotesItEntersTheLatestTerm() {
        final Server s1 = asked(true);
        s1.core().onTermOf(2, TERM + 3);
        says(s1, 2, 1, 1);
        s1.core().onTermOf(3, TERM + 1);
        says(s1, 3, 1, 1);
        s1.hasTerm(TERM + 3).hasVotedFor(1).forgets();
        s1.hears(requestVote(2, TERM + 3, 9, 3)).saysAmongOthers("to 2: vote denied, term 7").forgets();
        s1.hears(requestVote(2, TERM + 4, 9, 3)).saysAmongOthers("to 2: vote granted, term 8");
    }

    @Test
    @DisplayName("a group of one has nobody to wait for")
    void aGroupOfOne() {
        final Server s1 = server(1).of(1).withLogTerms(1, 1).inTerm(TERM).beingRebuilt(false).recoveringUnsafely();
        s1.waits(TIMEOUT_MS).waits(1).saysAmongOthers("be a voter, term 5, vote spent");
        final Server notAsked = server(1).of(1).withLogTerms(1, 1).inTerm(TERM).beingRebuilt(false);
        notAsked.waits(10 * TIMEOUT_MS).saysNothing();
    }
}
