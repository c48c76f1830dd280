package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log that is compacted takes on the disk: the bytes that are to be kept, what came since, two segments. */
class LogBoundTest {
    private static final int LENGTH = 64;
    private static final MmapConfig CONFIG = new MmapConfig(1 << 20, 256 << 10);
    private static final int ENTRY = SegmentSpace.footprint(Records.ENTRY_OVERHEAD + LENGTH);

    @TempDir
    private Path temp;
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[LENGTH]);
    private final Random random = new Random(7);
    private RaftLog log;
    private Path dir;
    private long persisted;
    private long keep = 3 << 20;
    private long most;

    @Test
    void aLongRunStaysWithinTheBound() throws IOException {
        run(400_000, 5_000);
    }

    /** 10 million entries unless {@code -Dentries=} says otherwise. */
    @Tag("real")
    @Test
    void aVeryLongRunStaysWithinTheBound() throws IOException {
        run(Integer.getInteger("entries", 10_000_000), 20_000);
    }

    private void run(int entries, int perCompaction) throws IOException {
        dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, CONFIG)) {
            log = storage.log();
            while (log.lastIndex() < entries) {
                append(perCompaction / 2 + random.nextInt(perCompaction));
                log.read(log.firstIndex(), log.firstIndex() + 100,
                    (index, term, kind, buffer, offset, length) -> true); // maps the oldest segment
                compactAndCheck(random.nextInt(perCompaction));
            }
            assertTrue(log.firstIndex() > entries - keep / ENTRY - 2L * CONFIG.segmentBytes() / ENTRY - perCompaction,
                () -> "the log begins at " + log.firstIndex());
            assertNoDeletedFileIsMapped();
        }
        System.out.printf("%,d entries of %d bytes, %,d bytes on disk: at most %,d above what is kept and came since%n",
            entries, ENTRY, Directories.diskBytes(dir), most);
        assertEquals(List.of(), LogVerify.verify(dir));
    }

    @Test
    void manyRestartsStayWithinTheBound() {
        dir = Directories.formatted(temp.resolve("node"));
        keep = 1 << 20;
        for (int restart = 0; restart < 100; restart++) {
            try (MmapStorage storage = MmapStorage.open(dir, CONFIG)) {
                log = storage.log();
                persisted = log.lastIndex();
                append(200 + random.nextInt(400));
                compactAndCheck(random.nextInt(100));
            }
        }
        assertTrue(log.firstIndex() > 1, "something went");
        final int kept = (int) (keep / SegmentSpace.BEGIN) + 2; // each takes more than the library's part of it
        assertTrue(Directories.segments(dir).size() <= kept, () -> Directories.segments(dir).toString());
        assertEquals(List.of(), LogVerify.verify(dir));
    }

    @Test
    void restartsWithoutAMarginLeaveNoSegmentOfAFormerRun() {
        dir = Directories.formatted(temp.resolve("node"));
        for (int restart = 0; restart < 20; restart++) {
            try (MmapStorage storage = MmapStorage.open(dir, CONFIG)) {
                log = storage.log();
                persisted = log.lastIndex();
                append(20);
                log.compact(log.lastIndex(), 0);
                await(() -> segmentsOfRuns().equals(List.of(1)));
            }
        }
    }

    /** How many segments each run has; empty while a run is being removed. */
    private List<Integer> segmentsOfRuns() {
        try {
            final Map<Path, Integer> counts = new TreeMap<>();
            for (final Path run : SegmentFiles.runs(dir, Disk.REAL)) {
                counts.put(run, 0);
            }
            SegmentFiles.list(dir).values().forEach(segment -> counts.merge(segment.getParent(), 1, Integer::sum));
            return List.copyOf(counts.values());
        } catch (IOException removing) {
            return List.of();
        }
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            while (log.roomFor(LENGTH) != RaftLog.Room.YES) {
                poll();
                Directories.pause();
            }
            log.append(1, RaftLog.COMMAND, command, 0, LENGTH);
            poll();
        }
        await(() -> {
            poll();
            return persisted == log.lastIndex();
        });
    }

    private void poll() {
        log.pollPersisted((index, term) -> persisted = index);
    }

    private void compactAndCheck(int behind) {
        final long index = Math.max(1, persisted - behind);
        log.compact(index, keep);
        append(1); // behind the record of the compaction: when this is durable, that is
        Directories.awaitNextSegment(dir); // from here on the log only gives space back
        final long asked = keep + since(index);
        await(() -> Directories.diskBytes(dir) <= asked + 2L * CONFIG.segmentBytes());
        most = Math.max(most, Directories.diskBytes(dir) - asked);
    }

    /** What came since an entry, with the library's part of each segment that it filled. */
    private long since(long index) {
        final long entries = (log.lastIndex() - index) * ENTRY;
        final long perSegment = SegmentSpace.softEnd(CONFIG.segmentBytes()) - SegmentSpace.BEGIN;
        return entries + entries / perSegment * SegmentSpace.BEGIN;
    }

    private interface Condition {
        boolean holds();
    }

    private void await(Condition condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, () -> "does not come to be: " + Directories.diskBytes(dir)
                + " bytes on disk, the log holds " + log.firstIndex() + ".." + log.lastIndex());
            poll();
            Directories.pause();
        }
    }

    /** A file that is deleted and still mapped goes on taking space. */
    private void assertNoDeletedFileIsMapped() throws IOException {
        final Path maps = Path.of("/proc/self/maps");
        if (Files.exists(maps)) {
            await(() -> {
                try {
                    return Files.readAllLines(maps).stream()
                        .noneMatch(line -> line.contains(dir.toString()) && line.endsWith("(deleted)"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
