package io.balsa.raft.core;

import static io.balsa.raft.core.LeaderReplicationTest.terms;
import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.install;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Message.snapshotAnswer;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** §7 and Figure 13: a log that has lost its front, and a snapshot in place of entries. */
class InstallSnapshotTest {
    @Nested
    @DisplayName("InstallSnapshot RPC, receiver implementation")
    class Receiver {
        @Test
        @DisplayName("T-52, T-17: 1. reply immediately if term < currentTerm; log, commit and timer stay")
        void anOldTermIsRefused() {
            final Server s1 = server(1).withLogTerms(1, 1).inTerm(4).waits(TIMEOUT_MS - 1);
            s1.hears(install(2, 3, 9, 3)).says("refuse the snapshot, term 4").hasLogTerms(1, 1).committed(0);
            s1.waits(1).hasRole(Role.CANDIDATE);
        }

        @Test
        @DisplayName("T-52: of the current term, a candidate follows its sender and waits a whole timeout")
        void aCandidateFollows() {
            final Server s1 = server(1).withLogTerms(1).waits(TIMEOUT_MS).hasRole(Role.CANDIDATE).forgets();
            s1.waits(TIMEOUT_MS - 1).hears(install(2, 2, 5, 1)).hasRole(Role.FOLLOWER).hasTerm(2).hasVotedFor(1);
            s1.waits(TIMEOUT_MS - 1).hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE);
        }

        @Test
        @DisplayName("T-52: a newer term is adopted, and on disk before anything else")
        void aNewerTermIsAdopted() {
            server(1).withLogTerms(1).leadingTerm(2).hears(install(2, 7, 5, 3)).hasRole(Role.FOLLOWER).hasTerm(7)
                .says("follow nobody", "persist term 7", "follow 2", "reset log to 5/3", "commit 5", "restore 5",
                    "to 2: success, term 7, match 5, verified 5");
        }

        @Test
        @DisplayName("T-48: one that ends before what is committed here changes nothing, and its sender is told so")
        void oneThatEndsBeforeTheCommitIsIgnored() {
            final Server s1 = server(1).withLogTerms(1, 1, 1).hears(append(2, 1).after(3, 1).commit(3)).forgets();
            s1.hears(install(2, 1, 2, 1)).says("keep what it has", "to 2: success, term 1, match 3, verified 3");
            s1.hears(install(2, 1, 3, 1)).says("keep what it has", "to 2: success, term 1, match 3, verified 3");
            s1.hasLogTerms(1, 1, 1).committed(3);
        }

        @Test
        @DisplayName("T-49: 6. where the log has its last entry, with the same term, what follows is retained")
        void whatFollowsIsRetained() {
            final Server s1 = server(1).withLogTerms(terms(1, 50));
            s1.hears(install(2, 1, 40, 1)).says("follow 2", "commit 40", "restore 40",
                "to 2: success, term 1, match 40, verified 40");
            s1.hasLogTerms(terms(1, 50)).committed(40);
            s1.hears(append(2, 1).after(50, 1).commit(50)).committed(50)
                .saysAmongOthers("to 2: success, term 1, match 50, verified 50");
        }

        @Test
        @DisplayName("T-50: 7. where it has another entry there, all of it is discarded")
        void aLogThatPartsIsDiscarded() {
            final Server s1 = server(1).withLogTerms(terms(1, 39, 2, 11)).inTerm(3);
            s1.hears(install(2, 3, 40, 3)).says("follow 2", "reset log to 40/3", "commit 40", "restore 40",
                "to 2: success, term 3, match 40, verified 40");
            assertEquals(40, s1.core().lastIndex());
            s1.hears(append(2, 3).after(40, 3).entries(3, 3)).says("write 41/3", "write 42/3");
            s1.persists().says("to 2: success, term 3, match 42, verified 42");
            s1.crashesAndRestarts().committed(40).hears(append(2, 3).after(42, 3))
                .saysAmongOthers("to 2: success, term 3, match 42, verified 42");
        }

        @Test
        @DisplayName("7. where the log ends before it, all of it is discarded, also what is on its way to disk")
        void aLogThatEndsBeforeItIsDiscarded() {
            final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1, 1)).forgets();
            s1.hears(install(2, 1, 7, 1)).says("reset log to 7/1", "commit 7", "restore 7",
                "to 2: success, term 1, match 7, verified 7");
            s1.core().onPersisted(3, 1);
            assertEquals(7, s1.core().persistedIndex());
            s1.hears(append(2, 1).after(7, 1).entries(1)).says("write 8/1");
            s1.persists().says("to 2: success, term 1, match 8, verified 8");
        }

        @Test
        @DisplayName("what is retained counts as durable no further than this disk has come")
        void whatIsRetainedIsAsDurableAsItWas() {
            final Server s1 = server(1).inTerm(1).hears(append(2, 1).entries(1, 1, 1, 1)).forgets();
            s1.hears(install(2, 1, 3, 1)).says("commit 3", "restore 3", "to 2: success, term 1, match 0, verified 4");
            s1.persistsUpTo(2).says("to 2: success, term 1, match 2, verified 4");
        }

        @Test
        @DisplayName("one that is whole when its sender leads no more is installed; the old leader is not told")
        void oneThatOutlivesItsSender() {
            final Server s1 = server(1).withLogTerms(1).hears(append(2, 1)).hears(requestVote(3, 2, 9, 1)).forgets();
            s1.core().onSnapshotInstalled(5, 1);
            s1.waits(1).says("reset log to 5/1", "commit 5");
            s1.hears(append(3, 2).after(5, 1)).says("follow 3", "to 3: success, term 2, match 5, verified 5");
        }

        @Test
        @DisplayName("a leader keeps its log: it holds whatever was committed, and stops where it does not")
        void aLeaderKeepsItsLog() {
            final Server s1 = server(1).withLogTerms(1, 1, 1).leadingTerm(2).forgets();
            s1.core().onSnapshotInstalled(2, 1);
            s1.waits(0).saysAmongOthers("commit 2").doesNotSay("reset");
            assertThrows(SafetyViolation.class, () -> s1.core().onSnapshotInstalled(3, 2));
            assertThrows(SafetyViolation.class, () -> server(1).leadingTerm(2).core().onSnapshotInstalled(5, 1));
        }
    }

    @Nested
    @DisplayName("a follower whose log has a base")
    class FollowerWithABase {
        /** Terms 1 1 2 2 2 up to the base, then 2 3. */
        private Server follower() {
            return server(1).withLogTerms(1, 1, 2, 2, 2, 2, 3).compactedTo(5);
        }

        @Test
        @DisplayName("entries that follow the base are taken, those of another base are not")
        void atTheBase() {
            follower().hears(append(2, 3).after(5, 2).entries(2, 3, 3))
                .says("follow 2", "write 8/3", "to 2: success, term 3, match 7, verified 8");
            follower().hears(append(2, 3).after(5, 1).entries(2)).doesNotSay("write")
                .saysAmongOthers("to 2: refusal, term 3, prev 5, last 7, runs [2@5]");
        }

        @Test
        @DisplayName("of entries from before the base, those after it are looked at and taken as ever")
        void belowTheBase() {
            follower().hears(append(2, 3).after(2, 1).entries(2, 2, 2, 2, 3))
                .says("follow 2", "to 2: success, term 3, match 7, verified 7");
            follower().hears(append(2, 4).after(3, 2).entries(2, 2, 2, 4, 4)).saysAmongOthers("truncate from 7")
                .saysAmongOthers("write 7/4").saysAmongOthers("write 8/4")
                .saysAmongOthers("to 2: success, term 4, match 6, verified 8");
        }

        @Test
        @DisplayName("entries that all lie before the base are answered with how far they go")
        void whollyBelowTheBase() {
            follower().hears(append(2, 3).after(1, 1).entries(1, 2))
                .says("follow 2", "to 2: success, term 3, match 3, verified 3");
            follower().hears(append(2, 3).after(3, 2).entries(2, 2))
                .says("follow 2", "to 2: success, term 3, match 5, verified 5");
        }

        @Test
        @DisplayName("a heartbeat that names the beginning of all logs, the match being gone, is not refused")
        void aHeartbeatFromTheBeginning() {
            follower().hears(append(2, 3).commit(9)).says("follow 2", "to 2: success, term 3, match 0, verified 0");
        }

        @Test
        @DisplayName("another term where its snapshot ends means that something committed was lost: it stops")
        void anotherTermAtTheBase() {
            final Server s1 = follower();
            assertThrows(SafetyViolation.class, () -> append(2, 4).after(2, 1).entries(2, 2, 4).reach(s1));
        }

        @Test
        @DisplayName("a conflict behind the base cuts there; the base itself is committed and stays")
        void aConflictBehindTheBase() {
            final Server s1 = follower().hears(append(2, 4).after(5, 2).entries(4)).saysAmongOthers("truncate from 6");
            s1.persists().crashesAndRestarts().committed(5).hears(append(2, 4).after(6, 4))
                .saysAmongOthers("to 2: success, term 4, match 6, verified 6");
        }

        @Test
        @DisplayName("a log that is nothing but its base votes and campaigns by the base")
        void nothingButABase() {
            server(1).withLogTerms(1, 1, 2).compactedTo(3).inTerm(4).hears(requestVote(2, 5, 3, 2))
                .saysAmongOthers("to 2: vote granted, term 5");
            server(1).withLogTerms(1, 1, 2).compactedTo(3).inTerm(4).hears(requestVote(2, 5, 2, 2))
                .saysAmongOthers("to 2: vote denied, term 5");
            server(1).withLogTerms(1, 1, 2).compactedTo(3).inTerm(4).hears(requestVote(2, 5, 9, 1))
                .saysAmongOthers("to 2: vote denied, term 5");
            server(1).withLogTerms(1, 1, 2).compactedTo(3).waits(TIMEOUT_MS)
                .saysAmongOthers("to 2: request vote, term 3, last 3/2").committed(3);
            server(1).withLogTerms(1, 1, 2).compactedTo(3).hears(append(2, 2).after(7, 2))
                .saysAmongOthers("to 2: refusal, term 2, prev 7, last 3, runs [2@3]");
        }
    }

    @Nested
    @DisplayName("a leader whose log has a base")
    class LeaderWithABase {
        /** Leads term 3; terms 1 1 1 2 up to the base, then 2 2. */
        private Server leader() {
            return server(1).withLogTerms(1, 1, 1, 2, 2, 2).compactedTo(4).leadingTerm(3);
        }

        @Test
        @DisplayName("it is elected as ever, and begins behind its log")
        void isElectedAsEver() {
            leader().knowsOf(2, 0, 7).committed(4).hears(ack(2, 6)).proposes(1)
                .saysAmongOthers("to 2: append, term 3, prev 6/2, commit 4 [7/3]");
            server(1).withLogTerms(1, 2).compactedTo(2).leadingTerm(3).proposes(1).hears(ack(2, 2), ack(3, 2))
                .says("to 2: append, term 3, prev 2/2, commit 2 [3/3]",
                    "to 3: append, term 3, prev 2/2, commit 2 [3/3]");
        }

        @Test
        @DisplayName("L21: a refusal whose runs reach into what is gone brings a snapshot, and no entry before it")
        void aRefusalThatReachesIntoWhatIsGone() {
            for (final Message.Runs theirs : new Message.Runs[] {runs(), runs(1, 1), runs(1, 3), runs(1, 1, 1, 2)}) {
                final Server s1 = leader().forgets();
                s1.hears(refusal(2, 6, 3, theirs)).says("to 2: snapshot, term 3, up to 4/2");
                s1.hears(ack(3, 6)).saysAmongOthers("to 2: snapshot, term 3, up to 4/2").doesNotSay("to 2: append");
            }
            leader().hears(refusal(2, 6, 5, runs(2, 4)))
                .saysAmongOthers("to 2: append, term 3, prev 5/2, commit 4 [6/2]");
            leader().hears(refusal(2, 6, 4, runs(2, 4)))
                .saysAmongOthers("to 2: append, term 3, prev 4/2, commit 4 [5/2 6/2]");
        }

        @Test
        @DisplayName("once a follower has the snapshot it gets the entries right behind it")
        void behindTheSnapshotTheEntriesFollow() {
            final Server s1 = leader().hears(refusal(2, 6, 0, runs())).forgets();
            s1.hears(ack(2, 4)).says("to 2: append, term 3, prev 4/2, commit 4 [5/2 6/2]").knowsOf(2, 4, 7);
            s1.waits(1).doesNotSay("snapshot");
        }

        @Test
        @DisplayName("heartbeats to a follower whose match is gone name the beginning of all logs")
        void heartbeatsFromTheBeginning() {
            final Server s1 = leader().hears(refusal(2, 6, 0, runs()), ack(3, 5)).forgets().waits(HEARTBEAT_MS);
            s1.saysAmongOthers("to 2: append, term 3, prev 0/0, commit 4 []");
            s1.saysAmongOthers("to 3: append, term 3, prev 5/2, commit 4 []");
            s1.hears(ack(2, 0)).knowsOf(2, 0, 1); // which teaches nothing
            final Server holdsSome = leader().hears(ack(2, 2), refusal(2, 6, 2, runs(1, 1))).forgets();
            holdsSome.waits(HEARTBEAT_MS).knowsOf(2, 2, 3)
                .saysAmongOthers("to 2: append, term 3, prev 0/0, commit 4 []");
        }

        @Test
        @DisplayName("T-51: snapshotting again before the answer teaches nothing: match is what was installed")
        void snapshottingAgainBeforeTheAnswer() {
            final Server s1 = leader().proposes(1).persists().hears(refusal(2, 6, 0, runs()), ack(3, 7)).committed(7);
            s1.snapshots(6).compacts(6).forgets();
            s1.hears(ack(2, 4)).knowsOf(2, 4, 5).says("to 2: snapshot, term 3, up to 6/2");
            s1.hears(ack(2, 6)).knowsOf(2, 6, 8).says("to 2: append, term 3, prev 6/2, commit 7 [7/3]");
        }

        @Test
        @DisplayName("a front that goes across a border of terms, or whole, leaves the rest as it was")
        void compactionAcrossTerms() {
            final Server s1 = server(1).withLogTerms(1, 1, 2, 2).leadingTerm(3).proposes(2).persists()
                .hears(ack(2, 6), ack(3, 6)).committed(6);
            for (int front = 1; front <= 6; front++) {
                s1.snapshots(front).compacts(front).forgets().hears(ack(2, 6));
                assertEquals(front <= 2 ? 1 : front <= 4 ? 2 : 3, s1.core().termAt(front));
                assertEquals(6, s1.core().lastIndex());
            }
            s1.proposes(1).saysAmongOthers("to 2: append, term 3, prev 6/3, commit 6 [7/3]");
        }

        @Test
        @DisplayName("T-53: compacting what is gone already does nothing; what is not committed must never go")
        void compactionIsGuarded() {
            final Server s1 = leader();
            s1.core().onCompacted(2);
            s1.core().onCompacted(4);
            assertEquals(2, s1.core().termAt(4));
            s1.core().onCompacted(0);
            assertThrows(SafetyViolation.class, () -> s1.core().onCompacted(5));
        }

        @Test
        @DisplayName("T-15: a newer term in the answer to a snapshot deposes, and is on disk")
        void aNewerTermInAnAnswerDeposes() {
            leader().forgets().hears(snapshotAnswer(2, 8)).hasRole(Role.FOLLOWER).hasTerm(8)
                .saysAmongOthers("persist term 8");
            leader().hears(snapshotAnswer(2, 3), snapshotAnswer(9, 3), snapshotAnswer(2, 2)).hasRole(Role.LEADER)
                .knowsOf(2, 0, 7);
        }
    }

    @Nested
    @DisplayName("a server that starts")
    class Start {
        @Test
        @DisplayName("what its snapshot holds is committed; the entries behind it are not")
        void whatItsSnapshotHoldsIsCommitted() {
            server(1).withLogTerms(1, 1, 2, 2).compactedTo(3).hasRole(Role.FOLLOWER).committed(3).saysNothing();
            server(1).withLogTerms(1, 1, 2, 2).withSnapshot(3, 2).committed(3).hasLogTerms(1, 1, 2, 2).saysNothing();
        }

        @Test
        @DisplayName("T-37: a log that was to be given up for its snapshot is given up now")
        void aLogThatWasToBeGivenUp() {
            final Server behind = server(1).withLogTerms(1, 1).inTerm(3).withSnapshot(5, 3);
            behind.committed(5).says("reset log to 5/3");
            behind.hears(append(2, 3).after(5, 3).entries(3))
                .says("follow 2", "write 6/3", "to 2: success, term 3, match 5, verified 6");
            final Server parted = server(1).withLogTerms(1, 1, 2, 2).inTerm(3).withSnapshot(3, 3);
            parted.committed(3).says("reset log to 3/3");
            assertEquals(3, parted.core().lastIndex());
        }
    }
}
