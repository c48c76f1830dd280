package io.balsa.raft;

import java.util.function.LongSupplier;

import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.TermRuns;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.wire.AppendEntriesEncoder;
import io.balsa.raft.wire.AppendPartEncoder;
import io.balsa.raft.wire.AppendResultEncoder;
import io.balsa.raft.wire.BooleanType;
import io.balsa.raft.wire.CountsWhen;
import io.balsa.raft.wire.EnvelopeEncoder;
import io.balsa.raft.wire.HelloEncoder;
import io.balsa.raft.wire.InstallSnapshotEncoder;
import io.balsa.raft.wire.MessageHeaderEncoder;
import io.balsa.raft.wire.ReadmissionEncoder;
import io.balsa.raft.wire.RequestVoteEncoder;
import io.balsa.raft.wire.SnapshotResultEncoder;
import io.balsa.raft.wire.VoteEncoder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Encodes what this node says and hands it to the transport. A frame that is not taken is lost, which Raft expects of
 * any network; only {@link #appendEntries} and {@link #installSnapshot} tell their callers, who send it again.
 */
final class Outbox {
    private static final int ENTRY_OVERHEAD = AppendEntriesEncoder.EntriesEncoder.sbeBlockLength()
        + AppendEntriesEncoder.EntriesEncoder.commandHeaderLength();

    private final Transport transport;
    private final RaftLog log;
    private final Links links;
    private final StateChecks checks;
    private final long clusterId;
    private final int selfId;
    private final long ownBoot;
    private final long storeId;
    private boolean voter;
    private final String advertise;
    private final int maxAppendFrame;
    private final int maxSnapshotBytes;

    private final UnsafeBuffer frame;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final HelloEncoder hello = new HelloEncoder();
    private final RequestVoteEncoder requestVote = new RequestVoteEncoder();
    private final VoteEncoder vote = new VoteEncoder();
    private final AppendEntriesEncoder appendEntries = new AppendEntriesEncoder();
    private final AppendPartEncoder appendPart = new AppendPartEncoder();
    private final AppendResultEncoder appendResult = new AppendResultEncoder();
    private final ReadmissionEncoder readmission = new ReadmissionEncoder();
    private final InstallSnapshotEncoder installSnapshot = new InstallSnapshotEncoder();
    private final SnapshotResultEncoder snapshotResult = new SnapshotResultEncoder();
    private final RaftLog.EntryConsumer packEntry = this::packEntry;
    private final RaftLog.EntryConsumer sendParts = this::sendParts;

    private AppendEntriesEncoder.EntriesEncoder entries;
    private long packed;
    private int bytesSent;

    // The long entry being sent in parts, one for each row of links: where it stands.
    private final long[] partIndex;
    private final long[] partTerm;
    private final int[] partOffset;
    private int partRow;
    private int partsCode;

    private LongSupplier currentTerm = () -> 0;
    private LongSupplier durableIndex = () -> 0;
    private LongSupplier lastIndex = () -> 0;
    private LongSupplier lastTerm = () -> 0;
    private long keptTerm;
    private long keptIndex;
    private boolean recovers;
    private CountsWhen countsWhen = CountsWhen.FORCED;
    private boolean diskFull;
    private long refused;
    private boolean spoken;

    Outbox(Transport transport, RaftLog log, Links links, StateChecks checks, long clusterId, int selfId,
           long ownBoot, long storeId, boolean voter, String advertise) {
        this.transport = transport;
        this.log = log;
        this.links = links;
        this.checks = checks;
        this.clusterId = clusterId;
        this.selfId = selfId;
        this.ownBoot = ownBoot;
        this.storeId = storeId;
        this.voter = voter;
        this.advertise = advertise;
        maxAppendFrame = transport.maxFrameLength(Transport.APPEND);
        maxSnapshotBytes = transport.maxFrameLength(Transport.SNAPSHOT) - MessageHeaderEncoder.ENCODED_LENGTH
            - InstallSnapshotEncoder.BLOCK_LENGTH - InstallSnapshotEncoder.bytesHeaderLength();
        frame = new UnsafeBuffer(new byte[Math.max(maxAppendFrame,
            Math.max(transport.maxFrameLength(Transport.CONTROL), transport.maxFrameLength(Transport.SNAPSHOT)))]);
        partIndex = new long[links.id.length];
        partTerm = new long[links.id.length];
        partOffset = new int[links.id.length];
    }

    void hello(int row, boolean answer) {
        address(hello.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        greet(row, answer);
    }

    /** As {@link #hello}, but to whatever run is there: for a peer that may not be in the one we know. */
    void helloToAnyRun(int row) {
        address(hello.wrapAndApplyHeader(frame, 0, header).envelope(), row).toBoot(Links.UNKNOWN);
        greet(row, false);
    }

    private void greet(int row, boolean answer) {
        hello.term(currentTerm.getAsLong()).knownBoot(links.boot(row)).knownStore(links.storeId(row)).storeId(storeId)
            .keptTerm(keptTerm).keptIndex(keptIndex).answer(bool(answer)).olderCopy(bool(links.isOlderCopy(row)))
            .lastLogIndex(lastIndex.getAsLong()).lastLogTerm(lastTerm.getAsLong()).votes(bool(voter))
            .recovers(bool(recovers)).countsWhen(countsWhen).advertised(advertise);
        send(row, Transport.CONTROL, hello.limit());
    }

    /** Whether this node votes and counts: said with every answer to a leader. */
    void votes(boolean does) {
        voter = does;
    }

    /**
     * Says from here on which term this node is in and how much of its log there is and counts. What they are now, the
     * store has kept from its former runs, as far as it knows.
     *
     * @param doesRecover whether this node waits for the others, to go on without what may be lost
     */
    void speakOf(RaftCore core, Identity identity, boolean doesRecover) {
        currentTerm = core::currentTerm;
        durableIndex = core::persistedIndex;
        lastIndex = core::lastIndex;
        lastTerm = core::lastTerm;
        recovers = doesRecover;
        countsWhen = countsWhen(identity.durability());
        keptTerm = switch (identity.standing()) {
            case VOTER, REBUILDING -> core.currentTerm();
            case FOLLOWER, VOTE_LOST -> Links.NO_CLAIM;
        };
        keptIndex = identity.voter() ? core.persistedIndex() : Links.NO_CLAIM;
    }

    static CountsWhen countsWhen(Durability durability) {
        return switch (durability) {
            case FORCED -> CountsWhen.FORCED;
            case MEMORY_QUORUM -> CountsWhen.APPENDED;
        };
    }

    void readmission(int row, long term, long confirmedIndex) {
        address(readmission.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        readmission.term(term).confirmedIndex(confirmedIndex);
        send(row, Transport.CONTROL, readmission.limit());
    }

    void requestVote(int row, long term, long lastLogIndex, long lastLogTerm, boolean preVote) {
        address(requestVote.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        requestVote.term(term).lastLogIndex(lastLogIndex).lastLogTerm(lastLogTerm).preVote(bool(preVote));
        send(row, Transport.CONTROL, requestVote.limit());
    }

    void vote(int row, long term, boolean granted, boolean preVote) {
        address(vote.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        vote.term(term).granted(bool(granted)).preVote(bool(preVote));
        send(row, Transport.CONTROL, vote.limit());
    }

    void heartbeat(int row, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        beginAppend(row, term, round, prevLogIndex, prevLogTerm, leaderCommit);
        appendEntries.entriesCount(0);
        send(row, Transport.CONTROL, appendEntries.limit());
    }

    void appendSuccess(int row, long term, long round, long matchIndex, long verifiedIndex) {
        address(appendResult.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        appendResult.term(term).round(round).matchIndex(matchIndex).verifiedIndex(verifiedIndex).prevLogIndex(0)
            .lastLogIndex(0).checkIndex(checks.checkIndex()).stateHash(checks.stateHash()).success(BooleanType.YES)
            .voter(bool(voter)).diskFull(bool(diskFull)).runsCount(0);
        send(row, Transport.CONTROL, appendResult.limit());
    }

    void appendRejection(int row, long term, long round, long prevLogIndex, long lastLogIndex, TermRuns runs) {
        address(appendResult.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        appendResult.term(term).round(round).matchIndex(0).verifiedIndex(0).prevLogIndex(prevLogIndex)
            .lastLogIndex(lastLogIndex).checkIndex(checks.checkIndex()).stateHash(checks.stateHash())
            .success(BooleanType.NO).voter(bool(voter)).diskFull(bool(diskFull));
        final AppendResultEncoder.RunsEncoder group = appendResult.runsCount(runs.count());
        for (int i = 0; i < runs.count(); i++) {
            group.next().runTerm(runs.termOf(i)).firstIndex(runs.firstIndexOf(i));
        }
        send(row, Transport.CONTROL, appendResult.limit());
    }

    /** How many bytes of a snapshot go into one message. */
    int maxSnapshotBytes() {
        return maxSnapshotBytes;
    }

    /** Returns the transport's code. */
    int installSnapshot(int row, long term, Snapshot snapshot, long position, DirectBuffer bytes, int offset,
                        int length) {
        address(installSnapshot.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        installSnapshot.term(term).lastIncludedIndex(snapshot.index()).lastIncludedTerm(snapshot.term())
            .stateHash(snapshot.stateHash()).contentHash(snapshot.contentHash()).length(snapshot.length())
            .position(position).putBytes(bytes, offset, length);
        return send(row, Transport.SNAPSHOT, installSnapshot.limit());
    }

    void snapshotResult(int row, long term, long lastIncludedIndex, long contentHash, long position,
                        long written) {
        address(snapshotResult.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        snapshotResult.term(term).lastIncludedIndex(lastIncludedIndex).contentHash(contentHash).position(position)
            .written(written);
        send(row, Transport.CONTROL, snapshotResult.limit());
    }

    /** Said with every answer to a leader. */
    void diskIsFull(boolean full) {
        diskFull = full;
    }

    /**
     * Sends entries {@code prevLogIndex + 1 .. lastIndex}, as many as one frame holds; a longer entry goes in parts.
     *
     * @return the transport's code, or {@link Transport#BACK_PRESSURED} while parts are still to be sent
     */
    int appendEntries(int row, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit,
                      long lastIndex) {
        beginAppend(row, term, round, prevLogIndex, prevLogTerm, leaderCommit);
        packed = prevLogIndex;
        if (lastIndex == prevLogIndex) {
            appendEntries.entriesCount(0);
        } else {
            final long count =
                Math.min(lastIndex - prevLogIndex, AppendEntriesEncoder.EntriesEncoder.countMaxValue());
            entries = appendEntries.entriesCount((int) count);
            log.read(prevLogIndex + 1, prevLogIndex + count, packEntry);
            entries.resetCountToIndex();
            if (packed == prevLogIndex) {
                return appendInParts(row, term, round, prevLogIndex, prevLogTerm, leaderCommit);
            }
        }
        bytesSent = appendEntries.limit();
        return send(row, Transport.APPEND, appendEntries.limit());
    }

    /** The last entry that the last {@link #appendEntries} put into its frame. */
    long lastPacked() {
        return packed;
    }

    /** The bytes of entries that the last {@link #appendEntries} sent. */
    int bytesSent() {
        return bytesSent;
    }

    private boolean packEntry(long index, long term, byte kind, DirectBuffer buffer, int offset, int length) {
        if (appendEntries.limit() + ENTRY_OVERHEAD + length > maxAppendFrame) {
            return false;
        }
        entries.next().entryTerm(term).kind(kind).putCommand(buffer, offset, length);
        packed = index;
        return true;
    }

    private int appendInParts(int row, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        if (partIndex[row] != prevLogIndex + 1 || partTerm[row] != term) {
            partIndex[row] = prevLogIndex + 1;
            partTerm[row] = term;
            partOffset[row] = 0;
        }
        address(appendPart.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        appendPart.term(term).round(round).prevLogIndex(prevLogIndex).prevLogTerm(prevLogTerm)
            .leaderCommit(leaderCommit);
        partRow = row;
        log.read(prevLogIndex + 1, prevLogIndex + 1, sendParts);
        if (partsCode != Transport.BACK_PRESSURED) {
            partIndex[row] = 0; // whoever asks for this entry again gets it from its first part
        }
        if (partsCode == Transport.ACCEPTED) {
            packed = prevLogIndex + 1;
        }
        return partsCode;
    }

    private boolean sendParts(long index, long term, byte kind, DirectBuffer buffer, int offset, int length) {
        final int fixed = MessageHeaderEncoder.ENCODED_LENGTH + AppendPartEncoder.BLOCK_LENGTH;
        final int room = maxAppendFrame - fixed - AppendPartEncoder.partHeaderLength();
        while (partOffset[partRow] < length) {
            final int part = Math.min(room, length - partOffset[partRow]);
            appendPart.limit(fixed);
            appendPart.entryTerm(term).kind(kind).commandLength(length).partOffset(partOffset[partRow])
                .putPart(buffer, offset + partOffset[partRow], part);
            partsCode = send(partRow, Transport.APPEND, appendPart.limit());
            if (partsCode != Transport.ACCEPTED) {
                return false;
            }
            partOffset[partRow] += part;
        }
        bytesSent = length;
        return true;
    }

    private void beginAppend(int row, long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        address(appendEntries.wrapAndApplyHeader(frame, 0, header).envelope(), row);
        appendEntries.term(term).round(round).prevLogIndex(prevLogIndex).prevLogTerm(prevLogTerm)
            .leaderCommit(leaderCommit).agreedIndex(checks.agreedIndex()).agreedHash(checks.agreedHash())
            .durableIndex(durableIndex.getAsLong());
    }

    private EnvelopeEncoder address(EnvelopeEncoder envelope, int row) {
        return envelope.clusterId(clusterId).fromBoot(ownBoot).toBoot(links.boot(row)).from(selfId).to(links.id[row])
            .reserved(0);
    }

    private int send(int row, int stream, int length) {
        final int code = transport.offer(links.id[row], stream, frame, 0, length);
        if (code == Transport.ACCEPTED) {
            spoken = true;
        } else {
            refused++;
        }
        return code;
    }

    /** Whether the transport was given anything since this was last asked. */
    boolean hasSpoken() {
        final boolean has = spoken;
        spoken = false;
        return has;
    }

    /** Frames the transport did not take so far. */
    long refused() {
        return refused;
    }

    private static BooleanType bool(boolean value) {
        return value ? BooleanType.YES : BooleanType.NO;
    }
}
