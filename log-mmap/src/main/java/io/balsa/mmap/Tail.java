package io.balsa.mmap;

import io.balsa.mmap.record.CompactionEncoder;
import io.balsa.mmap.record.EntryEncoder;
import io.balsa.mmap.record.RecordHeaderEncoder;
import io.balsa.mmap.record.ResetEncoder;
import io.balsa.mmap.record.TruncateEncoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The newest records in memory, as a ring of items. The loop thread builds records here, entries are replicated and
 * applied from here, and the log thread seals and copies them to disk.
 *
 * <pre>
 *   0            4              8           16
 *  +------------+--------------+-----------+----------------------------+
 *  | item bytes | record bytes | location  | record: header, body ...   |   aligned to 8; record bytes 0: padding
 *  +------------+--------------+-----------+----------------------------+
 *   loop         loop           log thread  loop; header sealed by the log thread
 * </pre>
 *
 * <p>A position counts bytes since the log was opened; its low bits are the offset in the ring. The loop thread alone
 * gives space free, and only behind what is durable, so what the log thread reads stays where it is.
 */
final class Tail {
    static final int ITEM_HEADER = 16;
    private static final int ALIGNMENT = 8;
    private static final int RECORD_LENGTH = 4;
    private static final int LOCATION = 8;

    private final int capacity;
    private final long offsetMask;
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final RecordHeaderEncoder header = new RecordHeaderEncoder();
    private final EntryEncoder entry = new EntryEncoder();
    private final TruncateEncoder truncate = new TruncateEncoder();
    private final CompactionEncoder compaction = new CompactionEncoder();
    private final ResetEncoder reset = new ResetEncoder();

    Tail(int capacity) {
        this.capacity = capacity;
        this.offsetMask = capacity - 1L;
        this.bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
        this.buffer = new UnsafeBuffer(bytes);
    }

    int capacity() {
        return capacity;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /** A view of the ring for one thread's checksums. */
    ByteBuffer duplicate() {
        return bytes.duplicate();
    }

    /** The most entries the ring can hold. */
    static int maxEntries(int capacity) {
        return capacity / itemLength(Records.ENTRY_OVERHEAD);
    }

    static int itemLength(int recordLength) {
        return BitUtil.align(ITEM_HEADER + recordLength, ALIGNMENT);
    }

    /** Where an item of a record of this length begins if it goes behind {@code position}: records never wrap. */
    long start(long position, int recordLength) {
        final int toEnd = capacity - (int) (position & offsetMask);
        return itemLength(recordLength) <= toEnd ? position : position + toEnd;
    }

    /** Builds the item of an entry at {@code start}, which {@link #start} gave for {@code position}. */
    void putEntry(long position, long start, long index, long term, byte kind, DirectBuffer command, int offset,
                  int length) {
        final int record = claim(position, start, Records.ENTRY_OVERHEAD + length);
        entry.wrapAndApplyHeader(buffer, record, header)
            .index(index).term(term).kind(kind).putCommand(command, offset, length);
        header.bodyLength(Records.ENTRY_OVERHEAD + length - Records.HEADER);
    }

    /** Builds the item of a truncation. */
    void putTruncate(long position, long start, long fromIndex) {
        final int record = claim(position, start, Records.HEADER + TruncateEncoder.BLOCK_LENGTH);
        truncate.wrapAndApplyHeader(buffer, record, header).fromIndex(fromIndex);
        header.bodyLength(TruncateEncoder.BLOCK_LENGTH);
    }

    /** Builds the item that says that entries up to {@code baseIndex} may be missing. */
    void putCompaction(long position, long start, long baseIndex, long baseTerm, long lastIndex) {
        final int record = claim(position, start, Records.HEADER + CompactionEncoder.BLOCK_LENGTH);
        compaction.wrapAndApplyHeader(buffer, record, header).baseIndex(baseIndex).baseTerm(baseTerm)
            .lastIndex(lastIndex);
        header.bodyLength(CompactionEncoder.BLOCK_LENGTH);
    }

    /** Builds the item of a reset. */
    void putReset(long position, long start, long baseIndex, long baseTerm) {
        final int record = claim(position, start, Records.HEADER + ResetEncoder.BLOCK_LENGTH);
        reset.wrapAndApplyHeader(buffer, record, header).baseIndex(baseIndex).baseTerm(baseTerm);
        header.bodyLength(ResetEncoder.BLOCK_LENGTH);
    }

    private int claim(long position, long start, int recordLength) {
        if (start != position) {
            putItemHeader(offset(position), (int) (start - position), 0);
        }
        final int item = offset(start);
        putItemHeader(item, itemLength(recordLength), recordLength);
        return item + ITEM_HEADER;
    }

    private void putItemHeader(int item, int itemLength, int recordLength) {
        buffer.putInt(item, itemLength);
        buffer.putInt(item + RECORD_LENGTH, recordLength);
    }

    int offset(long position) {
        return (int) (position & offsetMask);
    }

    /** The position behind the item at {@code position}. */
    long next(long position) {
        return position + buffer.getInt(offset(position));
    }

    /** The offset in {@link #buffer()} of the item's record. */
    int record(long position) {
        return offset(position) + ITEM_HEADER;
    }

    /** 0 when the item is padding. */
    int recordLength(long position) {
        return buffer.getInt(offset(position) + RECORD_LENGTH);
    }

    void location(long position, long location) {
        buffer.putLong(offset(position) + LOCATION, location);
    }

    /** Where the record lies on disk; to be asked for durable items only. */
    long location(long position) {
        return buffer.getLong(offset(position) + LOCATION);
    }
}
