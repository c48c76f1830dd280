package io.balsa.mmap;

import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Records on their way into a segment. All but the last of a batch go there in one write, framed as the library frames
 * its documents; the last is a document that the library writes itself, behind them.
 *
 * <p>Every page that is written to through a mapping costs a fault when it is written to again after a force, and each
 * force of it an interrupt of all processors that run this process, while a page written by a call costs neither. So of
 * a batch one page is touched through the mapping, and of a long record the one where it begins. Belongs to the log
 * thread.
 */
final class RecordBatch {
    private static final int STAGED_BYTES = 256 << 10;
    /** From this length on a record is worth a call of its own: it reaches into a further page. */
    private static final int LONG_RECORD = 4 << 10;
    private static final int WORD = SegmentView.WORD;

    private final Journal journal;
    private final ActiveSegment active;
    private final Journal.Body lastBody = this::putLast;
    private final UnsafeBuffer target = new UnsafeBuffer(0, 0);
    private final ByteBuffer staged = ByteBuffer.allocateDirect(STAGED_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    // Where the first word that is staged belongs, and the word of the record to come.
    private int stagedFrom;
    private int next;
    private int position;

    private boolean empty = true;
    private UnsafeBuffer lastBuffer;
    private ByteBuffer lastBytes;
    private int lastOffset;
    private int lastLength;

    RecordBatch(Journal journal, ActiveSegment active) {
        this.journal = journal;
        this.active = active;
    }

    /**
     * Begins a segment with a record, which is written at once.
     *
     * @return where in the segment's file the record lies
     */
    int begin(UnsafeBuffer buffer, ByteBuffer bytes, int offset, int length) throws IOException {
        last(buffer, bytes, offset, length);
        position = journal.write(length, lastBody) + length;
        written();
        return position - length;
    }

    /**
     * Adds a record, which stays where it is until {@link #write}.
     *
     * @param bytes another view of {@code buffer}; its limits are moved
     * @return where in the segment's file the record comes to lie
     */
    int add(UnsafeBuffer buffer, ByteBuffer bytes, int offset, int length) throws IOException {
        if (!empty) {
            stageLast();
        }
        last(buffer, bytes, offset, length);
        final int payload = next + WORD;
        next = payload + BitUtil.align(length, WORD);
        position = payload + length;
        return payload;
    }

    /** Writes what was added. */
    void write() throws IOException {
        if (empty) {
            return;
        }
        writeStaged();
        final int start = journal.write(lastLength, lastBody);
        if (start != position - lastLength) {
            throw new RaftException("Chronicle Queue wrote to " + start + " of " + journal.namedFile() + ", not to "
                + (position - lastLength) + "; use the version this log was built for");
        }
        written();
    }

    /** Where the last record ends in the segment's file, written or not. */
    int position() {
        return position;
    }

    private void last(UnsafeBuffer buffer, ByteBuffer bytes, int offset, int length) {
        empty = false;
        lastBuffer = buffer;
        lastBytes = bytes;
        lastOffset = offset;
        lastLength = length;
    }

    private void written() {
        empty = true;
        next = journal.end();
        stagedFrom = next;
    }

    private void stageLast() throws IOException {
        final int footprint = SegmentSpace.footprint(lastLength);
        if (footprint > staged.remaining()) {
            writeStaged();
        }
        staged.putInt(lastLength);
        if (footprint > staged.capacity()) {
            writeStaged();
            active.write(bytesOfLast(), stagedFrom);
            stagedFrom = next;
            return;
        }
        staged.put(bytesOfLast());
        for (int i = WORD + lastLength; i < footprint; i++) {
            staged.put((byte) 0);
        }
    }

    private void writeStaged() throws IOException {
        final int length = staged.position();
        if (length > 0) {
            active.write(staged.flip(), stagedFrom);
            staged.clear();
            stagedFrom += length;
        }
    }

    private ByteBuffer bytesOfLast() {
        return lastBytes.limit(lastOffset + lastLength).position(lastOffset);
    }

    private void putLast(long address, int start) throws IOException {
        if (lastLength < LONG_RECORD) {
            target.wrap(address, lastLength);
            target.putBytes(0, lastBuffer, lastOffset, lastLength);
        } else {
            active.write(bytesOfLast(), start);
        }
    }
}
