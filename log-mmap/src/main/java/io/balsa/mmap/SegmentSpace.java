package io.balsa.mmap;

import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;

/**
 * How a segment's bytes are used.
 *
 * <pre>
 *  0          BEGIN                                  softEnd         hardEnd   segmentBytes
 *  +----------+--------------------------------------+---------------+---------+
 *  | library  | records                              | reserve       | library |
 *  +----------+--------------------------------------+---------------+---------+
 * </pre>
 *
 * The reserve takes no-ops and truncations when there is no space for another segment.
 */
final class SegmentSpace {
    /** At most this much is used by Chronicle Queue's header and index before the first record. */
    static final int BEGIN = 48 << 10;
    /** How long the writer sleeps between looks for the next segment. */
    static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    // For the end mark, and for the further index page that a million records would need.
    private static final int LIBRARY_END = 24 << 10;
    private static final int WORD = 4;
    private static final int PAGE = 4096;

    private SegmentSpace() {
    }

    static int footprint(int recordLength) {
        return BitUtil.align(recordLength, WORD) + WORD;
    }

    /** Where a file may be cut off whose last record ends at {@code position}. */
    static int fileEnd(int position) {
        return BitUtil.align(position, WORD);
    }

    /** What a file of this length takes at most: whole pages, and one to say where they are. */
    static int onDisk(int fileLength) {
        return BitUtil.align(fileLength, PAGE) + PAGE;
    }

    static int hardEnd(int segmentBytes) {
        return segmentBytes - LIBRARY_END;
    }

    static int softEnd(int segmentBytes) {
        return hardEnd(segmentBytes) - segmentBytes / 16;
    }
}
