package io.balsa.mmap;

import io.balsa.mmap.record.CompactionDecoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.RecordHeaderDecoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.SegmentHeaderDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * A place where reading a log can begin: what the record there follows.
 *
 * @param recordSeq of the record
 * @param prevCrc   the checksum of the record before it
 * @param nextIndex the index that the next entry has
 */
record SegmentStart(long recordSeq, int prevCrc, long nextIndex) {
    /** The place of a record; empty if it does not tell which index follows. */
    static Optional<SegmentStart> at(DirectBuffer buffer, int payload) {
        return switch (Records.templateId(buffer, payload)) {
            case EntryDecoder.TEMPLATE_ID -> at(buffer, payload, Records.entryIndex(buffer, payload));
            case CompactionDecoder.TEMPLATE_ID -> at(buffer, payload, Records.compactedLast(buffer, payload) + 1);
            case ResetDecoder.TEMPLATE_ID -> at(buffer, payload, Records.resetTo(buffer, payload) + 1);
            default -> Optional.empty();
        };
    }

    private static Optional<SegmentStart> at(DirectBuffer buffer, int payload, long nextIndex) {
        final RecordHeaderDecoder header = new RecordHeaderDecoder().wrap(buffer, payload);
        return Optional.of(new SegmentStart(header.recordSeq(), (int) header.prevCrc(), nextIndex));
    }

    /** Where a segment's header says that the log goes on with it; empty when it has no sound header of this store. */
    static Optional<SegmentStart> of(Map.Entry<Integer, Path> segment, long storeId, Disk disk)
        throws IOException {
        try (SegmentView opened = SegmentView.open(segment.getValue(), segment.getKey(), disk)) {
            final int payload = opened.firstPayload();
            if (payload == SegmentView.NONE || !opened.isRecord(payload)
                || Records.storedTag(opened.buffer(), payload) != Records.storeTag(storeId, segment.getKey())
                || Records.templateId(opened.buffer(), payload) != SegmentHeaderDecoder.TEMPLATE_ID) {
                return Optional.empty();
            }
            final SegmentHeaderDecoder start = new SegmentHeaderDecoder()
                .wrapAndApplyHeader(opened.buffer(), payload, new RecordHeaderDecoder());
            return at(opened.buffer(), payload, start.nextIndex());
        }
    }
}
