package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.RaftLog.Room;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log whose front goes while it is in use, on disks that are slow, full, or do not let go. */
class CompactionTest {
    private static final int LENGTH = 1_000;

    @TempDir
    private Path temp;
    private final StalledDisk disk = new StalledDisk();
    private Path dir;

    @BeforeEach
    void format() {
        dir = Directories.formatted(temp.resolve("node"));
    }

    private static void await(BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertFalse(System.nanoTime() > deadline, "what the test waits for does not happen");
            Directories.pause();
        }
    }

    private static void append(RaftLog log, int count) {
        for (int i = 0; i < count; i++) {
            await(() -> log.roomFor(LENGTH) == Room.YES);
            Directories.append(log, 1, LENGTH);
        }
    }

    private static void awaitFirst(RaftLog log, long first) {
        await(() -> {
            log.pollPersisted((index, term) -> { });
            return log.firstIndex() == first;
        });
    }

    private static void assertReadable(RaftLog log) {
        final long[] next = {log.firstIndex()};
        log.read(log.firstIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
            assertEquals(next[0]++, index);
            assertEquals(index, buffer.getLong(offset));
            return true;
        });
        assertEquals(log.lastIndex() + 1, next[0]);
    }

    /**
     * The loop thread may append for long before it asks what is durable. What was in memory when the log was compacted
     * is on the disk alone then, and found from an entry before the front.
     */
    @Test
    void aFrontThatLeftMemoryBeforeItWentIsStillRead() {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            for (int round = 0; round < 10; round++) {
                append(log, 150 + round);
                Directories.awaitPersisted(log, log.lastIndex());
                final long index = log.lastIndex() - 20;
                final int givenBack = disk.givenBack();
                log.compact(index, 0);
                append(log, 1_200);
                awaitFirst(log, index + 1);
                await(() -> disk.givenBack() > givenBack);
                assertReadable(log);
            }
            Directories.awaitPersisted(log, log.lastIndex());
        }
        Directories.use(dir, storage -> assertReadable(storage.log()));
    }

    @Test
    void filesThatCannotBeDeletedAreTriedAgainAndTheLogGoesOn() {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            append(log, 3_000);
            Directories.awaitPersisted(log, 3_000);
            final int before = Directories.segments(dir).size();
            disk.keepFiles(true);
            log.compact(2_900, 0);
            awaitFirst(log, 2_901);
            append(log, 600);
            Directories.awaitPersisted(log, 3_600);
            assertTrue(Directories.segments(dir).size() >= before, "nothing is deleted");
            assertReadable(log);

            disk.keepFiles(false);
            await(() -> Directories.segments(dir).size() <= 3);
            assertReadable(log);
        }
        Directories.use(dir, storage -> assertEquals(2_901, storage.log().firstIndex()));
    }

    @Test
    void aFullDiskGetsSpaceByCompaction() {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            append(log, 2_000);
            Directories.awaitNextSegment(dir);
            disk.full(true);
            await(() -> {
                final Room room = log.roomFor(LENGTH);
                if (room == Room.YES) {
                    Directories.append(log, 1, LENGTH);
                }
                return room == Room.DISK_FULL;
            });
            final long last = log.lastIndex();
            final int before = Directories.segments(dir).size();
            Directories.awaitPersisted(log, last);
            log.compact(last, 0);
            awaitFirst(log, last + 1);
            await(() -> Directories.segments(dir).size() < before - 2);
            log.append(2, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
            Directories.awaitPersisted(log, last + 1);

            disk.full(false); // as it would be now
            append(log, 1_000);
            Directories.awaitPersisted(log, last + 1_001);
        }
    }

    @Test
    void whileTheDiskStallsCompactionWaitsForNothing() {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            append(log, 2_000);
            Directories.awaitPersisted(log, 2_000);
            disk.stall();
            try {
                final long before = System.nanoTime();
                log.compact(1_900, 0);
                Directories.append(log, 1, LENGTH);
                log.pollPersisted((index, term) -> {
                    throw new AssertionError("reported while its force stalls: " + index);
                });
                assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(5), "the disk was waited for");
                assertEquals(1, log.firstIndex());
            } finally {
                disk.goOn();
            }
            awaitFirst(log, 1_901);
        }
    }
}
