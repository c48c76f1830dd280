package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.VoteStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory whose entries count in memory: who ended without a clean stop is no voter until it is promoted. */
class MemoryQuorumStorageTest {
    private static final Identity IN_MEMORY = Directories.IDENTITY.with(Durability.MEMORY_QUORUM);

    @TempDir
    private Path temp;
    private Path dir;
    private int copies;

    @BeforeEach
    void format() {
        dir = temp.resolve("node");
        MmapStorage.format(dir, IN_MEMORY);
    }

    /** The directory as another process finds it when this one is killed while it does this. */
    private Path killedWhile(Path of, Use use) {
        final Path copy = temp.resolve("killed-" + ++copies);
        Directories.use(of, storage -> {
            use.with(storage);
            Directories.copy(of, copy);
        });
        return copy;
    }

    @FunctionalInterface
    private interface Use {
        void with(MmapStorage storage);
    }

    private static Standing standing(Path of) {
        final List<Standing> seen = new ArrayList<>();
        Directories.use(of, storage -> {
            assertEquals(Durability.MEMORY_QUORUM, storage.identity().durability());
            seen.add(storage.identity().standing());
        });
        return seen.getFirst();
    }

    @Test
    @DisplayName("a new directory and one that was closed are a voter's, however often")
    void aCleanStopKeepsTheVote() {
        assertEquals(Optional.of(IN_MEMORY), MmapStorage.identityOf(dir));
        assertEquals(Standing.VOTER, standing(dir));
        assertEquals(Standing.VOTER, standing(dir), "a run that wrote nothing");
        Directories.use(dir, storage -> Directories.append(storage.log(), 1, 100));
        assertEquals(Standing.VOTER, standing(dir));
        Directories.use(dir, storage -> assertEquals(1, storage.log().lastIndex(), "forced by the close"));
    }

    @Test
    @DisplayName("after a kill it is no voter, keeps term, vote and what the disk has, and stays so until promoted")
    void afterAKillItIsNoVoterUntilItIsPromoted() {
        final Path killed = killedWhile(dir, storage -> {
            storage.votes().persist(5, 2);
            Directories.appendDurably(storage.log(), 5, 3, 100);
        });
        Directories.use(killed, storage -> {
            assertEquals(Standing.REBUILDING, storage.identity().standing());
            assertEquals(5, storage.votes().currentTerm());
            assertEquals(2, storage.votes().votedFor());
        });
        assertEquals(Standing.REBUILDING, standing(killed), "a clean stop brings nothing back");
        Directories.use(killed, storage -> storage.votes().promote(5, 2));
        assertEquals(Standing.VOTER, standing(killed));
        final Path killedAgain = killedWhile(killed, storage -> storage.votes().persist(6, VoteStore.NOBODY));
        assertEquals(Standing.REBUILDING, standing(killedAgain));
    }

    @Test
    @DisplayName("a run that was killed before it wrote anything may have held entries in memory, too")
    void aRunThatWroteNothingCountsAsWell() {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        final Path killed = killedWhile(dir, storage -> assertEquals(3, storage.log().lastIndex()));
        assertEquals(Standing.REBUILDING, standing(killed));
        final Path killedAtTheStart = killedWhile(killed, storage -> { });
        assertEquals(Standing.REBUILDING, standing(killedAtTheStart));
    }

    @Test
    @DisplayName("so does one of which not even the first record can be read any more")
    void aRunWhoseFirstRecordIsDamagedCountsAsWell() {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        final Path killed = killedWhile(dir, storage -> { });
        final Directories.Place header = Directories.records(killed).getLast();
        Directories.overwrite(header.file(), header.payload(), new byte[header.length()]);
        assertEquals(Standing.REBUILDING, standing(killed));
    }

    @Test
    @DisplayName("damage to one slot of the vote file does not bring the voter back")
    void bothSlotsSayIt() {
        final Path killed = killedWhile(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        assertEquals(Standing.REBUILDING, standing(killed));
        for (final int slot : List.of(0, 1)) {
            final Path damaged = Directories.copy(killed, temp.resolve("slot-" + slot));
            Directories.flipBit(VoteFile.path(damaged), slot * VoteFile.SLOT_DISTANCE + 72);
            assertNotAVoter(damaged);
        }
    }

    private static void assertNotAVoter(Path of) {
        try {
            assertEquals(Standing.REBUILDING, standing(of));
        } catch (LogCorruptException refused) {
            assertTrue(refused.getMessage().contains("--rebuild"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("a log that could not be forced was not stopped cleanly")
    void aLogThatFailedWasNotStoppedCleanly() {
        final StalledDisk disk = new StalledDisk();
        final MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk);
        Directories.awaitNextSegment(dir);
        disk.failAfter(0);
        Directories.append(storage.log(), 1, 100);
        assertThrows(StorageException.class, () -> {
            while (true) {
                storage.log().pollPersisted((index, term) -> { });
                Directories.pause();
            }
        });
        storage.close();
        assertEquals(Standing.REBUILDING, standing(dir));
    }

    @Test
    @DisplayName("where entries count once they are forced, a kill costs nobody its vote")
    void aForcedLogLosesNothing() {
        final Path forced = Directories.formatted(temp.resolve("forced"));
        final Path killed =
            killedWhile(forced, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        Directories.use(killed, storage -> assertEquals(Directories.IDENTITY, storage.identity()));
    }

    @Test
    @DisplayName("one that may not vote at all does not come to vote by a kill")
    void otherStandingsStay() {
        for (final Standing other : List.of(Standing.FOLLOWER, Standing.VOTE_LOST)) {
            final Path of = temp.resolve(other.name());
            MmapStorage.format(of, IN_MEMORY.with(other));
            assertEquals(other, standing(killedWhile(of, storage -> { })));
        }
    }

    @Test
    @DisplayName("a rebuilt directory keeps its durability; one whose vote file is gone gets the one that is given")
    void aRebuildKeepsTheDurability() {
        MmapStorage.prepareRebuild(dir, IN_MEMORY.clusterId(), IN_MEMORY.nodeId());
        assertEquals(Standing.REBUILDING, standing(dir));
        final Path wiped = temp.resolve("wiped");
        assertEquals(Optional.of(Standing.VOTE_LOST), MmapStorage.rebuildIfDamaged(wiped, IN_MEMORY.clusterId(),
            IN_MEMORY.nodeId(), Durability.MEMORY_QUORUM));
        assertEquals(Standing.VOTE_LOST, standing(wiped));
    }

    @Test
    @DisplayName("what a snapshot stands for counts as forced, and what follows it does not yet")
    void aResetCountsAtOnce() {
        final StalledDisk disk = new StalledDisk();
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.append(log, 1, 100);
            disk.stall();
            log.reset(70, 3);
            assertEquals(70, log.forcedIndex());
            assertEquals(0, log.pollPersisted((index, term) -> {
                throw new AssertionError("entry " + index + " was given up");
            }));
            Directories.append(log, 3, 100);
            assertEquals(1, log.pollPersisted((index, term) -> assertEquals("71/3", index + "/" + term)));
            assertEquals(70, log.forcedIndex());
            disk.goOn();
        }
    }
}
