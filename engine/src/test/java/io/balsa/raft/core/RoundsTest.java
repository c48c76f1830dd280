package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** CheckQuorum (thesis §6.2) and ReadIndex (thesis §6.4): whether this leader is still heard, and since when. */
class RoundsTest {
    @Test
    @DisplayName("CheckQuorum: a leader that no majority has answered for a timeout steps down in its term")
    void aLeaderThatNobodyAnswersStepsDown() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2).waits(TIMEOUT_MS).hasRole(Role.LEADER).forgets();
        s1.waits(1).says("follow nobody").hasTerm(2);
        assertEquals(RaftCore.NOT_LEADER, s1.core().propose());
    }

    @Test
    @DisplayName("CheckQuorum: one answer of two is enough, and a refusal is an answer")
    void oneAnswerOfTwoIsEnough() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2);
        for (int i = 0; i < 10; i++) {
            s1.waits(TIMEOUT_MS / 2).hears(i % 2 == 0 ? ack(2, 0) : refusal(2, 5, 0, runs()));
        }
        s1.hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("CheckQuorum: a follower that refuses one index after the other is heard all the same")
    void aFollowerThatRefusesEverythingIsHeardAllTheSame() {
        final Server s1 = server(1).withCheckQuorum().withLogTerms(1, 1).leadingTerm(2);
        for (int i = 0; i < 10; i++) {
            s1.waits(TIMEOUT_MS / 2).hears(refusal(2, 2, 0, runs()));
        }
        s1.hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("CheckQuorum counts from when the echoed message was sent, not from when its answer came")
    void checkQuorumCountsFromWhenTheEchoedMessageWasSent() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2).waits(100);
        final long early = s1.newestRound();
        s1.waits(TIMEOUT_MS - 100).hears(ack(2, 0).inRound(early), ack(3, 0).inRound(early));
        s1.waits(100).hasRole(Role.LEADER).waits(1).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("CheckQuorum: an echo of a round that was never begun proves nothing")
    void anEchoOfARoundThatWasNeverBegunProvesNothing() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2);
        s1.hears(ack(2, 0).inRound(Long.MAX_VALUE), ack(3, 0).inRound(Long.MAX_VALUE));
        s1.waits(TIMEOUT_MS + 1).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("CheckQuorum: servers that are no voters are no quorum, all of them together")
    void serversThatAreNoVotersAreNoQuorum() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2);
        s1.hears(ack(2, 0).ofNonVoter()).waits(1).hasRole(Role.LEADER);
        s1.hears(ack(3, 0).ofNonVoter()).waits(1).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("CheckQuorum: after a long pause the leader notices by itself")
    void afterALongPauseTheLeaderNoticesByItself() {
        server(1).withCheckQuorum().leadingTerm(2).hears(ack(2, 0), ack(3, 0)).forgets().waits(60_000)
            .says("follow nobody");
    }

    @Test
    @DisplayName("without CheckQuorum a leader stays, unheard")
    void withoutCheckQuorumALeaderStays() {
        server(1).leadingTerm(2).waits(60_000).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a read is confirmed by answers to what was sent after it was asked")
    void aReadIsConfirmedByAnswersToWhatWasSentAfterIt() {
        final Server s1 = server(1).leadingTerm(2);
        final long before = s1.newestRound();
        final long ticket = s1.core().requestRead();
        assertTrue(ticket > before);
        s1.hears(ack(2, 0).inRound(before), ack(3, 0).inRound(before)).doesNotConfirm(ticket);
        assertTrue(s1.newestRound() >= ticket, "a round is begun at once, without waiting for the next heartbeat");
        s1.hears(ack(2, 0)).confirms(ticket);
    }

    @Test
    @DisplayName("one round confirms all reads that came before it, and is told once")
    void oneRoundConfirmsAllReadsThatCameBeforeIt() {
        final Server s1 = server(1).of(5).leadingTerm(2);
        final long first = s1.core().requestRead();
        final long second = s1.core().requestRead();
        s1.waits(0).forgets().hears(ack(2, 0)).doesNotConfirm(first).hears(ack(3, 0)).confirms(first).confirms(second);
        s1.forgets().hears(ack(4, 0), ack(5, 0)).doesNotSay("reads");
    }

    @Test
    @DisplayName("a follower confirms no read, nor does a leader that only servers without a vote hear")
    void nobodyElseConfirmsARead() {
        assertEquals(RaftCore.NOT_LEADER, server(1).core().requestRead());
        final Server s1 = server(1).leadingTerm(2);
        final long ticket = s1.core().requestRead();
        s1.waits(0).hears(ack(2, 0).ofNonVoter(), ack(3, 0).ofNonVoter()).doesNotConfirm(ticket);
    }

    @Test
    @DisplayName("alone, a leader is its own majority")
    void aloneALeaderIsItsOwnMajority() {
        final Server s1 = server(1).of(1).leadingTerm(1);
        final long ticket = s1.core().requestRead();
        s1.waits(0).confirms(ticket);
    }

    @Test
    @DisplayName("T-46: a read waits for the first entry of the leader's own term, or for more if more is committed")
    void aReadWaitsForTheFirstEntryOfTheLeadersOwnTerm() {
        final Server s1 = server(1).withNoOp().withLogTerms(1, 1).leadingTerm(2);
        assertEquals(3, s1.core().readIndex());
        s1.hears(ack(2, 3), ack(3, 3)).proposes(2).hears(ack(2, 5), ack(3, 5)).committed(5);
        assertEquals(5, s1.core().readIndex());
    }

    @Test
    @DisplayName("a clock that may be negative is refused: a round is a time and has to compare as one")
    void aNegativeClockIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> server(1).startingAt(-1).core());
    }
}
