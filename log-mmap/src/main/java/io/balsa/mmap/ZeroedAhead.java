package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.agrona.BitUtil;
import org.agrona.IoUtil;

/**
 * Writes zeros into the segment in use, ahead of its records, and forces them.
 *
 * <p>Space that was allocated and never written is kept apart by the file system: the first write to each block of it
 * changes the file's metadata, and a force has to write those as well, one after the other. Over zeros a record is
 * written in place, and its force is a write and a flush. A log that grows fast has long batches, for which that
 * matters little, and needs the disk for itself: it is left alone until it grows more slowly.
 *
 * <p>Two threads write to one file, the log thread behind and the preparer ahead of it, and a byte of a record must
 * never become zero again. So each announces where it is going to write before it looks at what the other announced;
 * one of them then sees the other. The preparer gives way. The log thread waits, for one page.
 */
final class ZeroedAhead implements AutoCloseable {
    private static final int PAGE = 4096;
    /** What is forced at once: an entry may have to wait for that long. */
    private static final int STEP = 256 << 10;
    private static final int AHEAD = 16 * STEP;
    /** Smaller segments are left alone: they are not made for speed, and are full before this could help. */
    private static final int SMALLEST_SEGMENT = 4 * AHEAD;
    /** More than the library writes behind a record, or before the first one of a segment. */
    private static final int MARGIN = 64 << 10;
    private static final double FASTEST_BYTES_A_NANO = (32 << 20) / 1e9;
    private static final int NOTHING = Integer.MAX_VALUE;
    private static final int SPINS = 1_000;
    private static final long PARK_NS = 50_000;

    /** What both threads know of the segment in use. Once left, it is never written to from here again. */
    private static final class Segment {
        private final Path file;
        /** Of the log thread: it writes before this place, give or take {@link #MARGIN}. */
        private volatile int reached;
        /** Of the preparer: the page that it is writing now, or {@link #NOTHING}. */
        private volatile int zeroing = NOTHING;
        /** Of the preparer: it wants to go on when the records reach this place. */
        private volatile int goOnAt;
        private int zeroedTo;
        /** How far the records had come when it last looked how fast the log grows. */
        private int seen;
        private long seenNs;

        Segment(Path file, int reached, long nowNs) {
            this.file = file;
            this.reached = reached;
            seen = reached;
            seenNs = nowNs;
        }
    }

    private final Disk disk;
    private final Progress progress;
    private final LongSupplier clock;
    private final int segmentBytes;
    private final int end;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PAGE);
    private volatile Segment inUse;
    private volatile Thread preparer;
    private Segment opened;
    private FileChannel channel;
    /** To force zeros alone: what the log thread has written is for its own force, which is told of a failure. */
    private MappedByteBuffer mapped;
    private int writtenFrom;
    private int writtenTo;

    /**
     * @param inPlace whether the file system writes over what a file holds; else zeros would take the space that was
     *                allocated for records
     * @param clock   in nanoseconds, to see how fast the log grows and how long a step takes
     */
    ZeroedAhead(Disk disk, Progress progress, int segmentBytes, boolean inPlace, LongSupplier clock) {
        this.disk = disk;
        this.progress = progress;
        this.clock = clock;
        this.segmentBytes = segmentBytes;
        end = inPlace && segmentBytes >= SMALLEST_SEGMENT ? segmentBytes - MARGIN : 0;
    }

    /** Who calls {@link #step}, to be woken. */
    void preparer(Thread thread) {
        preparer = thread;
    }

    // ---- the log thread --------------------------------------------------------------------------------------------

    /** This segment is written to from now on; its records reach up to {@code position}. */
    void begin(Path file, int position) {
        inUse = new Segment(file, position, clock.getAsLong());
        LockSupport.unpark(preparer);
    }

    /** To be called before anything is written, with the place where it ends. */
    void reach(int position) {
        final Segment segment = inUse;
        if (segment == null) {
            return;
        }
        final int before = segment.reached;
        segment.reached = position;
        for (int looks = 0; segment.zeroing < position + MARGIN; looks++) {
            if (looks < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, PARK_NS);
            }
        }
        final int goOnAt = segment.goOnAt;
        if (before < goOnAt && position >= goOnAt) { // once: it may be resting
            LockSupport.unpark(preparer);
        }
    }

    /** The segment in use becomes one of the others: no zeros go there after this. */
    void leave() {
        reach(end);
        inUse = null;
    }

    // ---- the preparer ----------------------------------------------------------------------------------------------

    /** Whether the zeros do not reach as far ahead of the records as they should. */
    boolean isDue() {
        final Segment segment = inUse;
        return segment != null && segment.zeroedTo < end && segment.reached >= segment.goOnAt && !progress.poisoned();
    }

    /** The beginning of a segment that is not in use yet: its records are to find zeros from the first on. */
    void prepare(FileChannel prepared) throws IOException {
        for (int at = 0; at < Math.min(2 * STEP, end); at += PAGE) {
            disk.zero(prepared, zeros.clear(), at);
        }
    }

    /**
     * Goes one step ahead.
     *
     * @return how long to rest, in nanoseconds, so that the log's own forces find the disk free meanwhile
     */
    long step() {
        final Segment segment = inUse;
        if (segment == null) {
            return 0;
        }
        final long startNs = clock.getAsLong();
        try {
            if (opened != segment) {
                close(); // in any case: the file that was left may be deleted, and its space wanted
            }
            if (growsFast(segment, startNs)) {
                segment.goOnAt = segment.seen + AHEAD;
                return 0;
            }
            if (opened != segment) {
                open(segment);
            }
            if (!writeZeros(segment)) {
                return 0;
            }
        } catch (IOException | RuntimeException | Error e) {
            segment.zeroedTo = end; // nothing is lost but speed
            return 0;
        }
        try {
            disk.forcePart(channel, mapped, writtenFrom, writtenTo);
        } catch (IOException | RuntimeException | Error e) {
            progress.poison(segment.file + ": force failed: " + e
                + "; nothing since counts as durable, stop this node and check the disk", e);
        }
        return clock.getAsLong() - startNs;
    }

    /** Since the last look. */
    private static boolean growsFast(Segment segment, long nowNs) {
        final int grown = segment.reached - segment.seen;
        if (grown < STEP) {
            return false;
        }
        final long lastedNs = nowNs - segment.seenNs;
        segment.seen += grown;
        segment.seenNs = nowNs;
        return grown > FASTEST_BYTES_A_NANO * lastedNs;
    }

    private void open(Segment segment) throws IOException {
        channel = disk.open(segment.file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        mapped = disk.map(channel, segmentBytes);
        opened = segment;
        segment.zeroedTo = 2 * STEP;
    }

    /** @return whether there is something to force */
    private boolean writeZeros(Segment segment) throws IOException {
        final int from = Math.max(segment.zeroedTo, BitUtil.align(segment.reached + MARGIN, PAGE));
        final int to = Math.min(from + STEP, end);
        int at = from;
        while (at < to && zeroPage(segment, at)) {
            at += PAGE;
        }
        // Where the records were faster, they get a head start that they do not catch up with at once.
        final int next = at < to ? BitUtil.align(segment.reached + AHEAD / 2, PAGE) : at;
        segment.zeroedTo = Math.min(Math.max(next, segment.zeroedTo), end);
        segment.goOnAt = segment.zeroedTo - AHEAD + STEP;
        writtenFrom = from;
        writtenTo = at;
        return at > from;
    }

    /** @return whether it was still far enough ahead of the records */
    private boolean zeroPage(Segment segment, int at) throws IOException {
        segment.zeroing = at;
        try {
            if (segment.reached + MARGIN > at) {
                return false;
            }
            disk.zero(channel, zeros.clear(), at);
            return true;
        } finally {
            segment.zeroing = NOTHING;
        }
    }

    @Override
    public void close() throws IOException {
        opened = null;
        IoUtil.unmap(mapped);
        mapped = null;
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
