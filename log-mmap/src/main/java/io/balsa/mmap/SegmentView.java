package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One segment, mapped read-only by ourselves. A damaged file must be judged, not repaired or renamed, so Chronicle
 * Queue never opens a segment to read: its framing is simple enough to walk.
 *
 * <pre>
 *  0        4                4 + length, up to the next multiple of 4
 *  +--------+----------------+--------+------ ...
 *  | word   | payload        | word   |
 *  +--------+----------------+--------+------ ...
 *
 *  word: bit 31 = not complete, bit 30 = Chronicle's own data (headers, index), bits 0-29 = length; 0 = nothing here
 * </pre>
 */
final class SegmentView implements AutoCloseable {
    /** No further payload of ours. */
    static final int NONE = -1;

    /** The length of the word before a payload. */
    static final int WORD = Integer.BYTES;

    private static final int NOT_COMPLETE = 0x8000_0000;
    private static final int META_DATA = 0x4000_0000;
    private static final int LENGTH = 0x3FFF_FFFF;

    private final Path file;
    private final int segment;
    private final MappedByteBuffer mapped;
    private final ByteBuffer summed;
    private final UnsafeBuffer buffer;
    private final CRC32C crc = new CRC32C();

    private SegmentView(Path file, int segment, MappedByteBuffer mapped) {
        this.file = file;
        this.segment = segment;
        this.mapped = mapped;
        this.summed = mapped.duplicate();
        this.buffer = new UnsafeBuffer(mapped);
    }

    static SegmentView open(Path file, int segment) throws IOException {
        return open(file, segment, Disk.REAL);
    }

    static SegmentView open(Path file, int segment, Disk disk) throws IOException {
        try (FileChannel channel = disk.open(file, StandardOpenOption.READ)) {
            return new SegmentView(file, segment, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        }
    }

    Path file() {
        return file;
    }

    int segment() {
        return segment;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int length() {
        return buffer.capacity();
    }

    /**
     * Finds the first payload whose word lies at or after {@code position}.
     *
     * @param position of a word
     * @return where the payload begins, or {@link #NONE}
     */
    int payloadFrom(int position) {
        int at = position;
        while (at >= 0 && at <= length() - Integer.BYTES) {
            final int word = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN);
            final int payloadLength = word & LENGTH;
            if ((word & NOT_COMPLETE) != 0 || payloadLength == 0 || payloadLength > length() - at - Integer.BYTES) {
                return NONE;
            }
            if ((word & META_DATA) == 0) {
                return at == 0 ? NONE : at + Integer.BYTES;
            }
            at = wordAfter(at + Integer.BYTES);
        }
        return NONE;
    }

    /** The first payload of the segment, or {@link #NONE}. */
    int firstPayload() {
        return payloadFrom(0);
    }

    /** The payload after the one at {@code payload}, or {@link #NONE}. */
    int nextPayload(int payload) {
        return payloadFrom(wordAfter(payload));
    }

    /** Where the word after the payload at {@code payload} lies. */
    int wordAfter(int payload) {
        final int length = buffer.getInt(payload - Integer.BYTES, ByteOrder.LITTLE_ENDIAN) & LENGTH;
        return payload + length + 3 & ~3;
    }

    /** Whether the framing states the length that the record at {@code payload} states, perhaps padded. */
    boolean isFramed(int payload) {
        final int framed = buffer.getInt(payload - Integer.BYTES, ByteOrder.LITTLE_ENDIAN) & LENGTH;
        final long padding = fits(payload) ? framed - Records.recordLength(buffer, payload) : NONE;
        return padding >= 0 && padding < Integer.BYTES;
    }

    /** Whether a record of a believable length that lies within the file begins here, and its checksum is right. */
    boolean isRecord(int payload) {
        return fits(payload) && Records.storedCrc(buffer, payload) == computedCrc(payload);
    }

    /** Whether the length the record states lies within the file. */
    boolean fits(int payload) {
        return payload <= length() - Records.HEADER
            && Records.recordLength(buffer, payload) <= length() - payload;
    }

    /** The checksum the record at {@code payload} should carry; it {@link #fits}. */
    int computedCrc(int payload) {
        return Records.crc(crc, summed, payload, (int) Records.recordLength(buffer, payload));
    }

    /**
     * Searches for a sound record without trusting the framing.
     *
     * @param from where to begin
     * @return where the next record of this segment and store begins, or {@link #NONE}
     */
    int search(int from, int storeTag) {
        final int last = length() - Records.HEADER;
        for (int at = from + 3 & ~3; at <= last; at += Integer.BYTES) {
            if (buffer.getInt(at + Records.tagOffset(), ByteOrder.LITTLE_ENDIAN) == storeTag && isRecord(at)) {
                return at;
            }
        }
        return NONE;
    }

    @Override
    public void close() {
        buffer.wrap(0, 0);
        IoUtil.unmap(mapped);
    }
}
