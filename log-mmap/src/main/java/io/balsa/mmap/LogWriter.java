package io.balsa.mmap;

import io.balsa.mmap.record.CloseEncoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.RecordHeaderEncoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.SegmentHeaderEncoder;
import io.balsa.mmap.record.TruncateDecoder;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.TimerSlack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The log thread: brings records from the tail to the segment, forces, says so. Group commit needs no timer: the next
 * batch is whatever came in during the last force.
 */
final class LogWriter implements Runnable {
    // Bounds how long the first entry of a batch waits for the last.
    private static final int BATCH_BYTES = 4 << 20;

    private final Identity identity;
    private final Path runDirectory;
    private final int segmentBytes;
    private final int maxRecordLength;
    private final Tail tail;
    private final Progress progress;
    private final Journal journal;
    private final SegmentPreparer preparer;
    private final IndexMap indexMap;
    private final SegmentTable segments;
    private final Disk disk;
    private final ActiveSegment active;
    private final RecordBatch batch;
    private final DirectoryForces directories;
    private final WriterIdle idle;

    private final UnsafeBuffer tailBuffer;
    private final ByteBuffer tailBytes;
    private final CRC32C crc = new CRC32C();
    private final RecordHeaderEncoder header = new RecordHeaderEncoder();
    private final ByteBuffer ownBytes = ByteBuffer.allocateDirect(256);
    private final UnsafeBuffer ownRecord = new UnsafeBuffer(ownBytes);

    private int storeTag;
    private long nextIndex;
    private long nextRecordSeq;
    private long durableRecordSeq;
    private int prevCrc;
    private long written;
    private long lastEntry = Progress.NO_ENTRY;

    LogWriter(Identity identity, Path runDirectory, MmapConfig config, int maxRecordLength, Tail tail,
              Progress progress, Journal journal, SegmentPreparer preparer, Disk disk, ZeroedAhead zeros,
              DirectoryForces directories, Recovered recovered) {
        this.identity = identity;
        this.runDirectory = runDirectory;
        this.segmentBytes = config.segmentBytes();
        this.maxRecordLength = maxRecordLength;
        this.tail = tail;
        this.progress = progress;
        this.journal = journal;
        this.preparer = preparer;
        this.indexMap = recovered.indexMap();
        this.segments = recovered.segments();
        this.disk = disk;
        this.active = new ActiveSegment(disk, zeros);
        this.batch = new RecordBatch(journal, active);
        this.directories = directories;
        this.idle = new WriterIdle(progress);
        this.tailBuffer = tail.buffer();
        this.tailBytes = tail.duplicate();
        this.nextIndex = recovered.lastIndex() + 1;
        this.nextRecordSeq = recovered.lastRecordSeq() + 1;
        this.durableRecordSeq = recovered.lastRecordSeq();
        this.prevCrc = recovered.lastCrc();
    }

    /** The record sequence up to which everything is durable; for the thread that waited for this one to end. */
    long durableRecordSeq() {
        return durableRecordSeq;
    }

    /** Begins the first segment of this run, on the opener's thread, before the log thread starts. */
    void begin() throws IOException {
        final int payload = beginSegment();
        // The library's framing is an assumption of ours: see that we can read what it wrote before relying on it.
        try (SegmentView view = SegmentView.open(journal.file(), journal.segment(), disk)) {
            if (view.firstPayload() != payload || !view.isRecord(payload)) {
                throw new RaftException("a record written to " + journal.file() + " cannot be read back; "
                    + "use the Chronicle Queue version this log was built for");
            }
        }
    }

    @Override
    public void run() {
        TimerSlack.lower();
        try {
            writeUntilClosed();
            if (!progress.poisoned()) {
                close();
            }
        } catch (IOException | RuntimeException | Error e) {
            // An InternalError is a page that could not be written (SIGBUS). Nothing is tried again: after a failed
            // force the kernel may have dropped the pages, and the next force would succeed without them.
            progress.poison(journal.namedFile() + ": write or force failed: " + e
                + "; nothing since counts as durable, stop this node and check the disk", e);
        } finally {
            release();
        }
    }

    private void writeUntilClosed() throws IOException {
        while (!progress.poisoned()) {
            final long appended = progress.appended();
            if (written != appended) {
                writeBatch(appended);
                force();
                idle.worked();
            } else if (progress.closing()) {
                return;
            } else {
                idle.idle(appended);
            }
        }
    }

    private void writeBatch(long appended) throws IOException {
        final long enough = written + BATCH_BYTES;
        while (written != appended && written < enough) {
            final int length = tail.recordLength(written);
            if (length > 0) {
                writeItem(length);
            }
            written = tail.next(written);
        }
    }

    private void writeItem(int length) throws IOException {
        rollIfFull(length);
        final int record = tail.record(written);
        switch (Records.templateId(tailBuffer, record)) {
            case EntryDecoder.TEMPLATE_ID -> {
                lastEntry = written;
                nextIndex = Records.entryIndex(tailBuffer, record) + 1;
            }
            case TruncateDecoder.TEMPLATE_ID -> nextIndex = Records.truncatedFrom(tailBuffer, record);
            case ResetDecoder.TEMPLATE_ID -> nextIndex = Records.resetTo(tailBuffer, record) + 1;
            default -> {
                // a compaction: the next entry is the one it was
            }
        }
        seal(tailBuffer, tailBytes, record, length);
        tail.location(written, IndexMap.location(journal.segment(), batch.add(tailBuffer, tailBytes, record, length)));
    }

    private void seal(UnsafeBuffer buffer, ByteBuffer bytes, int record, int length) {
        header.wrap(buffer, record).storeTag(storeTag).prevCrc(prevCrc & 0xFFFF_FFFFL).recordSeq(nextRecordSeq)
            .durableSeq(durableRecordSeq);
        prevCrc = Records.crc(crc, bytes, record, length);
        Records.setCrc(buffer, record, prevCrc);
        nextRecordSeq++;
    }

    /** Writes what is still to be written, makes it durable, and only then says so. */
    private void force() throws IOException {
        batch.write();
        active.force(batch.position());
        if (progress.poisoned()) { // by who forces zeros in the same file: what it was told of may be ours
            throw new IOException("the log has failed elsewhere");
        }
        durableRecordSeq = nextRecordSeq - 1;
        publishLimits();
        progress.durable(written, lastEntry);
    }

    private void rollIfFull(int length) throws IOException {
        final int end = batch.position() + SegmentSpace.footprint(length);
        if (end <= SegmentSpace.softEnd(segmentBytes)) {
            return;
        }
        final int next = journal.segment() + 1;
        // The reserve is for what must always fit. Everything else was refused by roomFor.
        if (!preparer.isReady(next) && end <= SegmentSpace.hardEnd(segmentBytes)) {
            return;
        }
        // The new segment's header says that everything before it is durable, so that must be true first; nor shall
        // what is written wait for space that only its successors need.
        force();
        while (!preparer.isReady(next)) {
            LockSupport.parkNanos(this, SegmentSpace.WAIT_NANOS);
            if (progress.poisoned()) {
                throw new IOException("the log has failed elsewhere");
            }
            // A close waits for a slow disk as it does for a force, and gives up on a full one.
            if (progress.closing() && preparer.isRefused()) {
                throw new IOException("no space for the next segment");
            }
        }
        segments.complete(journal.segment(), SegmentSpace.fileEnd(batch.position()));
        active.leave();
        journal.roll();
        beginSegment();
    }

    private int beginSegment() throws IOException {
        storeTag = Records.storeTag(identity.storeId(), journal.segment());
        new SegmentHeaderEncoder().wrapAndApplyHeader(ownRecord, 0, header)
            .clusterId(identity.clusterId()).storeId(identity.storeId()).firstRecordSeq(nextRecordSeq)
            .nextIndex(nextIndex).segment(journal.segment()).nodeId(identity.nodeId());
        final int length = sealOwn(SegmentHeaderEncoder.BLOCK_LENGTH);
        final int payload = batch.begin(ownRecord, ownBytes, 0, length);
        segments.begin(journal.segment(), journal.file());
        preparer.want(journal.segment() + 1);
        active.begin(journal.file(), segmentBytes, batch.position());
        directories.force(runDirectory);
        durableRecordSeq = nextRecordSeq - 1;
        indexMap.provideChunk();
        publishLimits();
        return payload;
    }

    private int sealOwn(int blockLength) {
        header.wrap(ownRecord, 0).bodyLength(blockLength);
        final int length = Records.HEADER + blockLength;
        seal(ownRecord, ownBytes, 0, length);
        return length;
    }

    private void publishLimits() {
        final int left = Math.max(0, SegmentSpace.softEnd(segmentBytes) - batch.position());
        // A record that does not fit here leaves up to its own length unused, here and in the next segment.
        final int leftHere = Math.max(0, left - maxRecordLength);
        final int leftNext = SegmentSpace.softEnd(segmentBytes) - SegmentSpace.BEGIN - maxRecordLength;
        progress.limits(written + left, written + leftHere + leftNext);
    }

    /** Marks a clean stop: recovery then knows that nothing is missing. */
    private void close() throws IOException {
        new CloseEncoder().wrapAndApplyHeader(ownRecord, 0, header).lastIndex(nextIndex - 1);
        batch.add(ownRecord, ownBytes, 0, sealOwn(CloseEncoder.BLOCK_LENGTH));
        force();
    }

    /** Lets go of the files, also when the log failed. */
    void release() {
        active.leave();
        try {
            try {
                journal.close();
            } finally {
                active.close();
            }
        } catch (IOException | RuntimeException e) {
            progress.poison(runDirectory + ": could not be closed: " + e, e);
        }
    }
}
