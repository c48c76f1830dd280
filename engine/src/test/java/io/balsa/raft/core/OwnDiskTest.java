package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.grant;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.DISK_STALL_MS;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A server whose own disk is stuck or full: what it goes on doing, and when another one had better lead. */
class OwnDiskTest {
    private static final long HANDICAP_MS = 4 * TIMEOUT_MS;

    @Test
    @DisplayName("a leader whose disk is stuck commits through its followers, and follows once that lasts")
    void aLeaderWhoseDiskIsStuck() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1)).committed(1);
        s1.waits(DISK_STALL_MS - 1).hasRole(Role.LEADER).forgets();
        s1.waits(1).hasRole(Role.FOLLOWER).says("follow nobody").hasTerm(1);
        s1.waits(1).doesNotSay("append");
    }

    @Test
    @DisplayName("a disk that is slow and gets on is not stuck; nor is one that has nothing to do")
    void aDiskThatGetsOnIsNotStuck() {
        final Server s1 = server(1).leadingTerm(1).proposes(3);
        for (int forced = 1; forced <= 3; forced++) {
            s1.waits(DISK_STALL_MS - 1).persistsUpTo(forced).hasRole(Role.LEADER);
        }
        s1.waits(10 * DISK_STALL_MS).hasRole(Role.LEADER);
        s1.proposes(1).hears(ack(2, 4), ack(3, 4)).waits(DISK_STALL_MS - 1).hasRole(Role.LEADER);
        s1.waits(1).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("where all disks hang at once the leader stays: nobody would be better off")
    void whereAllDisksHangTheLeaderStays() {
        final Server s1 = server(1).leadingTerm(1).proposes(3);
        s1.waits(1).hears(ack(2, 1, 3), ack(3, 2, 3)); // what their disks did before they hung is still on its way
        s1.waits(DISK_STALL_MS).hasRole(Role.LEADER).waits(10 * DISK_STALL_MS).hasRole(Role.LEADER);
        s1.hears(ack(2, 2, 3)).hasRole(Role.LEADER); // one of three that moves again can commit nothing
        s1.hears(ack(3, 3, 3)).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("with the others' disks slow, and moving, or with some of them hanging: it hands over to a majority")
    void itHandsOverToAMajorityThatGetsOn() {
        final Server s1 = server(1).of(5).leadingTerm(1).proposes(9).hears(ack(2, 9), ack(3, 9), ack(4, 1, 9));
        s1.waits(DISK_STALL_MS - 1).hears(ack(4, 2, 9)).waits(1).hasRole(Role.FOLLOWER);
        final Server twoOfFour = server(1).of(5).leadingTerm(1).proposes(9).hears(ack(2, 9), ack(3, 9), ack(4, 1, 9));
        twoOfFour.waits(2 * DISK_STALL_MS).hasRole(Role.LEADER);
        final Server withoutAVote = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1).ofNonVoter());
        withoutAVote.waits(2 * DISK_STALL_MS).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a server that is stuck when it is elected gives the others time to say how they get on")
    void aStuckServerThatIsElectedHearsTheOthersFirst() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1));
        s1.waits(DISK_STALL_MS).hasRole(Role.FOLLOWER).waits(HANDICAP_MS + TIMEOUT_MS).hasRole(Role.CANDIDATE);
        s1.hears(grant(2, 2)).hasRole(Role.LEADER).hears(ack(2, 1), ack(3, 1)).hasRole(Role.LEADER);
        s1.waits(TIMEOUT_MS - 1).hasRole(Role.LEADER).waits(1).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("where entries count in memory, a disk is stuck when the memory for what it lacks is used up")
    void aLeaderThatHasNoMemoryLeftForWhatItsDiskLacks() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).persists().hears(ack(2, 1), ack(3, 1)).committed(1);
        s1.waits(10 * DISK_STALL_MS).hasRole(Role.LEADER);
        s1.core().onDiskBehind(true);
        s1.waits(DISK_STALL_MS - 1).hasRole(Role.LEADER);
        s1.core().onDiskBehind(false);
        s1.waits(1).hasRole(Role.LEADER);
        s1.core().onDiskBehind(true);
        s1.waits(DISK_STALL_MS).hasRole(Role.FOLLOWER);
    }

    @Test
    @DisplayName("alone, a server leads whatever its disk does")
    void aloneAServerLeads() {
        server(1).of(1).waits(0).hasRole(Role.LEADER).proposes(1).waits(10 * DISK_STALL_MS).hasRole(Role.LEADER)
            .diskIsFull(true).waits(10 * DISK_STALL_MS).hasRole(Role.LEADER).hasTerm(1);
        server(1).of(1).diskIsFull(true).waits(0).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a server whose disk is full lets the others campaign first, and campaigns if nobody does")
    void aFullServerLetsOthersCampaignFirst() {
        final Server s1 = server(1).diskIsFull(true);
        s1.waits(HANDICAP_MS + TIMEOUT_MS - 1).hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE);
        server(1).diskIsFull(true).waits(HANDICAP_MS).diskIsFull(false).waits(0).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("so does one whose disk is stuck")
    void aStuckServerLetsOthersCampaignFirst() {
        final Server s1 = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1)).waits(DISK_STALL_MS)
            .hasRole(Role.FOLLOWER);
        s1.waits(HANDICAP_MS + TIMEOUT_MS - 1).hasRole(Role.FOLLOWER).waits(1).hasRole(Role.CANDIDATE);
        final Server soundAgain = server(1).leadingTerm(1).proposes(1).hears(ack(2, 1), ack(3, 1))
            .waits(DISK_STALL_MS).persists();
        soundAgain.waits(TIMEOUT_MS).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("a full disk keeps nobody from voting: a vote takes no room in the log")
    void aFullServerVotesAllTheSame() {
        server(1).diskIsFull(true).hears(requestVote(2, 1, 0, 0)).saysAmongOthers("to 2: vote granted, term 1");
    }

    @Test
    @DisplayName("a full leader lets another one lead, once the others could say that they are not full")
    void aFullLeaderLetsAnotherOneLead() {
        final Server s1 = server(1).leadingTerm(1).waits(10 * TIMEOUT_MS).diskIsFull(true);
        s1.waits(TIMEOUT_MS - 1).hasRole(Role.LEADER).waits(1).hasRole(Role.FOLLOWER);
        final Server recovers = server(1).leadingTerm(1).diskIsFull(true).waits(TIMEOUT_MS - 1).diskIsFull(false);
        recovers.waits(10 * TIMEOUT_MS).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("but not where no majority of the others has room: it serves reads, and nobody else could do more")
    void aFullLeaderStaysWhereOthersAreFull() {
        final Server s1 = server(1).leadingTerm(1).diskIsFull(true).hearsThatDiskIsFull(2, true);
        s1.waits(10 * TIMEOUT_MS).hasRole(Role.LEADER);
        s1.hearsThatDiskIsFull(2, false).waits(1).hasRole(Role.FOLLOWER);
        final Server of5 = server(1).of(5).leadingTerm(1).diskIsFull(true).hearsThatDiskIsFull(2, true);
        of5.waits(10 * TIMEOUT_MS).hasRole(Role.FOLLOWER);
        final Server three = server(1).of(5).leadingTerm(1).diskIsFull(true).hearsThatDiskIsFull(2, true)
            .hearsThatDiskIsFull(3, true);
        three.waits(10 * TIMEOUT_MS).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("what a server without a vote has room for is no reason to step down")
    void aServerWithoutAVoteIsNoReason() {
        final Server s1 = server(1).leadingTerm(1).diskIsFull(true).hears(ack(2, 0).ofNonVoter());
        s1.waits(10 * TIMEOUT_MS).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a leader that was full when it was elected gives the others the same time to answer")
    void aNewLeaderHearsTheOthersFirst() {
        final Server s1 = server(1).diskIsFull(true).waits(HANDICAP_MS + TIMEOUT_MS).hears(grant(2, 1));
        s1.hasRole(Role.LEADER).waits(TIMEOUT_MS - 1).hasRole(Role.LEADER);
        s1.hearsThatDiskIsFull(2, true).hearsThatDiskIsFull(3, true).waits(10 * TIMEOUT_MS).hasRole(Role.LEADER);
        final Server roomElsewhere = server(1).diskIsFull(true).waits(HANDICAP_MS + TIMEOUT_MS).hears(grant(2, 1));
        roomElsewhere.waits(TIMEOUT_MS).hasRole(Role.FOLLOWER);
    }
}
