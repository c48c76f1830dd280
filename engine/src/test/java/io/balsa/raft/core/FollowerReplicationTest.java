package io.balsa.raft.core;

import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Figure 2, AppendEntries RPC, receiver implementation; and what a follower may acknowledge (thesis §3.8). */
class FollowerReplicationTest {
    @Test
    @DisplayName("an entry is acknowledged when it is on disk, not before")
    void anEntryIsAcknowledgedWhenItIsOnDisk() {
        final Server s1 = server(1).inTerm(1);
        s1.hears(append(2, 1).entries(1, 1)).says("follow 2", "write 1/1", "write 2/1");
        s1.persistsUpTo(1).says("to 2: success, term 1, match 1, verified 2");
        s1.persists().says("to 2: success, term 1, match 2, verified 2");
    }

    @Test
    @DisplayName("one answer stands for all messages of a cycle, and echoes the newest round")
    void oneAnswerStandsForAllMessagesOfACycle() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1)).forgets();
        s1.hears(append(2, 1).entries(1).inRound(7), append(2, 1).after(1, 1).entries(1).inRound(9),
            append(2, 1).inRound(8));
        assertEquals(1, s1.outbox.size());
        assertEquals(new Message.Success(1, 1, 9, 0, 2, true), s1.outbox.get(0).message());
    }

    @Test
    @DisplayName("what is on disk from an earlier leader counts only once this leader's messages reach it")
    void whatIsOnDiskCountsOnlyOnceVerified() {
        final Server s1 = server(1).withLogTerms(1, 1, 1);
        s1.hears(append(2, 2).after(1, 1)).saysAmongOthers("to 2: success, term 2, match 1, verified 1");
        s1.hears(append(2, 2).after(2, 1)).saysAmongOthers("to 2: success, term 2, match 2, verified 2");
    }

    @Test
    @DisplayName("what was verified against one leader says nothing about the next")
    void whatWasVerifiedAgainstOneLeaderSaysNothingAboutTheNext() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1, 1)).persists().forgets();
        s1.hears(append(3, 2).after(1, 1)).saysAmongOthers("to 3: success, term 2, match 1, verified 1")
            .doesNotSay("match 3");
        s1.forgets().persists().saysNothing();
    }

    @Test
    @DisplayName("a late completion of an overwritten entry says nothing about its successor")
    void aLateCompletionOfAnOverwrittenEntrySaysNothingAboutItsSuccessor() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1)).hears(append(3, 2).entries(2, 2))
            .forgets();
        s1.core().onPersisted(2, 1);
        s1.waits(1).saysNothing();
        s1.persists().says("to 3: success, term 2, match 2, verified 2");
    }

    @Test
    @DisplayName("T-17: an append of an old term is refused with the current one; log, commit and timer stay")
    void anAppendOfAnOldTermIsRefused() {
        final Server s1 = server(1).withLogTerms(1, 1).inTerm(4).waits(TIMEOUT_MS - 1);
        s1.hears(append(2, 3).after(1, 1).entries(3, 3).commit(3))
            .says("to 2: refusal, term 4, prev 1, last 2, runs []");
        s1.hasLogTerms(1, 1).committed(0).waits(1).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("T-18: a heartbeat beyond the end of the log is refused, whatever it says of the commit")
    void aHeartbeatBeyondTheEndIsRefused() {
        server(1).withLogTerms(1, 1).hears(append(2, 1).after(3, 1).commit(3))
            .says("follow 2", "to 2: refusal, term 1, prev 3, last 2, runs [1@1]").committed(0).hasLogTerms(1, 1);
    }

    @Test
    @DisplayName("T-18: entries after an entry of another term are refused and change nothing")
    void entriesAfterAnEntryOfAnotherTermAreRefused() {
        server(1).withLogTerms(1, 1, 2).hears(append(2, 4).after(3, 3).entries(4).commit(4))
            .saysAmongOthers("to 2: refusal, term 4, prev 3, last 3, runs [1@1 2@3]")
            .doesNotSay("write").doesNotSay("truncate").committed(0).hasLogTerms(1, 1, 2);
    }

    @Test
    @DisplayName("a refusal comes from who heard the leader: it restarts the timer")
    void aRefusalRestartsTheTimer() {
        server(1).withLogTerms(1).waits(TIMEOUT_MS - 1).hears(append(2, 1).after(3, 1)).waits(TIMEOUT_MS - 1)
            .hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("T-19: an older, shorter append does not shorten the log, nor does an old heartbeat")
    void anOlderShorterAppendDoesNotShortenTheLog() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1, 1, 1)).persists().forgets();
        s1.hears(append(2, 1).entries(1, 1)).says("to 2: success, term 1, match 4, verified 4");
        s1.hears(append(2, 1).after(1, 1)).says("to 2: success, term 1, match 4, verified 4").hasLogTerms(1, 1, 1, 1);
    }

    @Test
    @DisplayName("T-19: the log is cut from the first conflict on, not before")
    void theLogIsCutFromTheFirstConflictOn() {
        server(1).withLogTerms(1, 1, 2, 2).hears(append(3, 4).after(1, 1).entries(1, 3, 3)).says(
            "follow nobody", "persist term 4", "follow 3", "truncate from 3", "write 3/3", "write 4/3",
            "to 3: success, term 4, match 2, verified 4");
    }

    @Test
    @DisplayName("T-19: entries that follow exactly are appended, nothing is cut")
    void entriesThatFollowExactlyAreAppended() {
        server(1).withLogTerms(1, 1).hears(append(3, 1).after(2, 1).entries(1))
            .says("follow 3", "write 3/1", "to 3: success, term 1, match 2, verified 3");
    }

    @Test
    @DisplayName("T-20: an entry of another term is another entry, whatever its command")
    void anEntryOfAnotherTermIsAnotherEntry() {
        server(1).withLogTerms(1, 2).hears(append(3, 3).after(1, 1).entries(3)).hasLogTerms(1, 3)
            .saysAmongOthers("truncate from 2");
    }

    @Test
    @DisplayName("T-22: the commit index stops at the last entry known to be the leader's")
    void theCommitIndexStopsAtTheLastEntryKnownToBeTheLeaders() {
        final Server s1 = server(1).withLogTerms(1, 1, 2).hears(append(3, 3).after(2, 1).commit(3));
        s1.committed(2).saysAmongOthers("commit 2").doesNotSay("commit 3");
        server(1).withLogTerms(1, 1).hears(append(3, 3).after(2, 1).commit(9)).committed(2);
    }

    @Test
    @DisplayName("T-23: the commit index never moves back")
    void theCommitIndexNeverMovesBack() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1, 1).commit(3)).committed(3).forgets();
        s1.hears(append(2, 1).after(3, 1).commit(1)).committed(3).doesNotSay("commit");
    }

    @Test
    @DisplayName("the commit is learnt from heartbeats too")
    void theCommitIsLearntFromHeartbeatsToo() {
        server(1).inTerm(1).hears(append(2, 1).entries(1, 1)).committed(0).hears(append(2, 1).after(2, 1).commit(2))
            .committed(2);
    }

    @Test
    @DisplayName("T-33, T-35: what was acknowledged survives a crash; a suffix that was cut does not come back")
    void whatWasAcknowledgedSurvivesACrash() {
        final Server s1 = server(1).withLogTerms(1, 1, 1).hears(append(3, 2).after(1, 1).entries(2)).persists()
            .saysAmongOthers("to 3: success, term 2, match 2, verified 2");
        s1.crashesAndRestarts().hasLogTerms(1, 2);
    }

    @Test
    @DisplayName("a crash before the disk has it loses nothing that was acknowledged")
    void aCrashBeforeTheDiskHasItLosesNothingAcknowledged() {
        final Server s1 = server(1).withLogTerms(1).hears(append(3, 1).after(1, 1).entries(1, 1));
        s1.saysAmongOthers("to 3: success, term 1, match 1, verified 3").crashesAndRestarts().hasLogTerms(1);
    }

    @Test
    @DisplayName("a committed entry is never overwritten: the server stops instead")
    void aCommittedEntryIsNeverOverwritten() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1).commit(2));
        final SafetyViolation e = assertThrows(SafetyViolation.class,
            () -> append(3, 2).after(1, 1).entries(2).reach(s1));
        assertTrue(e.getMessage().startsWith("term 2 conflicts at index 2, committed up to 2"), e.getMessage());
    }

    @Test
    @DisplayName("two leaders in one term: the server stops instead of following both")
    void twoLeadersInOneTerm() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1));
        assertThrows(SafetyViolation.class, () -> append(3, 1).reach(s1));
        final Server s2 = server(2).leadingTerm(1);
        assertThrows(SafetyViolation.class, () -> append(3, 1).reach(s2));
    }

    @Test
    @DisplayName("a voter of the new term does not answer the leader of the old one")
    void aVoterOfTheNewTermDoesNotAnswerTheOldLeader() {
        final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1)).hears(requestVote(3, 2, 9, 1)).forgets();
        s1.persists().saysNothing(); // it owes nobody an answer: the leader of term 2 is not known yet
    }
}
