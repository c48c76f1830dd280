package io.balsa.mmap;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The segments that a log consists of, oldest first. The log thread adds to it, the loop thread looks things up, the
 * preparer removes from its front; none waits for another.
 */
final class SegmentTable {
    /** A segment's file, and where its records end: {@link #OPEN} as long as it is written to. */
    private record Segment(Path file, int end) {
    }

    private static final int OPEN = -1;
    // What is kept of the oldest segment beside the entries that are to be kept: its header, and parts of pages.
    private static final int OVERHEAD = 64 << 10;

    private final ConcurrentNavigableMap<Integer, Segment> segments = new ConcurrentSkipListMap<>();

    /** Adds a segment that is complete. */
    void add(int segment, Path file, int end) {
        segments.put(segment, new Segment(file, end));
    }

    /** Adds the segment that is written to from now on. */
    void begin(int segment, Path file) {
        segments.put(segment, new Segment(file, OPEN));
    }

    /** No more is written to this segment, whose records end here. */
    void complete(int segment, int end) {
        segments.computeIfPresent(segment, (number, open) -> new Segment(open.file, end));
    }

    /** The file of a segment that is in the table. */
    Path file(int segment) {
        return segments.get(segment).file;
    }

    /**
     * Walks back from a place in the log over as many bytes as are to be kept, files counted with all they hold.
     *
     * @return the place where the walk ends; the front of its segment is kept for nothing but the rest of it
     */
    long walkBack(long location, long bytes) {
        int segment = IndexMap.segment(location);
        if (bytes <= OVERHEAD) {
            return location;
        }
        long left = bytes - OVERHEAD - IndexMap.payload(location);
        Map.Entry<Integer, Segment> before = segments.lowerEntry(segment);
        while (left >= 0 && before != null) {
            segment = before.getKey();
            left -= SegmentSpace.onDisk(before.getValue().end);
            before = segments.lowerEntry(segment);
        }
        return IndexMap.location(segment, (int) Math.max(0, -left));
    }

    /** Where the records of a segment end that is written to no more. */
    int end(int segment) {
        return segments.get(segment).end;
    }

    /** The oldest segment, if it is older than this one. */
    Optional<Map.Entry<Integer, Path>> oldestBefore(int segment) {
        final Map.Entry<Integer, Segment> oldest = segments.firstEntry();
        return oldest == null || oldest.getKey() >= segment ? Optional.empty()
            : Optional.of(Map.entry(oldest.getKey(), oldest.getValue().file));
    }

    /** The file of this segment is gone. */
    void remove(int segment) {
        segments.remove(segment);
    }

    /** Whether any segment lies in this directory. */
    boolean holdsAnyOf(Path directory) {
        return segments.values().stream().anyMatch(segment -> directory.equals(segment.file.getParent()));
    }
}
