package io.balsa.mmap;

import io.balsa.mmap.record.CloseDecoder;
import io.balsa.mmap.record.CompactionDecoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.RecordHeaderDecoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.SegmentHeaderDecoder;
import io.balsa.mmap.record.TruncateDecoder;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * Finds out what a log holds, without changing anything.
 *
 * <p>The records form a chain: each has the next sequence number and the checksum of the one before, through all
 * segments and runs. Where the chain breaks, at sequence s, either a crash tore records that were never durable, or
 * durable data is damaged. Every record says what was durable when it was written, so any sound record further on that
 * knows s to be durable proves damage. Without such a proof the rest is dropped: nobody was told that it is durable,
 * with one exception that cannot be told apart, damage to the very last forced batch.
 *
 * <p>What is missing or damaged is passed over, and reading begins anew at the next sound record. That is good if a
 * sound record further on says that what was before may be missing; else it is the damage that it looks like.
 */
final class Recovery {
    private static final System.Logger LOGGER = System.getLogger(Recovery.class.getName());
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int RECORDS_PER_LOOK = 1 << 12;
    private static final String REBUILD = "; start this node with --rebuild, so that its peers give it back what is "
        + "lost";

    /** A segment that was read: where its records begin in the chain and end in the file. */
    private record Extent(int segment, Path file, long firstRecordSeq, int prevCrc, int end, boolean hasContent) {
    }

    /**
     * What was found and what is to be done before the log goes on.
     *
     * @param ends     the file length up to which each segment counts
     * @param obsolete segments that hold nothing that counts, oldest first
     * @param endsWithCleanStop whether the newest run has marked a clean stop, or there was none that could append
     */
    record Findings(Recovered recovered, Map<Path, Integer> ends, List<Path> obsolete, boolean endsWithCleanStop) {
    }

    private final Path dir;
    private final Identity identity;
    private final Disk disk;
    private final Deque<Extent> extents = new ArrayDeque<>();
    private final Replay replay = new Replay();
    private final RecordHeaderDecoder header = new RecordHeaderDecoder();
    private final long startNanos = System.nanoTime();
    private long reportedNanos = startNanos;
    private long nextRecordSeq = 1;
    private int lastCrc;
    // Why reading could not begin at the beginning.
    private LogCorruptException passedOver;

    // The segment being read.
    private SegmentView view;
    private int segmentsRead;
    private int segmentsInAll;
    private int recordsSinceReport;
    private int storeTag;
    private int word;
    private boolean atHeader;
    private boolean hasContent;
    private boolean stopped;

    private Recovery(Path dir, Identity identity, Disk disk) {
        this.dir = dir;
        this.identity = identity;
        this.disk = disk;
    }

    /**
     * Reads the whole log.
     *
     * @param known what the vote file says: whose log it is, and how many records and runs it must have had
     * @throws LogCorruptException when durable data is damaged or missing, or belongs to somebody else
     */
    static Findings scan(Path dir, VoteFile.Slot known, Disk disk) throws IOException {
        final long newestRun = SegmentFiles.newestRun(dir, disk);
        if (newestRun > known.bootCounter()) {
            throw new LogCorruptException(VoteFile.path(dir) + " is older than the log: it knows of "
                + known.bootCounter() + " runs, and " + SegmentFiles.runDirectory(dir, newestRun)
                + " is of a later one, so that this server's votes since are lost" + REBUILD);
        }
        return new Recovery(dir, known.identity(), disk).scan(known.durableRecords());
    }

    private Findings scan(long durableRecords) throws IOException {
        final List<Map.Entry<Integer, Path>> segments = new ArrayList<>(SegmentFiles.list(dir, disk).entrySet());
        segmentsInAll = segments.size();
        if (!segments.isEmpty()) {
            begin(segments.getFirst());
        }
        segmentsRead = 0;
        while (segmentsRead < segments.size()) {
            segmentsRead = scanSegment(segments, segmentsRead);
        }
        if (passedOver != null && !replay.mayBeginHere()) {
            throw passedOver;
        }
        if (nextRecordSeq <= durableRecords) {
            throw new LogCorruptException("the log in " + SegmentFiles.logDirectory(dir) + " ends at record "
                + (nextRecordSeq - 1) + " (entry " + replay.lastIndex() + "), but record " + durableRecords
                + " was durable when this server last started or stopped" + REBUILD);
        }
        return findings(segments);
    }

    /** Finds out from the oldest segment's header where the log begins now. */
    private void begin(Map.Entry<Integer, Path> oldest) throws IOException {
        final Optional<SegmentStart> start = SegmentStart.of(oldest, identity.storeId(), disk);
        if (start.isPresent() && start.get().recordSeq() > 1) {
            beginAt(start.get(), new LogCorruptException("the log begins at entry " + start.get().nextIndex()
                + " (record " + start.get().recordSeq() + ") in " + oldest.getValue()
                + ", and no record says that what was before may be missing" + REBUILD));
        }
    }

    private void beginAt(SegmentStart start, LogCorruptException why) {
        extents.clear();
        replay.beginAt(start.nextIndex());
        nextRecordSeq = start.recordSeq();
        lastCrc = start.prevCrc();
        passedOver = why;
    }

    /** Begins anew behind what cannot be read, in the same segment; false when nothing there says where it stands. */
    private boolean beginAtNextRecord(LogCorruptException why) {
        int payload = view.search(word, storeTag);
        while (payload != SegmentView.NONE) {
            final Optional<SegmentStart> start = SegmentStart.at(view.buffer(), payload);
            if (start.isPresent() && start.get().recordSeq() > nextRecordSeq && view.isFramed(payload)) {
                beginAt(start.get(), why);
                word = payload - SegmentView.WORD;
                atHeader = false;
                return true;
            }
            payload = view.search(payload + 1, storeTag);
        }
        return false;
    }

    /**
     * Begins anew in a later segment.
     *
     * @return the segment to begin with
     */
    private int passOver(List<Map.Entry<Integer, Path>> segments, int i, LogCorruptException why) throws IOException {
        for (int next = i + 1; next < segments.size(); next++) {
            final Optional<SegmentStart> start = SegmentStart.of(segments.get(next), identity.storeId(), disk);
            if (start.isPresent() && start.get().recordSeq() > nextRecordSeq) {
                beginAt(start.get(), why);
                return next;
            }
        }
        throw why;
    }

    /** @return the segment in which the log goes on, or how many there are */
    private int scanSegment(List<Map.Entry<Integer, Path>> segments, int i) throws IOException {
        final int segment = segments.get(i).getKey();
        final Path file = segments.get(i).getValue();
        final long firstRecordSeq = nextRecordSeq;
        final int prevCrc = lastCrc;
        try (SegmentView opened = SegmentView.open(file, segment, disk)) {
            look(opened);
            // A log that is being written moves on while we look at it: what looked broken is looked at again, and is
            // broken if nothing has changed.
            long before = -1;
            while (true) {
                final Optional<SegmentStart> next = i + 1 < segments.size()
                    ? SegmentStart.of(segments.get(i + 1), identity.storeId(), disk) : Optional.empty();
                // What lies beyond where the next segment begins was dropped by a recovery.
                readRecords(next.map(SegmentStart::recordSeq).orElse(Long.MAX_VALUE));
                if (next.isPresent() && next.get().recordSeq() == nextRecordSeq) {
                    addExtent(firstRecordSeq, prevCrc);
                    return i + 1;
                }
                final OptionalLong proof = stopped && i + 1 == segments.size() ? OptionalLong.empty()
                    : proofOfDamage(segments, i);
                if (proof.isEmpty()) {
                    addExtent(firstRecordSeq, prevCrc);
                    return segments.size();
                }
                if (before == nextRecordSeq) {
                    final LogCorruptException why = broken(proof.getAsLong());
                    if (!beginAtNextRecord(why)) {
                        return passOver(segments, i, why);
                    }
                }
                before = nextRecordSeq;
            }
        }
    }

    private void look(SegmentView opened) {
        view = opened;
        storeTag = Records.storeTag(identity.storeId(), opened.segment());
        word = 0;
        atHeader = true;
        hasContent = false;
        stopped = false;
    }

    private void addExtent(long firstRecordSeq, int prevCrc) {
        extents.add(new Extent(view.segment(), view.file(), firstRecordSeq, prevCrc, word, hasContent));
    }

    private void readRecords(long untilRecordSeq) {
        int payload = view.payloadFrom(word);
        while (payload != SegmentView.NONE && nextRecordSeq < untilRecordSeq
            && view.isFramed(payload) && view.isRecord(payload)) {
            header.wrap(view.buffer(), payload);
            checkReadable(payload);
            if (header.storeTag() != (storeTag & 0xFFFF_FFFFL) || header.recordSeq() != nextRecordSeq
                || atHeader != (header.templateId() == SegmentHeaderDecoder.TEMPLATE_ID)) {
                return;
            }
            if ((int) header.prevCrc() != lastCrc) {
                throw new LogCorruptException("record " + nextRecordSeq + " in " + view.file() + " at " + payload
                    + ": follows a record with checksum %08x, found %08x".formatted(header.prevCrc(), lastCrc)
                    + REBUILD);
            }
            apply(payload);
            if (++recordsSinceReport == RECORDS_PER_LOOK) {
                report();
            }
            lastCrc = (int) header.crc32c();
            nextRecordSeq++;
            atHeader = false;
            word = view.wordAfter(payload);
            payload = view.payloadFrom(word);
        }
    }

    /** A sound record that is not ours to read is no damage, and must not be dropped as a torn one. */
    private void checkReadable(int payload) {
        if (header.schemaId() != RecordHeaderDecoder.SCHEMA_ID
            || header.version() > RecordHeaderDecoder.SCHEMA_VERSION) {
            throw new LogCorruptException(view.file() + " at " + payload + ": record of schema " + header.schemaId()
                + " version " + header.version() + ", this program reads schema " + RecordHeaderDecoder.SCHEMA_ID
                + " up to version " + RecordHeaderDecoder.SCHEMA_VERSION + "; start the program that wrote it");
        }
        if (header.templateId() == SegmentHeaderDecoder.TEMPLATE_ID) {
            final SegmentHeaderDecoder owner = new SegmentHeaderDecoder()
                .wrap(view.buffer(), payload + Records.HEADER, header.blockLength(), header.version());
            if (owner.clusterId() != identity.clusterId() || owner.nodeId() != identity.nodeId()
                || owner.storeId() != identity.storeId()) {
                throw new LogCorruptException("%s belongs to cluster %x node %d store %x, this directory to cluster %x "
                    .formatted(view.file(), owner.clusterId(), owner.nodeId(), owner.storeId(), identity.clusterId())
                    + "node %d store %x".formatted(identity.nodeId(), identity.storeId()) + REBUILD);
            }
        }
    }

    private void apply(int payload) {
        final DirectBuffer buffer = view.buffer();
        switch (header.templateId()) {
            case SegmentHeaderDecoder.TEMPLATE_ID -> replay.other();
            case EntryDecoder.TEMPLATE_ID -> applyEntry(payload);
            case TruncateDecoder.TEMPLATE_ID -> {
                replay.truncation(Records.truncatedFrom(buffer, payload));
                hasContent = true;
            }
            case CompactionDecoder.TEMPLATE_ID -> {
                replay.compaction(Records.compactedTo(buffer, payload), Records.compactedTerm(buffer, payload),
                    view.segment());
                hasContent = true;
            }
            case ResetDecoder.TEMPLATE_ID -> {
                replay.reset(Records.resetTo(buffer, payload), Records.resetTerm(buffer, payload), view.segment());
                hasContent = true;
            }
            case CloseDecoder.TEMPLATE_ID -> stopped = true;
            default -> throw new LogCorruptException(view.file() + " at " + payload + ": record of unknown kind "
                + header.templateId() + "; start the program that wrote it");
        }
    }

    private void applyEntry(int payload) {
        final long index = Records.entryIndex(view.buffer(), payload);
        if (index != replay.lastIndex() + 1) {
            throw new LogCorruptException("record " + nextRecordSeq + " in " + view.file() + " at " + payload
                + ": entry " + index + " follows entry " + replay.lastIndex() + REBUILD);
        }
        replay.entry(index, Records.entryTerm(view.buffer(), payload), IndexMap.location(view.segment(), payload));
        hasContent = true;
    }

    /** The sequence of a sound record beyond the break that knows the missing one to be durable. */
    private OptionalLong proofOfDamage(List<Map.Entry<Integer, Path>> segments, int i) throws IOException {
        final OptionalLong here = proofOfDamage(view, word);
        if (here.isPresent()) {
            return here;
        }
        for (final Map.Entry<Integer, Path> later : segments.subList(i + 1, segments.size())) {
            try (SegmentView opened = SegmentView.open(later.getValue(), later.getKey(), disk)) {
                final OptionalLong there = proofOfDamage(opened, 0);
                if (there.isPresent()) {
                    return there;
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong proofOfDamage(SegmentView in, int from) {
        final int tag = Records.storeTag(identity.storeId(), in.segment());
        int at = in.search(from, tag);
        while (at != SegmentView.NONE) {
            header.wrap(in.buffer(), at);
            if (header.recordSeq() >= nextRecordSeq && header.durableSeq() >= nextRecordSeq) {
                return OptionalLong.of(header.recordSeq());
            }
            at = in.search(at + (int) Records.recordLength(in.buffer(), at), tag);
        }
        return OptionalLong.empty();
    }

    private LogCorruptException broken(long provenBy) {
        final int payload = word + Integer.BYTES;
        final String found;
        if (!view.fits(payload)) {
            found = "no record";
        } else if (view.isRecord(payload)) {
            found = "a record that does not fit here";
        } else {
            found = "checksum %08x, expected %08x".formatted(Records.storedCrc(view.buffer(), payload),
                view.computedCrc(payload));
        }
        return new LogCorruptException("entry " + (replay.lastIndex() + 1) + " (record " + nextRecordSeq + ") in "
            + view.file() + " at " + payload + " is damaged or missing: found " + found + ", but record " + provenBy
            + " was written when it was durable" + REBUILD);
    }

    private Findings findings(List<Map.Entry<Integer, Path>> segments) {
        // Asked before a run that wrote nothing is forgotten: it may have held entries in its memory.
        final boolean endsWithCleanStop =
            segments.isEmpty() || (stopped && view.segment() == segments.getLast().getKey());
        // A run that wrote nothing leaves a segment with a header only: forget it, or every restart would add one.
        while (!extents.isEmpty() && !extents.getLast().hasContent) {
            final Extent empty = extents.removeLast();
            nextRecordSeq = empty.firstRecordSeq;
            lastCrc = empty.prevCrc;
        }
        replay.dropWhatIsNotNeeded();
        while (!extents.isEmpty() && extents.getFirst().segment < replay.firstSegment()) {
            extents.removeFirst();
        }
        final SegmentTable kept = new SegmentTable();
        final SortedMap<Path, Integer> ends = new TreeMap<>();
        for (final Extent extent : extents) {
            kept.add(extent.segment, extent.file, extent.end);
            ends.put(extent.file, extent.end);
        }
        final List<Path> obsolete = new ArrayList<>();
        for (final Map.Entry<Integer, Path> segment : segments) {
            if (!ends.containsKey(segment.getValue())) {
                obsolete.add(segment.getValue());
            }
        }
        final int lastSegment = segments.isEmpty() ? 0 : segments.getLast().getKey();
        return new Findings(new Recovered(kept, lastSegment, replay.firstIndex(), replay.baseTerm(), replay.lastIndex(),
            nextRecordSeq - 1, lastCrc, replay.terms(), replay.indexMap()), ends, obsolete, endsWithCleanStop);
    }

    private void report() {
        recordsSinceReport = 0;
        final long now = System.nanoTime();
        if (now - reportedNanos > REPORT_NANOS) {
            reportedNanos = now;
            LOGGER.log(System.Logger.Level.INFO, "reading the log in {0}: segment {1} of {2}, entry {3}, {4} s", dir,
                segmentsRead + 1, segmentsInAll, replay.lastIndex(), TimeUnit.NANOSECONDS.toSeconds(now - startNanos));
        }
    }
}
