package io.balsa.mmap;

import io.balsa.mmap.record.CompactionDecoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.EntryEncoder;
import io.balsa.mmap.record.RecordHeaderDecoder;
import io.balsa.mmap.record.RecordHeaderEncoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.TruncateDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Where the fields of a record lie, and its checksum. The generated codecs write and read records; the offsets here
 * serve the places that look at one field of many records.
 */
final class Records {
    static final int HEADER = RecordHeaderEncoder.ENCODED_LENGTH;
    /** A record of an entry without its command. */
    static final int ENTRY_OVERHEAD = HEADER + EntryEncoder.BLOCK_LENGTH + EntryEncoder.commandHeaderLength();

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int CRC = RecordHeaderDecoder.crc32cEncodingOffset();
    private static final int BODY_LENGTH = RecordHeaderDecoder.bodyLengthEncodingOffset();
    private static final int TEMPLATE = RecordHeaderDecoder.templateIdEncodingOffset();
    private static final int STORE_TAG = RecordHeaderDecoder.storeTagEncodingOffset();
    private static final int RECORD_SEQ = RecordHeaderDecoder.recordSeqEncodingOffset();
    private static final int INDEX = HEADER + EntryDecoder.indexEncodingOffset();
    private static final int TERM = HEADER + EntryDecoder.termEncodingOffset();
    private static final int KIND = HEADER + EntryDecoder.kindEncodingOffset();
    private static final int FROM_INDEX = HEADER + TruncateDecoder.fromIndexEncodingOffset();
    private static final int COMPACTED_TO = HEADER + CompactionDecoder.baseIndexEncodingOffset();
    private static final int COMPACTED_TERM = HEADER + CompactionDecoder.baseTermEncodingOffset();
    private static final int COMPACTED_LAST = HEADER + CompactionDecoder.lastIndexEncodingOffset();
    private static final int RESET_TO = HEADER + ResetDecoder.baseIndexEncodingOffset();
    private static final int RESET_TERM = HEADER + ResetDecoder.baseTermEncodingOffset();
    private static final int COMMAND_LENGTH = HEADER + EntryDecoder.BLOCK_LENGTH;
    private static final int SUMMED_FROM = CRC + Integer.BYTES;

    private Records() {
    }

    /**
     * Marks every record of one segment of one store. A log may hold anything, a copy of its own segments too; when
     * recovery searches bytes for records, what a client stored must not look like one of ours.
     */
    static int storeTag(long storeId, int segment) {
        long mixed = (storeId ^ segment * 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ mixed >>> 29) * 0x94D0_49BB_1331_11EBL;
        // never 0: a blank page must not match
        return (int) (mixed >>> 32) | 1;
    }

    /** The checksum a record should carry; {@code view} is a duplicate of its memory that this call may move. */
    static int crc(CRC32C crc, ByteBuffer view, int record, int recordLength) {
        view.limit(record + recordLength).position(record + SUMMED_FROM);
        crc.reset();
        crc.update(view);
        return (int) crc.getValue();
    }

    static void setCrc(MutableDirectBuffer buffer, int record, int crc) {
        buffer.putInt(record + CRC, crc, ORDER);
    }

    static int storedCrc(DirectBuffer buffer, int record) {
        return buffer.getInt(record + CRC, ORDER);
    }

    /** Header and body; not to be trusted before the checksum is verified. */
    static long recordLength(DirectBuffer buffer, int record) {
        return HEADER + (buffer.getInt(record + BODY_LENGTH, ORDER) & 0xFFFF_FFFFL);
    }

    static int templateId(DirectBuffer buffer, int record) {
        return buffer.getShort(record + TEMPLATE, ORDER) & 0xFFFF;
    }

    static int storedTag(DirectBuffer buffer, int record) {
        return buffer.getInt(record + STORE_TAG, ORDER);
    }

    static int tagOffset() {
        return STORE_TAG;
    }

    static long recordSeq(DirectBuffer buffer, int record) {
        return buffer.getLong(record + RECORD_SEQ, ORDER);
    }

    static boolean isEntry(DirectBuffer buffer, int record) {
        return templateId(buffer, record) == EntryDecoder.TEMPLATE_ID;
    }

    static long entryIndex(DirectBuffer buffer, int record) {
        return buffer.getLong(record + INDEX, ORDER);
    }

    static long entryTerm(DirectBuffer buffer, int record) {
        return buffer.getLong(record + TERM, ORDER);
    }

    static long truncatedFrom(DirectBuffer buffer, int record) {
        return buffer.getLong(record + FROM_INDEX, ORDER);
    }

    static long compactedTo(DirectBuffer buffer, int record) {
        return buffer.getLong(record + COMPACTED_TO, ORDER);
    }

    static long compactedTerm(DirectBuffer buffer, int record) {
        return buffer.getLong(record + COMPACTED_TERM, ORDER);
    }

    /** The last entry of the log when it was compacted. */
    static long compactedLast(DirectBuffer buffer, int record) {
        return buffer.getLong(record + COMPACTED_LAST, ORDER);
    }

    static long resetTo(DirectBuffer buffer, int record) {
        return buffer.getLong(record + RESET_TO, ORDER);
    }

    static long resetTerm(DirectBuffer buffer, int record) {
        return buffer.getLong(record + RESET_TERM, ORDER);
    }

    static byte entryKind(DirectBuffer buffer, int record) {
        return buffer.getByte(record + KIND);
    }

    static int commandLength(DirectBuffer buffer, int record) {
        return buffer.getInt(record + COMMAND_LENGTH, ORDER);
    }

    static int commandOffset(int record) {
        return record + ENTRY_OVERHEAD;
    }
}
