package io.balsa.mmap;

import io.balsa.mmap.record.CloseDecoder;
import io.balsa.mmap.record.CompactionDecoder;
import io.balsa.mmap.record.EntryDecoder;
import io.balsa.mmap.record.RecordHeaderDecoder;
import io.balsa.mmap.record.ResetDecoder;
import io.balsa.mmap.record.SegmentHeaderDecoder;
import io.balsa.mmap.record.TruncateDecoder;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/**
 * Says what lies in a node's directory, record by record, sound or not. Takes no lock and changes nothing, so it may be
 * used beside a running node; of a log that is being written it sees a moment.
 */
public final class LogDump {
    private final Consumer<String> lines;
    private final RecordHeaderDecoder header = new RecordHeaderDecoder();
    /** Whether an entry that is needed was met: what cannot be read before it was given back, and is no damage. */
    private boolean needed;
    private long firstNeeded;

    private LogDump(Consumer<String> lines) {
        this.lines = lines;
    }

    /**
     * Dumps the vote file in one line and every record in one line, in the order they were written.
     *
     * @param dir   a node's directory
     * @param lines takes each line as it is read
     * @throws RaftException when the directory cannot be read at all
     */
    public static void dump(Path dir, Consumer<String> lines) {
        new LogDump(lines).dump(dir);
    }

    private void dump(Path dir) {
        try {
            final VoteFile.Slot slot = VoteFile.read(dir);
            lines.accept("vote: cluster %x node %d store %x %s term %d votedFor %s boot %d durableRecords %d".formatted(
                slot.identity().clusterId(), slot.identity().nodeId(), slot.identity().storeId(),
                standing(slot.identity()), slot.currentTerm(),
                slot.votedFor() == VoteFile.NOBODY ? "nobody" : Integer.toString(slot.votedFor()), slot.bootCounter(),
                slot.durableRecords()));
            lookWhatIsNeeded(dir, slot);
            for (final Map.Entry<Integer, Path> segment : SegmentFiles.list(dir).entrySet()) {
                try (SegmentView view = SegmentView.open(segment.getValue(), segment.getKey())) {
                    final int tag = Records.storeTag(slot.identity().storeId(), segment.getKey());
                    dump(view, tag);
                }
            }
        } catch (NoSuchFileException e) {
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be read: " + e + "; check its path and rights", e);
        } catch (InternalError e) {
            // A node that starts gives the unused end of a file back; whoever has it mapped then reads beyond its end.
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        }
    }

    private void lookWhatIsNeeded(Path dir, VoteFile.Slot slot) {
        try {
            firstNeeded = Recovery.scan(dir, slot, Disk.REAL).recovered().firstIndex();
        } catch (LogCorruptException | IOException | InternalError damaged) {
            needed = true; // nobody can say
        }
    }

    private static String standing(Identity identity) {
        final String standing = switch (identity.standing()) {
            case VOTER -> "voter";
            case FOLLOWER -> "non-voter";
            case REBUILDING -> "rebuilding";
            case VOTE_LOST -> "rebuilding, vote lost";
        };
        return switch (identity.durability()) {
            case FORCED -> standing;
            case MEMORY_QUORUM -> standing + ", memory quorum";
        };
    }

    private void dump(SegmentView view, int tag) {
        lines.accept("segment %d %s %d bytes".formatted(view.segment(), view.file(), view.length()));
        int word = 0;
        int payload = view.payloadFrom(word);
        while (payload != SegmentView.NONE) {
            if (!view.isRecord(payload)) {
                lines.accept("  %10d %s".formatted(payload, needed ? "damaged" : "given back from here on"));
                payload = view.search(payload, tag);
            } else {
                lines.accept("  %10d %s".formatted(payload, record(view.buffer(), payload, tag)));
                needed |= header.templateId() == EntryDecoder.TEMPLATE_ID
                    && Records.entryIndex(view.buffer(), payload) >= firstNeeded;
                word = payload + (int) Records.recordLength(view.buffer(), payload);
                final int next = view.payloadFrom(word + 3 & ~3);
                payload = next == SegmentView.NONE ? view.search(word, tag) : next;
                if (payload != next) {
                    lines.accept("  %10d %s up to %d".formatted(word, needed ? "nothing sound" : "given back",
                        payload));
                }
            }
        }
    }

    private String record(DirectBuffer buffer, int payload, int tag) {
        header.wrap(buffer, payload);
        final String chain = "record %d crc %08x prev %08x durable %d%s ".formatted(header.recordSeq(),
            header.crc32c(), header.prevCrc(), header.durableSeq(), (int) header.storeTag() == tag ? "" : " foreign");
        return chain + switch (header.templateId()) {
            case SegmentHeaderDecoder.TEMPLATE_ID -> segmentHeader(buffer, payload);
            case EntryDecoder.TEMPLATE_ID -> "entry index %d term %d %s %d bytes".formatted(
                Records.entryIndex(buffer, payload), Records.entryTerm(buffer, payload),
                kind(Records.entryKind(buffer, payload)), Records.commandLength(buffer, payload));
            case TruncateDecoder.TEMPLATE_ID -> "truncate from %d".formatted(Records.truncatedFrom(buffer, payload));
            case CompactionDecoder.TEMPLATE_ID -> "compaction up to index %d term %d".formatted(
                Records.compactedTo(buffer, payload), Records.compactedTerm(buffer, payload));
            case ResetDecoder.TEMPLATE_ID -> "reset to index %d term %d".formatted(
                Records.resetTo(buffer, payload), Records.resetTerm(buffer, payload));
            case CloseDecoder.TEMPLATE_ID -> "close at index %d".formatted(new CloseDecoder()
                .wrap(buffer, payload + Records.HEADER, header.blockLength(), header.version()).lastIndex());
            default -> "kind " + header.templateId() + " unknown to this version";
        };
    }

    private String segmentHeader(DirectBuffer buffer, int payload) {
        final SegmentHeaderDecoder begin = new SegmentHeaderDecoder()
            .wrap(buffer, payload + Records.HEADER, header.blockLength(), header.version());
        return "segment header segment %d cluster %x node %d store %x next index %d".formatted(begin.segment(),
            begin.clusterId(), begin.nodeId(), begin.storeId(), begin.nextIndex());
    }

    private static String kind(byte kind) {
        return switch (kind) {
            case RaftLog.NO_OP -> "no-op";
            case RaftLog.COMMAND -> "command";
            default -> "kind " + kind;
        };
    }
}
