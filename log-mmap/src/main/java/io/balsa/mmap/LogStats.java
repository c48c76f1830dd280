package io.balsa.mmap;

import io.balsa.mmap.record.CloseDecoder;
import io.balsa.mmap.record.CompactionDecoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.SegmentHeaderDecoder;
import io.balsa.mmap.record.TruncateDecoder;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node's log amounts to. Reading it takes no lock and changes nothing, so it may be done beside a running node;
 * of a log that is being written it sees a moment.
 *
 * @param firstIndex       of the first entry that is still needed
 * @param lastIndex        of the last entry, {@code firstIndex - 1} when there is none
 * @param terms            how many entries each term has
 * @param recordsByKind    how many records of each kind lie in the segments, whether they still count or not
 * @param bytes            of all segments on the disk, with what is allocated ahead in them
 * @param reclaimableBytes of these, what the next start gives back: segments that hold nothing that is needed, and
 *                         unused ends
 * @param segments         oldest first
 */
public record LogStats(long firstIndex, long lastIndex, SortedMap<Long, Long> terms,
                       SortedMap<String, Long> recordsByKind, long bytes, long reclaimableBytes,
                       List<Segment> segments) {
    /**
     * One file of the log.
     *
     * @param bytes  its length
     * @param newest when it was last written to
     */
    public record Segment(int number, Path file, long bytes, Instant newest) {
    }

    public LogStats {
        terms = new TreeMap<>(terms);
        recordsByKind = new TreeMap<>(recordsByKind);
        segments = List.copyOf(segments);
    }

    /** How many entries there are. */
    public long entries() {
        return lastIndex - firstIndex + 1;
    }

    /** The segment that was begun first; empty for an empty log. */
    public Optional<Segment> oldest() {
        return segments.stream().findFirst();
    }

    /** The segment that was begun last; empty for an empty log. */
    public Optional<Segment> newest() {
        return segments.isEmpty() ? Optional.empty() : Optional.of(segments.getLast());
    }

    /**
     * Reads a log.
     *
     * @param dir a node's directory
     * @throws LogCorruptException when it is damaged
     * @throws RaftException       when the directory holds no server, cannot be read, or changes meanwhile
     */
    public static LogStats read(Path dir) {
        if (MmapStorage.isEmpty(dir)) {
            throw new RaftException("directory " + dir + " holds no server; give the directory of a node");
        }
        try {
            final VoteFile.Slot slot = VoteFile.read(dir);
            return of(Recovery.scan(dir, slot, Disk.REAL),
                slot.identity().storeId(), SegmentFiles.list(dir));
        } catch (NoSuchFileException | InternalError e) {
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be read: " + e + "; check its path and rights", e);
        }
    }

    private static LogStats of(Recovery.Findings findings, long storeId, SortedMap<Integer, Path> files)
        throws IOException {
        final List<Segment> segments = new ArrayList<>();
        final SortedMap<String, Long> kinds = new TreeMap<>();
        for (final Map.Entry<Integer, Path> file : files.entrySet()) {
            segments.add(new Segment(file.getKey(), file.getValue(), Files.size(file.getValue()),
                Files.getLastModifiedTime(file.getValue()).toInstant().truncatedTo(ChronoUnit.SECONDS)));
            countKinds(file.getKey(), file.getValue(), Records.storeTag(storeId, file.getKey()), kinds);
        }
        final long bytes = segments.stream().mapToLong(Segment::bytes).sum();
        final long used = findings.ends().values().stream().mapToLong(Integer::longValue).sum();
        final SortedMap<Long, Long> terms = new TreeMap<>();
        findings.recovered().terms().forEach((term, first, last) -> terms.merge(term, last - first + 1, Long::sum));
        return new LogStats(findings.recovered().firstIndex(), findings.recovered().lastIndex(), terms, kinds, bytes,
            bytes - used, segments);
    }

    private static void countKinds(int segment, Path file, int tag, SortedMap<String, Long> kinds)
        throws IOException {
        try (SegmentView view = SegmentView.open(file, segment)) {
            // Searched for and not walked along: the front of the oldest segment may have been given back.
            int at = view.search(0, tag);
            while (at != SegmentView.NONE) {
                kinds.merge(kind(Records.templateId(view.buffer(), at)), 1L, Long::sum);
                at = view.search(at + (int) Records.recordLength(view.buffer(), at), tag);
            }
        }
    }

    private static String kind(int templateId) {
        return switch (templateId) {
            case SegmentHeaderDecoder.TEMPLATE_ID -> "segment header";
            case EntryDecoder.TEMPLATE_ID -> "entry";
            case TruncateDecoder.TEMPLATE_ID -> "truncation";
            case CloseDecoder.TEMPLATE_ID -> "close";
            case CompactionDecoder.TEMPLATE_ID -> "compaction";
            case ResetDecoder.TEMPLATE_ID -> "reset";
            default -> "unknown";
        };
    }

    /** The figures as lines of text. */
    public List<String> lines() {
        final List<String> lines = new ArrayList<>();
        lines.add("entries: %d, from %d to %d".formatted(entries(), firstIndex, lastIndex));
        lines.add("terms: %s".formatted(terms.isEmpty() ? "none"
            : "%d, from %d to %d".formatted(terms.size(), terms.firstKey(), terms.lastKey())));
        lines.add("segments: " + segments.size());
        oldest().ifPresent(segment -> lines.add("oldest: " + text(segment)));
        newest().ifPresent(segment -> lines.add("newest: " + text(segment)));
        lines.add("bytes: %d, reclaimable: %d".formatted(bytes, reclaimableBytes));
        recordsByKind.forEach((kind, count) -> lines.add("records of kind %s: %d".formatted(kind, count)));
        return lines;
    }

    private static String text(Segment segment) {
        return "segment %d, %d bytes, last written %s, %s".formatted(segment.number, segment.bytes, segment.newest,
            segment.file);
    }
}
