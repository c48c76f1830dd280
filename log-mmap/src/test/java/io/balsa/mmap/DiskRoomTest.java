package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.RaftLog.Room;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit is not begun: the last space of a disk is for whoever can make room with it. */
@Timeout(60)
class DiskRoomTest {
    private static final int SMALL_ENTRY = 1_000;

    @TempDir
    private Path temp;
    private final AtomicInteger allocations = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile long usable = Long.MAX_VALUE;

    private final Disk disk = new PlainDisk() {
        @Override
        public long usableBytes(Path file) {
            looks.incrementAndGet();
            return usable;
        }

        @Override
        public void preallocate(Path file, long bytes) throws IOException {
            allocations.incrementAndGet();
            super.preallocate(file, bytes);
        }
    };

    @Test
    void aSegmentThatDoesNotFitTakesNothingAndIsMadeWhenThereIsRoom() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.awaitNextSegment(dir);
            usable = Directories.SMALL.segmentBytes() - 1;
            final int before = allocations.get();
            fill(log);
            awaitLooks(2);
            assertEquals(before, allocations.get(), "nothing was tried that cannot succeed");

            usable = Directories.SMALL.segmentBytes();
            while (log.roomFor(SMALL_ENTRY) != Room.YES) {
                Directories.pause();
            }
            Directories.appendDurably(log, 1, 10, SMALL_ENTRY);
            assertTrue(allocations.get() > before);
        }
    }

    private static void fill(RaftLog log) {
        Room room = log.roomFor(SMALL_ENTRY);
        while (room != Room.DISK_FULL) {
            if (room == Room.YES) {
                Directories.append(log, 1, SMALL_ENTRY);
            } else {
                Directories.pause();
            }
            log.pollPersisted((index, term) -> { });
            room = log.roomFor(SMALL_ENTRY);
        }
    }

    private void awaitLooks(int more) {
        final int enough = looks.get() + more;
        while (looks.get() < enough) {
            Directories.pause();
        }
    }

    @Test
    void aSnapshotThatDoesNotFitTakesNothing() {
        final Snapshots.Sent sent = Snapshots.sent(temp.resolve("other"), 9);
        final Path dir = temp.resolve("node");
        try (SnapshotFiles store = Snapshots.open(dir, disk)) {
            usable = sent.snapshot().length() - 1;
            final StorageException refused =
                assertThrows(StorageException.class, () -> store.receive(sent.snapshot()));
            assertTrue(refused.getMessage().contains("bytes, " + usable + " are free"), refused.getMessage());
            assertEquals(0, allocations.get());
            Snapshots.assertNoLeftovers("refused", dir);

            usable = sent.snapshot().length();
            assertTrue(Snapshots.receive(store, sent));
            Snapshots.assertNewest("with room", store, 9L);
        }
    }
}
