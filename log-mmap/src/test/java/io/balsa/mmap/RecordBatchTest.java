package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.mmap.StepDisk.Failure;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.SparseRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that came in during a force, and go to the disk together behind the library's back. */
class RecordBatchTest {
    private static final MmapConfig ROOMY = new MmapConfig(8 << 20, 8 << 20);
    private static final String WRITE = "write ";

    @TempDir
    private Path temp;
    private final StalledDisk stalled = new StalledDisk();
    private final StepDisk disk = new StepDisk(stalled);
    private Path dir;

    @BeforeEach
    void format() {
        dir = Directories.formatted(temp.resolve("node"));
    }

    /** Appends entries while the force of the one before them stalls, so that they become one batch. */
    private void appendTogether(RaftLog log, int... lengths) {
        stalled.stall();
        Directories.append(log, 1, Long.BYTES);
        stalled.awaitHeld();
        for (final int length : lengths) {
            Directories.append(log, 1, length);
        }
        stalled.goOn();
    }

    private List<String> writesToTheSegment(int from) {
        final List<String> calls = disk.calls();
        return calls.subList(from, calls.size()).stream()
            .filter(call -> call.startsWith(WRITE) && call.endsWith(SegmentFiles.SUFFIX)).toList();
    }

    private static int[] repeated(int count, int... lengths) {
        final int[] all = new int[count * lengths.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = lengths[i % lengths.length];
        }
        return all;
    }

    @Test
    void fiveHundredSmallEntriesAreOneWrite() {
        try (MmapStorage storage = MmapStorage.open(dir, ROOMY, disk)) {
            final int before = disk.calls().size();
            appendTogether(storage.log(), repeated(500, 64));
            Directories.awaitPersisted(storage.log(), 501);
            assertEquals(1, writesToTheSegment(before).size());
        }
    }

    @Test
    void oneSmallEntryIsWrittenThroughTheMappingAlone() {
        try (MmapStorage storage = MmapStorage.open(dir, ROOMY, disk)) {
            final int before = disk.calls().size();
            Directories.appendDurably(storage.log(), 1, 3, 64);
            assertEquals(List.of(), writesToTheSegment(before));
        }
    }

    @Test
    void theLibraryReadsEveryRecordThatItDidNotWriteItself() {
        try (MmapStorage storage = MmapStorage.open(dir, ROOMY, disk)) {
            appendTogether(storage.log(), repeated(50, 8, 9, 4_090, 70_001));
            Directories.awaitPersisted(storage.log(), 201);
            appendTogether(storage.log(), 300_003, 11, 300_001);
            Directories.awaitPersisted(storage.log(), 205);
        }
        final List<Directories.Place> records = Directories.records(dir);
        final Path run = records.getFirst().file().getParent();
        try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(run.toFile()).readOnly(true)
            .rollCycle(SparseRollCycles.LARGE_HOURLY_XSPARSE).blockSize(ROOMY.segmentBytes()).build()) {
            final ExcerptTailer tailer = queue.createTailer();
            for (final Directories.Place record : records) {
                try (DocumentContext document = tailer.readingDocument()) {
                    assertTrue(document.isPresent(), () -> "the library does not find " + record);
                    assertArrayEquals(Directories.bytes(record), document.wire().bytes().toByteArray());
                }
            }
            try (DocumentContext none = tailer.readingDocument()) {
                assertTrue(!none.isPresent(), "the library finds more than there is");
            }
        }
        Directories.use(dir, storage -> assertEquals(205, Directories.terms(storage.log()).size()));
    }

    @Test
    void ofABatchThatWasHalfWrittenNothingCountsAndWhatWasDurableStays() {
        try (MmapStorage storage = MmapStorage.open(dir, ROOMY, disk)) {
            Directories.appendDurably(storage.log(), 1, 5, 64);
            final String segment = Directories.segments(dir).getLast().getFileName().toString();
            disk.failLater(WRITE + segment, 0, Failure.AFTER);
            appendTogether(storage.log(), repeated(100, 64));
            final StorageException failed =
                assertThrows(StorageException.class, () -> Directories.awaitPersisted(storage.log(), 7));
            assertTrue(failed.getMessage().contains("planted"), failed::getMessage);
        } catch (StorageException atTheClose) {
            assertTrue(!atTheClose.getMessage().contains("planted"), "told twice: " + atTheClose.getMessage());
        }
        Directories.use(dir, storage -> assertTrue(storage.log().lastIndex() >= 6, "what was durable is there"));
    }

    /** After a million documents the library looks for a further place in its index. */
    @Test
    void moreThanAMillionRecordsInOneSegment() {
        final int count = 1_200_000;
        final MmapConfig config = new MmapConfig(128 << 20, 16 << 20);
        try (MmapStorage storage = MmapStorage.open(dir, config)) {
            final RaftLog log = storage.log();
            final UnsafeBuffer nothing = new UnsafeBuffer(new byte[0]);
            for (int i = 0; i < count; i++) {
                while (log.roomFor(0) != RaftLog.Room.YES) {
                    log.pollPersisted((index, term) -> { });
                    Directories.pause();
                }
                log.append(1, RaftLog.NO_OP, nothing, 0, 0);
            }
            Directories.awaitPersisted(log, count);
            assertEquals(1, Directories.segments(dir).size());
        }
        try (MmapStorage storage = MmapStorage.open(dir, config)) {
            assertEquals(count, storage.log().lastIndex());
        }
    }
}
