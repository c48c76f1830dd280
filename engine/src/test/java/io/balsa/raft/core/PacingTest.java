package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.RESEND_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How fast a leader sends: streaming and probing, what is repeated when, and what ends the one or the other. */
class PacingTest {
    /** Row 0 is server 2's. */
    private static final int SECOND = 0;

    /** Leads term 2 with entries 1 and 2 of term 1, which servers 2 and 3 hold and have said so. */
    private static Server leaderOfTwo() {
        return server(1).withLogTerms(1, 1).leadingTerm(2).hears(ack(2, 2), ack(3, 2)).forgets();
    }

    @Test
    @DisplayName("one follower gets at most 32 messages in a cycle, and the rest in the next")
    void oneFollowerGetsAtMost32MessagesInACycle() {
        final Server s1 = leaderOfTwo().packing(1).proposes(40);
        assertEquals(32, s1.sentEntriesTo(2));
        s1.forgets().waits(1);
        assertEquals(8, s1.sentEntriesTo(2));
    }

    @Test
    @DisplayName("a follower that owes no answer may be silent: its stream goes on")
    void aFollowerThatOwesNoAnswerMayBeSilent() {
        final Server s1 = leaderOfTwo().waits(2 * HEARTBEAT_MS).waits(10 * HEARTBEAT_MS);
        assertTrue(s1.core().isStreaming(SECOND));
        s1.hears(ack(2, 2)).forgets().proposes(1).knowsOf(2, 2, 4)
            .saysAmongOthers("to 2: append, term 2, prev 2/1, commit 0 [3/2]");
    }

    @Test
    @DisplayName("a follower that owes an answer and is silent is probed")
    void aFollowerThatOwesAnAnswerAndIsSilentIsProbed() {
        final Server s1 = leaderOfTwo().proposes(1).waits(2 * HEARTBEAT_MS - 1);
        assertTrue(s1.core().isStreaming(SECOND));
        assertFalse(s1.waits(1).core().isStreaming(SECOND));
    }

    @Test
    @DisplayName("what the transport did not take is tried again in the next cycle, what it took is not")
    void whatTheTransportDidNotTakeIsTriedAgain() {
        final Server s1 = leaderOfTwo().proposes(1).whenSendingTo(2, Effects.NOT_NOW).forgets();
        s1.waits(RESEND_MS).doesNotSay("to 2").forgets();
        s1.transportTakes(2).waits(0).says("to 2: append, term 2, prev 3/2, commit 0 []");
        s1.waits(RESEND_MS - 1).doesNotSay("to 2");
        s1.waits(1).saysAmongOthers("to 2: append, term 2, prev 3/2, commit 0 []");
    }

    @Test
    @DisplayName("so it is with a probe")
    void aProbeThatWasNotTakenIsTriedAgain() {
        final Server s1 = server(1).withLogTerms(1, 1).whenSendingTo(2, Effects.NOT_NOW).leadingTerm(2);
        s1.transportTakes(2).waits(0).says("to 2: append, term 2, prev 2/1, commit 0 []");
        s1.waits(1).doesNotSay("to 2");
    }

    @Test
    @DisplayName("where nobody listens it is tried now and then, not in every cycle")
    void whereNobodyListensItIsTriedNowAndThen() {
        final Server s1 = leaderOfTwo().whenSendingTo(2, Effects.NOT_CONNECTED).proposes(1).waits(0).forgets();
        s1.transportTakes(2).waits(1).doesNotSay("to 2").waits(2 * HEARTBEAT_MS - 1)
            .saysAmongOthers("to 2: append, term 2, prev 2/1, commit 0 [3/2]");
    }

    @Test
    @DisplayName("the answer to a heartbeat does not tell that a probe arrived which was never sent")
    void theAnswerToAHeartbeatDoesNotTellThatAProbeArrived() {
        for (final long notSent : new long[] {Effects.NOT_NOW, Effects.NOT_CONNECTED}) {
            assertFalse(server(1).withLogTerms(1).whenSendingTo(2, notSent).leadingTerm(2).waits(HEARTBEAT_MS)
                .hears(ack(2, 0)).core().isStreaming(SECOND));
            final Server s1 = server(1).withLogTerms(1, 1).whenSendingTo(2, notSent).leadingTerm(2)
                .waits(HEARTBEAT_MS).hears(ack(2, 0));
            assertFalse(s1.core().isStreaming(SECOND));
            s1.knowsOf(2, 0, 3);
        }
    }

    @Test
    @DisplayName("a leader that is elected again probes everybody first, and does not stream as it did before")
    void aLeaderThatIsElectedAgainProbesEverybodyFirst() {
        final Server s1 = leaderOfTwo().hears(append(3, 3).after(2, 1)).hasRole(Role.FOLLOWER).leadingTerm(4);
        assertFalse(s1.core().isStreaming(SECOND));
        s1.proposes(1).doesNotSay("to 2");
    }

    @Test
    @DisplayName("a stream takes up what it learns late: a follower that holds more needs it no second time")
    void aStreamTakesUpWhatItLearnsLate() {
        final Server s1 = leaderOfTwo().packing(1).proposes(3).waits(2 * HEARTBEAT_MS).knowsOf(2, 2, 3);
        s1.packing(0).forgets().waits(2 * HEARTBEAT_MS).hears(ack(2, 2)); // streams again, and can send nothing
        assertTrue(s1.core().isStreaming(SECOND));
        s1.hears(ack(2, 2, 5)).knowsOf(2, 2, 6);
    }

    @Test
    @DisplayName("while streaming, a refusal of what was not sent yet is an old one")
    void aRefusalOfWhatWasNotSentYetIsAnOldOne() {
        final Server s1 = leaderOfTwo().proposes(1);
        s1.hears(refusal(2, 4, 2, runs(1, 1)), refusal(2, 9, 2, runs(1, 1))).knowsOf(2, 2, 4);
        assertTrue(s1.core().isStreaming(SECOND));
    }

    @Test
    @DisplayName("a refusal of the very entry that is known to match is an old one")
    void aRefusalOfWhatIsKnownToMatchIsAnOldOne() {
        final Server s1 = leaderOfTwo().proposes(2).hears(refusal(2, 2, 1, runs(1, 1))).knowsOf(2, 2, 5);
        assertTrue(s1.core().isStreaming(SECOND));
    }

    @Test
    @DisplayName("nextIndex falls with each refusal, even one whose runs claim that nothing differs")
    void nextIndexFallsWithEachRefusal() {
        final Server s1 = server(1).withLogTerms(1, 1, 1).leadingTerm(2);
        s1.hears(refusal(2, 3, 3, runs(1, 1))).knowsOf(2, 0, 3);
        s1.hears(refusal(2, 2, 3, runs(1, 1))).knowsOf(2, 0, 2);
    }

    @Test
    @DisplayName("a server that is no voter keeps what it says it holds, and falls back only below that")
    void aServerThatIsNoVoterFallsBackOnlyBelowWhatItHolds() {
        final Server s1 = leaderOfTwo().proposes(2).hears(ack(2, 4).ofNonVoter()).knowsOf(2, 4, 5);
        s1.hears(ack(2, 4).ofNonVoter()).knowsOf(2, 4, 5);
        assertTrue(s1.core().isStreaming(SECOND));
        s1.forgets().hears(refusal(2, 4, 1, runs(1, 1)).ofNonVoter()).knowsOf(2, 0, 2)
            .says("to 2: append, term 2, prev 1/1, commit 0 [2/1 3/2 4/2]");
        leaderOfTwo().proposes(2).hears(ack(2, 4).ofNonVoter()).forgets().hears(ack(2, 1).ofNonVoter())
            .knowsOf(2, 1, 2).says("to 2: append, term 2, prev 1/1, commit 0 [2/1 3/2 4/2]");
    }
}
