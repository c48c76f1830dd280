package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.VoteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that cannot be trusted is made ready to be rebuilt from the peers. */
class RebuildTest {
    private static final long CLUSTER = Directories.IDENTITY.clusterId();
    private static final int NODE = Directories.IDENTITY.nodeId();

    @TempDir
    private Path temp;
    private Path dir;

    @BeforeEach
    void format() {
        dir = Directories.formatted(temp.resolve("node"));
    }

    private void useAndDamage() {
        Directories.use(dir, storage -> {
            storage.votes().persist(7, 2);
            Directories.appendDurably(storage.log(), 7, 10, 100);
        });
        final Directories.Place fifth = Directories.records(dir).get(5);
        Directories.flipBit(fifth.file(), fifth.payload() + 60);
        assertThrows(LogCorruptException.class, () -> MmapStorage.open(dir, Directories.SMALL).close());
    }

    @Test
    void aDamagedLogGoesAndTermVoteAndIdentityStay() throws IOException {
        useAndDamage();
        assertEquals(Standing.REBUILDING, MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        Directories.use(dir, storage -> {
            assertEquals(new Identity(CLUSTER, NODE, Directories.IDENTITY.storeId(), Standing.REBUILDING),
                storage.identity());
            assertEquals(7, storage.votes().currentTerm());
            assertEquals(2, storage.votes().votedFor());
            assertEquals(2, storage.boot() >>> 32);
            assertEquals(0, storage.log().lastIndex());
            storage.log().reset(10, 7);
            Directories.appendDurably(storage.log(), 7, 1, 100);
            storage.votes().promote(8, VoteStore.NOBODY);
            assertEquals(Standing.REBUILDING, storage.identity().standing(), "as of when it was opened");
        });
        Directories.use(dir, storage -> {
            assertEquals(Standing.VOTER, storage.identity().standing());
            assertEquals(11, storage.log().lastIndex());
        });
        assertEquals(1, segmentsIn(dir.resolve("damaged")), "what was damaged is there to be looked at");
    }

    private static long segmentsIn(Path damaged) throws IOException {
        try (var files = Files.walk(damaged)) {
            return files.filter(file -> SegmentFiles.segmentOf(file).isPresent()).count();
        }
    }

    @Test
    void withoutAVoteFileTheServerIsANewOneThatLostItsVote() throws IOException {
        useAndDamage();
        Files.delete(VoteFile.path(dir));
        assertVoteLost(true);
    }

    @Test
    void withBothSlotsBadTheServerIsANewOneThatLostItsVote() throws IOException {
        useAndDamage();
        Directories.flipBit(VoteFile.path(dir), 20);
        Directories.flipBit(VoteFile.path(dir), VoteFile.SLOT_DISTANCE + 20L);
        assertVoteLost(true);
        assertTrue(Files.exists(dir.resolve("damaged/vote")));
    }

    @Test
    void aWipedDirectoryIsANewServerThatLostItsVote() throws IOException {
        Directories.delete(dir);
        assertVoteLost(false);
    }

    private void assertVoteLost(boolean hadALog) throws IOException {
        assertEquals(Standing.VOTE_LOST, MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        Directories.use(dir, storage -> {
            assertEquals(Standing.VOTE_LOST, storage.identity().standing());
            assertEquals(CLUSTER, storage.identity().clusterId());
            assertEquals(NODE, storage.identity().nodeId());
            assertNotEquals(Directories.IDENTITY.storeId(), storage.identity().storeId());
            assertEquals(0, storage.votes().currentTerm());
            assertEquals(0, storage.log().lastIndex());
        });
        assertEquals(hadALog, Files.exists(dir.resolve("damaged/log")));
        assertEquals(Standing.VOTE_LOST, MmapStorage.prepareRebuild(dir, CLUSTER, NODE), "not remembered better later");
    }

    @Test
    void withOneSlotBadALaterVoteMayBeLost() {
        useAndDamage();
        Directories.flipBit(VoteFile.path(dir), 20);
        assertEquals(Standing.VOTE_LOST, MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        Directories.use(dir, storage ->
            assertEquals(Directories.IDENTITY.storeId(), storage.identity().storeId()));
    }

    @Test
    void whoNeverWasAVoterLostItsVote() {
        final Path follower = temp.resolve("follower");
        MmapStorage.format(follower, new Identity(CLUSTER, NODE, 5, Standing.FOLLOWER));
        assertEquals(Standing.VOTE_LOST, MmapStorage.prepareRebuild(follower, CLUSTER, NODE));
        Directories.use(follower, storage -> {
            assertEquals(5, storage.identity().storeId());
            assertEquals(Standing.VOTE_LOST, storage.identity().standing());
        });
    }

    @Test
    void preparingAgainChangesNothing() throws IOException {
        useAndDamage();
        MmapStorage.prepareRebuild(dir, CLUSTER, NODE);
        final VoteFile.Slot before = VoteFile.read(dir);
        assertEquals(Standing.REBUILDING, MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        assertEquals(before.identity(), VoteFile.read(dir).identity());
        assertEquals(7, VoteFile.read(dir).currentTerm());
        assertEquals(1, segmentsIn(dir.resolve("damaged")), "the damaged log is not thrown away");
    }

    @Test
    void whatIsDamagedLaterReplacesWhatWasMovedBefore() throws IOException {
        useAndDamage();
        MmapStorage.prepareRebuild(dir, CLUSTER, NODE);
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 7, 60, 50_000));
        final int segments = Directories.segments(dir).size();
        MmapStorage.prepareRebuild(dir, CLUSTER, NODE);
        assertEquals(List.of(), Directories.segments(dir));
        assertEquals(segments, segmentsIn(dir.resolve("damaged")));
    }

    @Test
    void cutShortBeforeTheLogIsMovedItIsNoVotersAnyMore() throws IOException {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 7, 10, 100));
        Files.write(dir.resolve("damaged"), new byte[0]); // nothing can be moved here
        assertThrows(RaftException.class, () -> MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        Directories.use(dir, storage -> assertEquals(Standing.REBUILDING, storage.identity().standing()));
        Files.delete(dir.resolve("damaged"));
        assertEquals(Standing.REBUILDING, MmapStorage.prepareRebuild(dir, CLUSTER, NODE));
        Directories.use(dir, storage -> assertEquals(0, storage.log().lastIndex()));
    }

    @Test
    void aDirectoryInUseIsRefused() {
        Directories.use(dir, storage -> {
            assertRefused("already open", dir, CLUSTER, NODE);
            Directories.appendDurably(storage.log(), 1, 1, 100);
        });
        assertEquals(Standing.VOTER, voteStanding());
    }

    private Standing voteStanding() {
        try {
            return VoteFile.read(dir).identity().standing();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSoundDirectoryIsLeftAsItIs() throws IOException {
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 7, 10, 100);
            Snapshots.save(storage.snapshots(), 4);
            Snapshots.save(storage.snapshots(), 8);
        });
        Directories.flipBit(Snapshots.files(dir).getFirst(), 5_000); // nobody needs the older one
        assertEquals(Optional.empty(), MmapStorage.rebuildIfDamaged(dir, CLUSTER, NODE));
        assertEquals(Standing.VOTER, voteStanding());
        assertEquals(1, Directories.segments(dir).size());
        Directories.flipBit(Snapshots.files(dir).getLast(), 5_000);
        assertEquals(Optional.of(Standing.REBUILDING), MmapStorage.rebuildIfDamaged(dir, CLUSTER, NODE));
    }

    @Test
    void aLogThatNoSnapshotReachesIsNotSound() {
        Directories.use(dir, storage -> storage.log().reset(10, 7));
        final List<String> problems = LogVerify.verify(dir);
        assertEquals(1, problems.size());
        assertTrue(problems.getFirst().contains("with entry 11, but the newest whole snapshot ends with entry 0"),
            problems.getFirst());
        assertEquals(Optional.of(Standing.REBUILDING), MmapStorage.rebuildIfDamaged(dir, CLUSTER, NODE));
        assertEquals(List.of(), LogVerify.verify(dir));
    }

    /** A bad sector is why a node is rebuilt, so it must not keep it from being rebuilt. */
    @Test
    void whatTheDiskDoesNotGiveBackIsLost() throws IOException {
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 7, 10, 100);
            Snapshots.save(storage.snapshots(), 8);
        });
        for (final Path unreadable : List.of(Snapshots.files(dir).getLast(), Directories.segments(dir).getLast())) {
            final Path copy = Directories.copy(dir, temp.resolve("copy-of-" + unreadable.getFileName()));
            assertEquals(Optional.of(Standing.REBUILDING), MmapStorage.rebuildIfDamaged(copy, CLUSTER, NODE,
                refusing(unreadable, new IOException("planted: input/output error"))), unreadable.toString());
            Directories.use(copy, storage -> assertEquals(0, storage.log().lastIndex()));
        }
    }

    @Test
    void aSlotOfTheVoteFileThatTheDiskDoesNotGiveBackMayHaveHeldALaterVote() {
        useAndDamage();
        final Disk disk = new PlainDisk() {
            @Override
            public int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
                if (position < VoteFile.SLOT_DISTANCE) {
                    throw new IOException("planted: input/output error");
                }
                return super.read(channel, target, position);
            }
        };
        assertEquals(Optional.of(Standing.VOTE_LOST), MmapStorage.rebuildIfDamaged(dir, CLUSTER, NODE, disk));
        Directories.use(dir, storage ->
            assertEquals(Directories.IDENTITY.storeId(), storage.identity().storeId()));
    }

    @Test
    void whatThisProcessMayNotReadIsNotLost() throws IOException {
        useAndDamage();
        final RaftException refused = assertThrows(RaftException.class, () -> MmapStorage.rebuildIfDamaged(dir,
            CLUSTER, NODE, refusing(Directories.segments(dir).getLast(), new AccessDeniedException("planted"))));
        assertTrue(refused.getMessage().contains("check its path, rights"), refused.getMessage());
        assertEquals(Standing.VOTER, voteStanding());
        assertEquals(1, Directories.segments(dir).size());
    }

    /** A disk that does not open files of this one's name. */
    private static Disk refusing(Path refused, IOException why) {
        return new PlainDisk() {
            @Override
            public FileChannel open(Path file, OpenOption... options) throws IOException {
                if (file.getFileName().equals(refused.getFileName())) {
                    throw why;
                }
                return super.open(file, options);
            }
        };
    }

    @Test
    void aDirectoryInUseIsNotJudged() {
        Directories.use(dir, storage -> {
            final RaftException refused = assertThrows(RaftException.class,
                () -> MmapStorage.rebuildIfDamaged(dir, CLUSTER, NODE));
            assertTrue(refused.getMessage().contains("already open"), refused.getMessage());
        });
    }

    @Test
    void anotherNodesDirectoryIsRefusedAndLeftAsItIs() throws IOException {
        useAndDamage();
        assertRefused("belongs to cluster", dir, CLUSTER, NODE + 1);
        assertRefused("belongs to cluster", dir, CLUSTER + 1, NODE);
        assertEquals(Standing.VOTER, voteStanding());
        Files.delete(VoteFile.path(dir));
        assertRefused("belongs to cluster", dir, CLUSTER, NODE + 1);
        assertFalse(Files.exists(VoteFile.path(dir)));
        assertEquals(1, Directories.segments(dir).size());
    }

    @Test
    void aDirectoryOfSomethingElseIsRefused() throws IOException {
        final Path letters = Files.createDirectory(temp.resolve("letters"));
        Files.writeString(letters.resolve("letter.txt"), "mine");
        assertRefused("letter.txt", letters, CLUSTER, NODE);
        assertFalse(Files.exists(VoteFile.path(letters)));
    }

    private static void assertRefused(String mention, Path directory, long clusterId, int nodeId) {
        final RaftException refused = assertThrows(RaftException.class,
            () -> MmapStorage.prepareRebuild(directory, clusterId, nodeId));
        assertTrue(refused.getMessage().contains(mention), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), "one line");
    }
}
