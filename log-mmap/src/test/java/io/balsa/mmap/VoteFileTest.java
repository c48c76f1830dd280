package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.VoteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two slots of the vote file under damage. */
class VoteFileTest {
    @TempDir
    private Path dir;

    @BeforeEach
    void create() throws IOException {
        VoteFile.create(dir, Directories.IDENTITY, Disk.REAL);
    }

    @Test
    void aSlotTornAnywhereLeavesTheVoteBefore() throws IOException {
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(6, 2);
            votes.persist(7, 1);
        }
        final byte[] whole = Files.readAllBytes(VoteFile.path(dir));
        final int newer = slotWithTerm(7);
        for (int cut = 0; cut < VoteFile.SLOT_LENGTH; cut++) {
            final byte[] torn = whole.clone();
            torn[newer + cut] ^= 0x40;
            Files.write(VoteFile.path(dir), torn);
            assertStored(6, 2);
        }
        Files.write(VoteFile.path(dir), whole);
        assertStored(7, 1);
    }

    @Test
    void afterATornSlotTheNextVoteDoesNotTouchTheSoundOne() throws IOException {
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(6, 2);
            votes.persist(7, 1);
        }
        Directories.flipBit(VoteFile.path(dir), slotWithTerm(7) + 30L);
        final int sound = slotWithTerm(6);
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(8, 0);
        }
        assertEquals(sound, slotWithTerm(6));
        assertStored(8, 0);
    }

    @Test
    void twoBadSlotsAreRefused() {
        Directories.flipBit(VoteFile.path(dir), 20);
        Directories.flipBit(VoteFile.path(dir), VoteFile.SLOT_DISTANCE + 20L);
        final LogCorruptException refused =
            assertThrows(LogCorruptException.class, () -> VoteFile.open(dir, Disk.REAL).close());
        assertTrue(refused.getMessage().contains(VoteFile.path(dir).toString()), refused.getMessage());
    }

    @Test
    void aShortenedFileIsRefused() throws IOException {
        Files.write(VoteFile.path(dir), new byte[10]);
        assertThrows(LogCorruptException.class, () -> VoteFile.open(dir, Disk.REAL).close());
    }

    @Test
    void aSecondVoteInATermIsRefusedAlways() throws IOException {
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(3, 1);
            assertThrows(IllegalStateException.class, () -> votes.persist(3, 2));
            assertThrows(IllegalStateException.class, () -> votes.persist(3, VoteStore.NOBODY));
        }
        assertStored(3, 1);
    }

    @Test
    void votesKeepTheBootCounterAndBootsKeepTheVote() throws IOException {
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(2, 1);
            votes.raiseBoot(5);
            votes.persist(3, 0);
        }
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            assertEquals(1, votes.bootCounter());
            assertEquals(5, votes.slot().durableRecords());
            assertEquals(Directories.IDENTITY, votes.identity());
        }
        assertStored(3, 0);
    }

    @Test
    void everyStandingIsReadAsItWasWrittenAndTheOldOnesAsVersion1WroteThem() throws IOException {
        for (final Standing standing : Standing.values()) {
            Files.delete(VoteFile.path(dir));
            VoteFile.create(dir, new Identity(1, 2, 3, standing), Disk.REAL);
            assertEquals(standing, VoteFile.read(dir).identity().standing());
            final byte code = Files.readAllBytes(VoteFile.path(dir))[72];
            switch (standing) {
                case FOLLOWER -> assertEquals(0, code);
                case VOTER -> assertEquals(1, code);
                case REBUILDING -> assertEquals(2, code);
                case VOTE_LOST -> assertEquals(3, code);
            }
        }
    }

    @Test
    void aPromotionIsTermVoteAndVoterInOneStep() throws IOException {
        Files.delete(VoteFile.path(dir));
        VoteFile.create(dir, new Identity(1, 2, 3, Standing.REBUILDING), Disk.REAL);
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            votes.persist(6, 2);
            votes.promote(7, VoteStore.NOBODY);
            assertEquals(Standing.VOTER, votes.identity().standing());
        }
        final byte[] whole = Files.readAllBytes(VoteFile.path(dir));
        final int newer = slotWithTerm(7);
        for (int cut = 0; cut < VoteFile.SLOT_LENGTH; cut++) {
            final byte[] torn = whole.clone();
            torn[newer + cut] ^= 0x40;
            Files.write(VoteFile.path(dir), torn);
            assertStored(6, 2);
            assertEquals(Standing.REBUILDING, VoteFile.read(dir).identity().standing());
        }
        Files.write(VoteFile.path(dir), whole);
        assertStored(7, VoteStore.NOBODY);
        assertEquals(Standing.VOTER, VoteFile.read(dir).identity().standing());
    }

    private int slotWithTerm(int term) throws IOException {
        final byte[] bytes = Files.readAllBytes(VoteFile.path(dir));
        return bytes[24] == term ? 0 : VoteFile.SLOT_DISTANCE;
    }

    private void assertStored(long term, int votedFor) throws IOException {
        try (VoteFile votes = VoteFile.open(dir, Disk.REAL)) {
            assertEquals(term, votes.currentTerm());
            assertEquals(votedFor, votes.votedFor());
        }
    }
}
