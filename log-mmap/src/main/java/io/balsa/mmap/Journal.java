package io.balsa.mmap;

import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.SparseRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.posix.MAdviseFlag;
import net.openhft.posix.PosixAPI;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The Chronicle Queue of one run, and the only place that knows the library. A run's queue begins empty in a directory
 * of its own: the library never meets a file of a former run, which it might repair, rename or go on writing to.
 *
 * <p>A cycle is a segment: the queue's clock is our segment number. The block size is the segment size, so a segment
 * is one mapping. The queue never syncs; {@link LogWriter} forces the file itself, because the library's own sync is
 * asynchronous, skips pages and swallows errors.
 *
 * <p>All methods belong to one thread at a time.
 */
final class Journal implements AutoCloseable {
    // Its index has an entry for every 2^20 documents only: we keep our own.
    private static final SparseRollCycles CYCLE = SparseRollCycles.LARGE_HOURLY_XSPARSE;
    private static final long CYCLE_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final int O_RDWR = 2;
    // FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE
    private static final int PUNCH_HOLE = 3;
    private static final long PAGE = 4096;

    private final UnsafeBuffer words = new UnsafeBuffer(0, 0);
    private final Path runDirectory;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final int segmentBytes;
    private int segment;
    private int advisedSegment;
    private int end;

    /** Opens the queue; {@code firstSegment} is created by the first write. */
    Journal(Path runDirectory, int firstSegment, int segmentBytes) {
        this.runDirectory = runDirectory;
        this.segment = firstSegment;
        this.advisedSegment = firstSegment - 1;
        this.segmentBytes = segmentBytes;
        this.queue = SingleChronicleQueueBuilder.binary(runDirectory.toFile())
            .rollCycle(CYCLE)
            .timeProvider(() -> segment * CYCLE_MILLIS)
            .blockSize(segmentBytes)
            .syncMode(SyncMode.NONE)
            .timeoutMS(2_000)
            .build();
        // Opened on the caller's thread, so that the caller sees what fails; used on the log thread from then on.
        this.appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /** Keeps the library from advertising and from watching the disk. Read once, when its first class loads. */
    static void quieten() {
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
        System.setProperty("chronicle.table.store.timeoutMS", "2000");
    }

    static void preallocate(Path file, long bytes) throws IOException {
        final PosixAPI posix = PosixAPI.posix();
        // Without its native part the library allocates nothing and reports success.
        if (posix.getClass().getSimpleName().startsWith("NoOp")) {
            reserveByFreeSpace(file, bytes);
            return;
        }
        Files.deleteIfExists(file);
        Files.createFile(file);
        final int descriptor = posix.open(file.toString(), O_RDWR, 0);
        if (descriptor < 0) {
            throw new IOException(file + ": " + posix.lastErrorStr());
        }
        final int result;
        try {
            result = posix.fallocate(descriptor, 0, 0, bytes);
        } finally {
            posix.close(descriptor);
        }
        // The library tries several calls and keeps the error of the last, which is not the one that matters.
        if (result != 0 || Files.size(file) < bytes) {
            throw new IOException(file + ": cannot allocate " + bytes + " bytes, " + freeSpace(file) + " are free");
        }
    }

    /** As {@link Disk#giveBack}; does nothing where the system cannot do it. */
    static void giveBack(Path file, long from, long to) throws IOException {
        final PosixAPI posix = PosixAPI.posix();
        final long start = BitUtil.align(from, PAGE);
        final long length = to / PAGE * PAGE - start;
        if (length <= 0 || posix.getClass().getSimpleName().startsWith("NoOp")) {
            return;
        }
        final int descriptor = posix.open(file.toString(), O_RDWR, 0);
        if (descriptor < 0) {
            throw new IOException(file + ": " + posix.lastErrorStr());
        }
        try {
            posix.fallocate(descriptor, PUNCH_HOLE, start, length);
        } finally {
            posix.close(descriptor);
        }
    }

    private static long freeSpace(Path file) throws IOException {
        return Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
    }

    private static void reserveByFreeSpace(Path file, long bytes) throws IOException {
        final long free = freeSpace(file);
        if (free < 2 * bytes) {
            throw new IOException(file + ": " + free + " bytes free, " + 2 * bytes + " needed");
        }
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
    }

    /** Puts the bytes of one record where the library has made room for them. */
    @FunctionalInterface
    interface Body {
        /** @param start where in the segment's file {@code address} is mapped from */
        void put(long address, int start) throws IOException;
    }

    /**
     * Writes one record behind whatever is in the current segment, which has room for it: also behind documents that
     * are in the file already without the library's doing, which passes over them as over another appender's.
     *
     * @return where in the segment's file the record lies
     */
    int write(int length, Body body) throws IOException {
        final long mapping;
        final int start;
        try (DocumentContext document = appender.writingDocument()) {
            final Bytes<?> bytes = document.wire().bytes();
            start = (int) bytes.writePosition();
            mapping = bytes.addressForWrite(start) - start;
            if (segment != advisedSegment) {
                adviseSmallPages(mapping);
            }
            try {
                body.put(mapping + start, start);
            } catch (IOException | RuntimeException | Error e) {
                document.rollbackOnClose();
                throw e;
            }
            bytes.writeSkip(length);
        }
        end = start - SegmentView.WORD + SegmentSpace.footprint(length);
        words.wrap(mapping, segmentBytes);
        if (words.getInt(end) != 0) {
            throw new RaftException("Chronicle Queue put something of its own behind a record, at " + end + " of "
                + namedFile() + "; use the version this log was built for");
        }
        return start;
    }

    /**
     * Read-ahead would fill the page cache with large folios, and a force writes each folio it finds dirty as a whole:
     * hundreds of kilobytes for one small record. Without read-ahead a page is brought in alone. Best effort: what is
     * durable does not depend on it.
     */
    private void adviseSmallPages(long mapping) {
        advisedSegment = segment;
        PosixAPI.posix().madvise(mapping, segmentBytes, MAdviseFlag.MADV_RANDOM);
    }

    /** Where in the current segment's file the next document belongs. */
    int end() {
        return end;
    }

    /** The next write goes to a new segment. */
    void roll() {
        segment++;
    }

    int segment() {
        return segment;
    }

    /** The file the last write went to. */
    Path file() {
        final Path expected = SegmentFiles.segmentFile(runDirectory, segment);
        final Path actual = appender.currentFile().toPath();
        if (!actual.getFileName().equals(expected.getFileName())) {
            throw new RaftException("Chronicle Queue wrote to " + actual + ", not to " + expected
                + "; use the version this log was built for");
        }
        return expected;
    }

    /** The current segment's file by its name; for messages. */
    Path namedFile() {
        return SegmentFiles.segmentFile(runDirectory, segment);
    }

    @Override
    public void close() {
        appender.close();
        queue.close();
    }
}
