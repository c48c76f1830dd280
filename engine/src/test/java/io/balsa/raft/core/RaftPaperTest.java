package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.denial;
import static io.balsa.raft.core.Message.grant;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.HEARTBEAT_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Figure 2 from top to bottom, one test for each sentence. What it leaves open is in the tests of the rules. */
class RaftPaperTest {
    @Nested
    @DisplayName("State")
    class State {
        @Test
        @DisplayName("persistent state is updated on stable storage before responding to RPCs")
        void persistentStateIsUpdatedBeforeResponding() {
            server(1).hears(requestVote(2, 1, 0, 0))
                .says("follow nobody", "persist term 1, vote for 2", "to 2: vote granted, term 1");
            server(1).inTerm(1).hears(append(2, 1).entries(1)).doesNotSay("match 1")
                .persists().saysAmongOthers("to 2: success, term 1, match 1, verified 1");
        }

        @Test
        @DisplayName("currentTerm is 0 and votedFor null on first boot, commitIndex 0")
        void firstBoot() {
            server(1).hasTerm(0).hasVotedFor(-1).committed(0).hasRole(Role.FOLLOWER).saysNothing();
        }

        @Test
        @DisplayName("commitIndex is volatile: it starts at 0 after a restart")
        void commitIndexIsVolatile() {
            server(1).inTerm(1).hears(append(2, 1).entries(1).commit(1)).persists().committed(1).crashesAndRestarts()
                .hasLogTerms(1).committed(0);
        }

        @Test
        @DisplayName("on leaders, reinitialised after election: nextIndex to last log index + 1, matchIndex to 0")
        void reinitialisedAfterElection() {
            final Server s1 = server(1).withLogTerms(1, 1).leadingTerm(2).knowsOf(2, 0, 3).knowsOf(3, 0, 3);
            s1.hears(ack(2, 2)).hears(append(3, 3).after(1, 1).entries(3)).persists();
            s1.leadingTerm(4).knowsOf(2, 0, 3).knowsOf(3, 0, 3);
        }
    }

    @Nested
    @DisplayName("AppendEntries RPC, receiver implementation")
    class AppendEntries {
        @Test
        @DisplayName("1. reply false if term < currentTerm")
        void replyFalseIfTermIsOld() {
            server(1).inTerm(5).hears(append(2, 4).entries(4))
                .says("to 2: refusal, term 5, prev 0, last 0, runs []").hasLogTerms();
        }

        @Test
        @DisplayName("2. reply false if log does not contain an entry at prevLogIndex whose term matches prevLogTerm")
        void replyFalseIfPrevDoesNotMatch() {
            server(1).withLogTerms(1, 1).hears(append(2, 2).after(2, 2).entries(2))
                .saysAmongOthers("to 2: refusal, term 2, prev 2, last 2, runs [1@1]").hasLogTerms(1, 1);
            server(1).withLogTerms(1, 1).hears(append(2, 2).after(3, 1).entries(2))
                .saysAmongOthers("to 2: refusal, term 2, prev 3, last 2, runs [1@1]").hasLogTerms(1, 1);
        }

        @Test
        @DisplayName("3. if an existing entry conflicts with a new one, delete it and all that follow it")
        void deleteWhatConflicts() {
            server(1).withLogTerms(1, 2, 2).hears(append(2, 3).after(1, 1).entries(3))
                .saysAmongOthers("truncate from 2")
                .hasLogTerms(1, 3);
        }

        @Test
        @DisplayName("4. append any new entries not already in the log")
        void appendWhatIsNew() {
            server(1).withLogTerms(1, 1).hears(append(2, 1).entries(1, 1, 1)).hasLogTerms(1, 1, 1)
                .says("follow 2", "write 3/1", "to 2: success, term 1, match 2, verified 3");
        }

        @Test
        @DisplayName("5. if leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)")
        void setCommitIndex() {
            server(1).inTerm(1).hears(append(2, 1).entries(1, 1).commit(1)).committed(1)
                .hears(append(2, 1).after(2, 1).commit(7)).committed(2).hears(append(2, 1).after(2, 1).commit(1))
                    .committed(2);
        }
    }

    @Nested
    @DisplayName("RequestVote RPC, receiver implementation")
    class RequestVote {
        @Test
        @DisplayName("1. reply false if term < currentTerm")
        void replyFalseIfTermIsOld() {
            server(1).inTerm(5).hears(requestVote(2, 4, 9, 4)).says("to 2: vote denied, term 5");
        }

        @Test
        @DisplayName("2. grant if votedFor is null or candidateId, and the log is at least as up-to-date as ours")
        void grantTheVote() {
            server(1).withLogTerms(1).inTerm(2).hears(requestVote(2, 2, 1, 1))
                .saysAmongOthers("to 2: vote granted, term 2");
            server(1).withLogTerms(1).inTerm(2).votedFor(2).hears(requestVote(2, 2, 1, 1))
                .says("to 2: vote granted, term 2");
            server(1).withLogTerms(1).inTerm(2).votedFor(3).hears(requestVote(2, 2, 1, 1))
                .says("to 2: vote denied, term 2");
            server(1).withLogTerms(1).inTerm(2).hears(requestVote(2, 2, 0, 0)).says("to 2: vote denied, term 2");
        }
    }

    @Nested
    @DisplayName("Rules for all servers")
    class AllServers {
        @Test
        @DisplayName("if an RPC request or response contains term T > currentTerm: set currentTerm = T, be follower")
        void aNewerTermMakesAFollower() {
            for (final Message newer : new Message[] {requestVote(2, 7, 0, 0), append(2, 7), denial(2, 7),
                ack(2, 0).inTerm(7), refusal(2, 0, 0, runs()).inTerm(7)}) {
                server(1).withLogTerms(1).leadingTerm(3).hears(newer).hasRole(Role.FOLLOWER).hasTerm(7);
            }
        }
    }

    @Nested
    @DisplayName("Rules for followers")
    class Followers {
        @Test
        @DisplayName("respond to RPCs from candidates and leaders")
        void respond() {
            server(1).hears(requestVote(2, 1, 0, 0)).saysAmongOthers("to 2: vote granted, term 1");
            server(1).hears(append(2, 1)).saysAmongOthers("to 2: success, term 1, match 0, verified 0");
        }

        @Test
        @DisplayName("convert to candidate if the timeout elapses without hearing the leader or granting a vote")
        void convertToCandidate() {
            server(1).waits(TIMEOUT_MS - 1).saysNothing().waits(1).hasRole(Role.CANDIDATE);
            server(1).waits(TIMEOUT_MS - 1).hears(append(2, 1)).waits(TIMEOUT_MS - 1).hasRole(Role.FOLLOWER);
            server(1).waits(TIMEOUT_MS - 1).hears(requestVote(2, 1, 0, 0)).waits(TIMEOUT_MS - 1).hasRole(Role.FOLLOWER);
        }
    }

    @Nested
    @DisplayName("Rules for candidates")
    class Candidates {
        @Test
        @DisplayName("on conversion: increment currentTerm, vote for self, reset the timer, ask all other servers")
        void onConversion() {
            server(1).withLogTerms(1).waits(TIMEOUT_MS).says("persist term 2, vote for 1", "be candidate",
                "to 2: request vote, term 2, last 1/1", "to 3: request vote, term 2, last 1/1")
                .waits(TIMEOUT_MS - 1).saysNothing();
        }

        @Test
        @DisplayName("votes from a majority of servers: become leader")
        void becomeLeader() {
            server(1).of(5).waits(TIMEOUT_MS).hears(grant(2, 1)).hasRole(Role.CANDIDATE).hears(grant(3, 1))
                .hasRole(Role.LEADER);
        }

        @Test
        @DisplayName("AppendEntries from the new leader: convert to follower")
        void convertToFollower() {
            server(1).waits(TIMEOUT_MS).hears(append(2, 1)).hasRole(Role.FOLLOWER);
        }

        @Test
        @DisplayName("election timeout elapses: start a new election")
        void startANewElection() {
            server(1).waits(TIMEOUT_MS).hasTerm(1).waits(TIMEOUT_MS).hasTerm(2).hasRole(Role.CANDIDATE);
        }
    }

    @Nested
    @DisplayName("Rules for leaders")
    class Leaders {
        @Test
        @DisplayName("upon election: send initial empty AppendEntries RPCs; repeat during idle periods")
        void sendHeartbeats() {
            final Server s1 = server(1).waits(TIMEOUT_MS).forgets().hears(grant(2, 1)).says("lead",
                "to 2: append, term 1, prev 0/0, commit 0 []", "to 3: append, term 1, prev 0/0, commit 0 []");
            s1.hears(ack(2, 0), ack(3, 0)).waits(HEARTBEAT_MS - 1).saysNothing().waits(1).says(
                "to 2: append, term 1, prev 0/0, commit 0 []", "to 3: append, term 1, prev 0/0, commit 0 []");
        }

        @Test
        @DisplayName("a command from a client: append the entry to the local log, respond after it is applied")
        void appendTheEntry() {
            server(1).leadingTerm(1).proposes(1).hasLogTerms(1).committed(0).persists().hears(ack(2, 1)).committed(1);
        }

        @Test
        @DisplayName("if last log index >= nextIndex for a follower: send log entries starting at nextIndex")
        void sendFromNextIndex() {
            server(1).withLogTerms(1).leadingTerm(2).hears(ack(2, 1)).forgets().proposes(1)
                .saysAmongOthers("to 2: append, term 2, prev 1/1, commit 0 [2/2]");
        }

        @Test
        @DisplayName("if successful: update nextIndex and matchIndex for the follower")
        void ifSuccessful() {
            server(1).leadingTerm(1).proposes(2).hears(ack(2, 2)).knowsOf(2, 2, 3);
        }

        @Test
        @DisplayName("if AppendEntries fails because of log inconsistency: decrement nextIndex and retry")
        void ifItFails() {
            server(1).withLogTerms(1, 1, 2).leadingTerm(3).hears(refusal(2, 3, 1, runs(1, 1))).knowsOf(2, 0, 2)
                .says("to 2: append, term 3, prev 1/1, commit 0 [2/1 3/2]");
        }

        @Test
        @DisplayName("if a majority has matchIndex >= N > commitIndex and log[N].term == currentTerm: commitIndex = N")
        void advanceCommitIndex() {
            server(1).of(5).withLogTerms(1).leadingTerm(2).proposes(2).hears(ack(2, 1), ack(3, 2), ack(4, 3)).persists()
                .committed(2);
            server(1).of(5).withLogTerms(1).leadingTerm(2).proposes(2).hears(ack(2, 1), ack(3, 1), ack(4, 3)).persists()
                .committed(0);
        }
    }
}
