package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** §5.3, §5.4.2: a majority of matchIndex[i] >= N > commitIndex, and log[N].term == currentTerm. */
class CommitmentTest {
    @Test
    @DisplayName("an entry is committed by a majority of disks, the leader's own among them")
    void anEntryIsCommittedByAMajorityOfDisks() {
        final Server s1 = server(1).of(5).leadingTerm(1).proposes(1).hears(ack(2, 1)).persists().committed(0);
        s1.forgets().hears(ack(3, 1)).saysAmongOthers("commit 1");
    }

    @Test
    @DisplayName("thesis §10.2.1: the followers' disks suffice, the leader's own may be late")
    void theFollowersDisksSuffice() {
        server(1).leadingTerm(1).proposes(1).hears(ack(2, 1)).committed(0).hears(ack(3, 1)).committed(1);
    }

    @Test
    @DisplayName("the leader's own disk may be the deciding one")
    void theLeadersOwnDiskMayBeTheDecidingOne() {
        server(1).leadingTerm(1).proposes(1).hears(ack(2, 1)).forgets().persists().saysAmongOthers("commit 1");
    }

    @Test
    @DisplayName("held in memory is not held: a verified entry does not count")
    void heldInMemoryIsNotHeld() {
        server(1).leadingTerm(1).proposes(1).hears(ack(2, 0, 1), ack(3, 0, 1)).persists().committed(0);
    }

    @Test
    @DisplayName("T-31 a: an entry of an older term is not committed by counting (Figure 8)")
    void anEntryOfAnOlderTermIsNotCommittedByCounting() {
        final Server s1 = server(1).of(5).withLogTerms(1, 2).leadingTerm(4);
        s1.hears(ack(2, 2), ack(3, 2), ack(4, 2), ack(5, 2)).persists().committed(0).doesNotSay("commit 1");
    }

    @Test
    @DisplayName("T-31 c, T-32: an entry of the current term commits all before it, in one step")
    void anEntryOfTheCurrentTermCommitsAllBeforeIt() {
        final Server s1 = server(1).of(5).withLogTerms(1, 2).leadingTerm(4).proposes(1).persists()
            .hears(ack(2, 2), ack(3, 2));
        s1.forgets().hears(ack(2, 3)).committed(0).hears(ack(3, 3)).committed(3).saysAmongOthers("commit 3");
        s1.doesNotSay("commit 1").doesNotSay("commit 2");
    }

    @Test
    @DisplayName("T-21: a follower takes no commands")
    void aFollowerTakesNoCommands() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1)).forgets();
        assertEquals(RaftCore.NOT_LEADER, s1.core().propose());
        s1.waits(1).saysNothing().hasLogTerms();
    }

    @Test
    @DisplayName("T-21: a leader in the minority takes commands and commits none")
    void aLeaderInTheMinorityCommitsNone() {
        server(1).of(5).leadingTerm(1).proposes(100).persists().hears(ack(2, 100)).committed(0);
    }

    @Test
    @DisplayName("T-14: alone, a server commits what its disk holds, and keeps it over a restart")
    void aloneAServerCommitsWhatItsDiskHolds() {
        final Server s1 = server(1).of(1).leadingTerm(1).proposes(2).committed(0).persists().committed(2);
        s1.crashesAndRestarts().hasLogTerms(1, 1).hears().hasRole(Role.LEADER).hasTerm(2).proposes(1).persists()
            .committed(3);
    }

    @Test
    @DisplayName("T-34: a leader that loses its copy right after the commit gets it back from the others")
    void aLeaderThatLosesItsCopyGetsItBack() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1)).committed(1);
        s1.crashesAndRestarts().hasLogTerms().hears(requestVote(2, 2, 1, 1))
            .saysAmongOthers("to 2: vote granted, term 2");
        s1.hears(append(2, 2).entries(1).commit(1)).hasLogTerms(1).committed(1);
    }

    @Test
    @DisplayName("the no-op of a new term commits what its predecessors left (thesis §6.4)")
    void theNoOpOfANewTermCommitsWhatItsPredecessorsLeft() {
        final Server s1 = server(1).withNoOp().withLogTerms(1, 2).leadingTerm(4).hasLogTerms(1, 2, 4);
        s1.hears(ack(2, 3), ack(3, 3)).committed(3);
    }

    @Test
    @DisplayName("the commit is told with whatever is sent next, a heartbeat at the latest")
    void theCommitIsToldWithWhateverIsSentNext() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).persists().hears(ack(2, 1), ack(3, 1)).forgets();
        s1.waits(HEARTBEAT_MS).says("to 2: append, term 1, prev 1/1, commit 1 []",
            "to 3: append, term 1, prev 1/1, commit 1 []");
    }
}
