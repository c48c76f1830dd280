package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.RaftLog.Room;
import io.balsa.raft.spi.StorageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log does when the disk fails, stalls, or is full. */
class DiskFaultTest {
    @TempDir
    private Path temp;
    private final StalledDisk disk = new StalledDisk();

    @Test
    void afterAFailedForceNothingCountsAndNothingIsTriedAgain() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk);
        final RaftLog log = storage.log();
        Directories.appendDurably(log, 1, 5, 100);
        Directories.awaitNextSegment(dir);
        disk.failAfter(0);
        Directories.append(log, 1, 100);

        final StorageException failed = awaitFailure(log);
        assertTrue(failed.getMessage().contains(Directories.segments(dir).getLast().toString()), failed.getMessage());
        assertEquals("planted failure", failed.getCause().getMessage());

        disk.failAfter(Integer.MAX_VALUE);
        assertThrows(StorageException.class, () -> Directories.append(log, 1, 100));
        assertThrows(StorageException.class, () -> log.truncateFrom(1));
        assertThrows(StorageException.class, () -> log.pollPersisted((index, term) -> {
            throw new AssertionError("reported after a failed force: " + index);
        }));
        storage.close();

        Directories.use(dir, after -> assertTrue(after.log().lastIndex() >= 5, "what was durable is there"));
    }

    private static StorageException awaitFailure(RaftLog log) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            try {
                log.pollPersisted((index, term) -> {
                    throw new AssertionError("reported although its force failed: " + index);
                });
            } catch (StorageException e) {
                return e;
            }
            Directories.pause();
        }
        throw new AssertionError("the failed force is not reported");
    }

    @Test
    void aFailedVoteIsNotTriedAgainAndTheOldOneStays() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk);
        storage.votes().persist(4, 1);
        Directories.awaitNextSegment(dir);
        disk.failAfter(0);
        assertThrows(StorageException.class, () -> storage.votes().persist(5, 2));
        disk.failAfter(Integer.MAX_VALUE);
        assertThrows(StorageException.class, () -> storage.votes().persist(5, 2));
        assertEquals(4, storage.votes().currentTerm());
        assertEquals(1, storage.votes().votedFor());
        assertThrows(StorageException.class, storage::close);
        Directories.use(dir, after -> assertTrue(after.votes().currentTerm() >= 4, "what was persisted is there"));
    }

    @Test
    void whileTheDiskStallsEntriesAreTakenReadAndNotReported() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, 1, 100);
            final int taken = fillMemoryWhileStalled(log);
            Directories.awaitPersisted(log, taken + 1);
            assertEquals(Room.YES, settledRoom(log));
        }
    }

    private int fillMemoryWhileStalled(RaftLog log) {
        disk.stall();
        try {
            int taken = 0;
            while (log.roomFor(1_000) == Room.YES) {
                Directories.append(log, 1, 1_000);
                taken++;
            }
            assertEquals(Room.BUSY, log.roomFor(1_000));
            assertTrue(taken > 100, "memory took only " + taken);
            assertEquals(taken + 1, Directories.terms(log).size());
            log.append(2, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
            log.truncateFrom(log.lastIndex());
            assertEquals(0, log.pollPersisted((index, term) -> {
                throw new AssertionError("reported while its force stalls: " + index);
            }));
            return taken;
        } finally {
            disk.goOn();
        }
    }

    @Test
    void aFullDiskIsRefusedBeforeItIsHitAndLeavesRoomForANoOp() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        disk.full(false);
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.awaitNextSegment(dir);
            disk.full(true);
            final long full = appendUntilFull(log);
            for (int term = 2; term <= 20; term++) {
                log.append(term, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
                log.truncateFrom(log.lastIndex());
            }
            log.append(21, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
            Directories.awaitPersisted(log, full + 1);
            assertEquals(Room.DISK_FULL, settledRoom(log));

            disk.full(false);
            awaitRoom(log);
            Directories.appendDurably(log, 21, 100, 5_000);
        }
        Directories.use(dir, after -> assertTrue(after.log().lastIndex() > 100, "all is there"));
    }

    @Test
    void aFaultNobodyForesawIsRefusedAsAFullDiskIsAndPasses() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.awaitNextSegment(dir);
            disk.broken(true);
            appendUntilFull(log);
            disk.broken(false);
            awaitRoom(log);
            Directories.appendDurably(log, 1, 100, 5_000);
        }
    }

    @Test
    void whatIsWrittenIsForcedAlthoughWhatComesNextFindsNoSpace() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.awaitNextSegment(dir);
            disk.full(true);
            final long full = appendUntilFull(log);
            final int fit = appendMoreNoOpsThanFit(log);
            Directories.awaitPersisted(log, full + fit);
            assertEquals(Room.BUSY, log.roomFor(1_000), "not all is written");

            disk.full(false);
            Directories.awaitPersisted(log, log.lastIndex());
        }
    }

    @Test
    void aCloseWaitsForASegmentThatIsBeingAllocated() throws InterruptedException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk);
        final RaftLog log = storage.log();
        Directories.awaitNextSegment(dir);
        disk.holdAllocations(true);
        do {
            while (log.roomFor(1_000) == Room.YES) {
                Directories.append(log, 1, 1_000);
            }
            Directories.awaitPersisted(log, log.lastIndex());
        } while (log.roomFor(1_000) == Room.YES); // else it was memory that had no room, and not the disk
        appendMoreNoOpsThanFit(log);
        final long last = log.lastIndex();

        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final Thread closer = Thread.ofPlatform().unstarted(storage::close);
        closer.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        closer.start();
        while (closer.isAlive() && closer.getState() != Thread.State.WAITING) {
            Directories.pause();
        }
        disk.holdAllocations(false);
        closer.join();
        assertNull(failure.get(), () -> "not closed: " + failure.get());
        Directories.use(dir, after -> assertEquals(last, after.log().lastIndex()));
    }

    /**
     * In one batch, more no-ops than the reserve holds: the first force that they wait for covers one of them.
     *
     * @return how many the reserve holds
     */
    private int appendMoreNoOpsThanFit(RaftLog log) {
        disk.stall();
        appendNoOp(log);
        disk.awaitHeld();
        final int reserve = SegmentSpace.hardEnd(Directories.SMALL.segmentBytes())
            - SegmentSpace.softEnd(Directories.SMALL.segmentBytes());
        final int fit = reserve / SegmentSpace.footprint(Records.ENTRY_OVERHEAD);
        for (int i = 0; i < 2 * fit; i++) {
            appendNoOp(log);
        }
        disk.goOn();
        return fit;
    }

    private static void appendNoOp(RaftLog log) {
        log.append(2, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
    }

    @Test
    void aRealFullDiskIsRefusedAndPasses() throws Exception {
        final Path mount = Files.createDirectory(temp.resolve("small-disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount.toString()),
            "a small file system cannot be mounted here (needs root)");
        try {
            final Path dir = Directories.formatted(mount.resolve("node"));
            try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
                final Path ballast = mount.resolve("ballast");
                fill(ballast);
                final RaftLog log = storage.log();
                final long full = appendUntilFull(log);
                log.append(2, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
                Directories.awaitPersisted(log, full + 1);
                storage.votes().persist(9, 1);

                Files.delete(ballast);
                awaitRoom(log);
                Directories.appendDurably(log, 9, 100, 5_000);
            }
            Directories.use(dir, after -> {
                assertEquals(9, after.votes().currentTerm());
                assertTrue(after.log().lastIndex() > 100, "all is there");
            });
        } finally {
            assertTrue(run("umount", mount.toString()), "unmounted");
        }
    }

    /** Where a system cannot allocate ahead: the page that finds no space is a fault of memory, and the log is over. */
    @Test
    void aRealFullDiskWithoutAllocationEndsTheLogAndLosesNothingAcknowledged() throws Exception {
        final Path mount = Files.createDirectory(temp.resolve("small-disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.toString()),
            "a small file system cannot be mounted here (needs root)");
        try {
            final Path dir = Directories.formatted(mount.resolve("node"));
            final Process child = ChildJvm.start(true, ChildJvm.OnUnallocatedSegments.class, dir);
            final List<String> said;
            try (BufferedReader output = ChildJvm.output(child)) {
                said = output.lines().toList();
            }
            assertEquals(0, child.waitFor(), () -> "it ends by itself: " + said);
            final long acknowledged = said.stream().filter(line -> line.startsWith("durable "))
                .mapToLong(line -> Long.parseLong(line.substring("durable ".length()))).max().orElse(0);
            assertTrue(acknowledged > 10, () -> "before the disk was full: " + said);
            final List<String> end = said.subList(said.size() - 2, said.size());
            assertTrue(end.getFirst().startsWith("StorageException: " + dir), end.getFirst());
            assertTrue(end.getFirst().contains("check the disk"), end.getFirst());
            assertEquals("closed", end.getLast());

            assertTrue(run("mount", "-o", "remount,size=8m", mount.toString()), "there is space now");
            Directories.use(dir, after -> {
                assertTrue(after.log().lastIndex() >= acknowledged, "what was acknowledged is there");
                Directories.terms(after.log());
                Directories.appendDurably(after.log(), 2, 1, 100);
            });
        } finally {
            assertTrue(run("umount", mount.toString()), "unmounted");
        }
    }

    @Test
    void aForceThatTakesTwoSecondsHoldsBackNothingButTheReport() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, 1, 100);
            Directories.awaitNextSegment(dir);
            final long start = System.nanoTime();
            disk.stall();
            try {
                Directories.append(log, 1, 100);
                disk.awaitHeld();
                while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2)) {
                    if (log.lastIndex() < 1_000 && log.roomFor(100) == Room.YES) {
                        Directories.append(log, 1, 100);
                    }
                    log.read(log.lastIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> true);
                    assertEquals(0, log.pollPersisted((index, term) -> {
                        throw new AssertionError("reported while its force takes its time: " + index);
                    }));
                    Directories.pause();
                }
            } finally {
                disk.goOn();
            }
            assertEquals(1_000, log.lastIndex(), "entries were taken meanwhile");
            Directories.awaitPersisted(log, log.lastIndex());
        }
        Directories.use(dir, after -> assertEquals(1_000, after.log().lastIndex()));
    }

    @Test
    void aDirectoryThatCouldNotBeForcedIsNotForcedAgainAndTheLogIsOver() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final StepDisk steps = new StepDisk();
        final MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, steps);
        final RaftLog log = storage.log();
        Directories.awaitNextSegment(dir);
        final String names = "force directory " + Directories.segments(dir).getLast().getParent().getFileName();
        final int before = Collections.frequency(steps.calls(), names);
        steps.failNext(names);
        final StorageException failed = assertThrows(StorageException.class, () -> {
            while (log.lastIndex() < 500) { // several segments
                if (log.roomFor(10_000) == Room.YES) {
                    Directories.append(log, 1, 10_000);
                }
                log.pollPersisted((index, term) -> { });
            }
        });
        assertTrue(failed.getMessage().contains("planted"), failed.getMessage());
        final long last = log.lastIndex();
        assertThrows(StorageException.class, () -> Directories.append(log, 1, 100));
        storage.close();
        assertEquals(before + 1, Collections.frequency(steps.calls(), names), "it was asked once more, and failed");
        Directories.use(dir, after -> assertTrue(after.log().lastIndex() <= last));
    }

    private static void fill(Path file) throws IOException {
        try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
            final byte[] some = new byte[16 << 10];
            while (true) {
                ballast.write(some);
            }
        } catch (IOException full) {
            assertTrue(Files.exists(file), "the disk is full now");
        }
    }

    /** @return the last index, durable */
    private static long appendUntilFull(RaftLog log) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        Room room = log.roomFor(1_000);
        while (room != Room.DISK_FULL) {
            assertFalse(System.nanoTime() > deadline, "the full disk is not noticed");
            if (room == Room.YES) {
                Directories.append(log, 1, 1_000);
            }
            room = log.roomFor(1_000);
        }
        Directories.awaitPersisted(log, log.lastIndex());
        assertEquals(Room.DISK_FULL, settledRoom(log));
        return log.lastIndex();
    }

    /** The answer once all that was appended is written: before, it may be BUSY. */
    private static Room settledRoom(RaftLog log) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        Room room = log.roomFor(1_000);
        while (room == Room.BUSY) {
            assertFalse(System.nanoTime() > deadline, "busy for ever");
            Directories.pause();
            room = log.roomFor(1_000);
        }
        return room;
    }

    private static void awaitRoom(RaftLog log) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (log.roomFor(1_000) != Room.YES) {
            assertFalse(System.nanoTime() > deadline, "does not recover although there is space");
            Directories.pause();
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }
}
