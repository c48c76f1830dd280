package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.mmap.SnapshotList.Damaged;
import io.balsa.mmap.SnapshotList.Unfinished;
import io.balsa.mmap.SnapshotList.Whole;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told of the snapshots in a directory. */
class SnapshotListTest {
    @TempDir
    private Path temp;

    @Test
    void aNewServerHasNone() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        assertEquals(List.of(), SnapshotList.list(dir));
        assertEquals(List.of(), SnapshotVerify.verify(dir));
    }

    @Test
    void aDirectoryThatHoldsNoServerIsRefused() {
        assertThrows(RaftException.class, () -> SnapshotList.list(temp));
        assertThrows(RaftException.class, () -> SnapshotVerify.verify(temp));
    }

    @Test
    void whatIsThereIsListedBesideARunningNode() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            final Snapshot first = Snapshots.save(storage.snapshots(), 5);
            final Snapshot second = Snapshots.save(storage.snapshots(), 9);
            final Snapshots.Sent third = Snapshots.sent(temp.resolve("other"), 12);
            storage.snapshots().receive(third.snapshot()).write(third.bytes(), 0, 1_000);
            final List<Path> files = Snapshots.files(dir);
            assertEquals(List.of(
                new Whole(files.get(0), first.length(), 5, 2, Snapshots.MEMBERS, 2),
                new Whole(files.get(1), second.length(), 9, 2, Snapshots.MEMBERS, 2),
                new Unfinished(files.get(2), third.snapshot().length())), SnapshotList.list(dir));
            assertEquals(List.of(), SnapshotVerify.verify(dir));
            assertEquals(files, Snapshots.files(dir), "nothing is changed");
            assertTrue(Snapshots.receive(storage.snapshots(), third));
        }
    }

    @Test
    void whatIsDamagedIsListedWithTheReason() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> {
            Snapshots.save(storage.snapshots(), 5);
            Snapshots.save(storage.snapshots(), 9);
        });
        final Path newest = Snapshots.files(dir).getLast();
        Directories.flipBit(newest, 30);
        assertDamaged(newest, "checksum of the header", SnapshotList.list(dir).getLast());
        assertEquals(1, SnapshotVerify.verify(dir).size());

        final LogLines lines = new LogLines(SnapshotFiles.class);
        Directories.use(dir, storage -> assertEquals(5, storage.snapshots().newest().orElseThrow().index()));
        lines.close();
        assertDamaged(SnapshotDirectory.damaged(newest), "earlier start", SnapshotList.list(dir).getLast());
        assertEquals(List.of(), SnapshotVerify.verify(dir), "what was kept aside is no snapshot any more");
    }

    private static void assertDamaged(Path file, String problem, SnapshotList.Item item) throws IOException {
        final Damaged damaged = (Damaged) item;
        assertEquals(file, damaged.file());
        assertEquals(Files.size(file), damaged.bytes());
        assertTrue(damaged.problem().contains(problem), damaged.problem());
        assertTrue(damaged.problem().contains(file.toString()), damaged.problem());
    }

    /** The list looks at header and footer alone; whoever wants to know it all asks for a verification. */
    @Test
    void damageWithinTheStateIsFoundByVerifying() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> {
            Snapshots.save(storage.snapshots(), 5);
            Snapshots.save(storage.snapshots(), 9);
        });
        final Path oldest = Snapshots.files(dir).getFirst();
        Directories.flipBit(oldest, Files.size(oldest) / 2);
        assertTrue(SnapshotList.list(dir).stream().allMatch(Whole.class::isInstance));
        final List<String> problems = SnapshotVerify.verify(dir);
        assertEquals(1, problems.size());
        assertTrue(problems.getFirst().contains(oldest.toString()), problems.getFirst());
    }
}
