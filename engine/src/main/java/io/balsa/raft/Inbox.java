package io.balsa.raft;

import io.balsa.raft.core.EntryBatch;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.TermRuns;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.Transport;
import io.balsa.raft.wire.AppendEntriesDecoder;
import io.balsa.raft.wire.AppendPartDecoder;
import io.balsa.raft.wire.AppendResultDecoder;
import io.balsa.raft.wire.BooleanType;
import io.balsa.raft.wire.CountsWhen;
import io.balsa.raft.wire.EnvelopeDecoder;
import io.balsa.raft.wire.HelloDecoder;
import io.balsa.raft.wire.InstallSnapshotDecoder;
import io.balsa.raft.wire.MessageHeaderDecoder;
import io.balsa.raft.wire.ReadmissionDecoder;
import io.balsa.raft.wire.RequestVoteDecoder;
import io.balsa.raft.wire.SnapshotResultDecoder;
import io.balsa.raft.wire.VoteDecoder;
import org.agrona.DirectBuffer;

/**
 * Decodes frames into inputs of the core. A frame that does not fit (another cluster, another node, a former run of
 * either side, an unknown layout) is dropped and counted: what it says is not for us, or no longer.
 */
final class Inbox implements Transport.FrameHandler {
    private static final int ENVELOPE_END = MessageHeaderDecoder.ENCODED_LENGTH + EnvelopeDecoder.ENCODED_LENGTH;

    private final RaftCore core;
    private final RaftLog log;
    private final Links links;
    private final Outbox outbox;
    private final StateChecks checks;
    private final QuorumTrouble trouble;
    private final Storage storage;
    private final CountsWhen countsWhen;
    private final SnapshotReceiver receiver;
    private final SnapshotSender sender;
    private final long clusterId;
    private final int selfId;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final EnvelopeDecoder envelope = new EnvelopeDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final RequestVoteDecoder requestVote = new RequestVoteDecoder();
    private final VoteDecoder vote = new VoteDecoder();
    private final AppendEntriesDecoder appendEntries = new AppendEntriesDecoder();
    private final AppendPartDecoder appendPart = new AppendPartDecoder();
    private final AppendResultDecoder appendResult = new AppendResultDecoder();
    private final ReadmissionDecoder readmission = new ReadmissionDecoder();
    private final InstallSnapshotDecoder installSnapshot = new InstallSnapshotDecoder();
    private final SnapshotResultDecoder snapshotResult = new SnapshotResultDecoder();
    private final ReceivedEntries received = new ReceivedEntries();
    private final ReceivedRuns runs = new ReceivedRuns();
    private final PartAssembly assembly = new PartAssembly();

    /** Of the sender of the frame now being handled. */
    private int row;
    private long nowNs;
    private long dropped;

    Inbox(RaftCore core, RaftLog log, Links links, Outbox outbox, StateChecks checks, QuorumTrouble trouble,
          SnapshotReceiver receiver, SnapshotSender sender, Storage storage) {
        this.core = core;
        this.log = log;
        this.links = links;
        this.outbox = outbox;
        this.checks = checks;
        this.receiver = receiver;
        this.sender = sender;
        this.storage = storage;
        this.trouble = trouble;
        countsWhen = Outbox.countsWhen(storage.identity().durability());
        clusterId = storage.identity().clusterId();
        selfId = storage.identity().nodeId();
    }

    void at(long cycleNowNs) {
        nowNs = cycleNowNs;
    }

    /** Frames dropped so far. */
    long dropped() {
        return dropped;
    }

    @Override
    public void onFrame(DirectBuffer buffer, int offset, int length) {
        if (length < ENVELOPE_END) {
            dropped++;
            return;
        }
        header.wrap(buffer, offset);
        envelope.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH);
        row = links.rowOf(envelope.from());
        final boolean ours = header.schemaId() == MessageHeaderDecoder.SCHEMA_ID
            && envelope.clusterId() == clusterId && envelope.to() == selfId && row >= 0;
        if (!ours || header.blockLength() < leastBlockLength(header.templateId())
            || length < MessageHeaderDecoder.ENCODED_LENGTH + header.blockLength()) {
            dropped++;
        } else if (header.templateId() == HelloDecoder.TEMPLATE_ID) {
            onHello(buffer, offset, length);
        } else if (!links.fits(row, envelope.fromBoot(), envelope.toBoot())) {
            dropped++;
            greet(); // so that a peer that restarted, or took us for our former run, learns better
        } else {
            dispatch(buffer, offset, offset + length);
        }
    }

    /** A shorter block has no room for the fields that are read; an unknown message is never long enough. */
    private static int leastBlockLength(int templateId) {
        return switch (templateId) {
            case HelloDecoder.TEMPLATE_ID -> HelloDecoder.BLOCK_LENGTH;
            case RequestVoteDecoder.TEMPLATE_ID -> RequestVoteDecoder.BLOCK_LENGTH;
            case VoteDecoder.TEMPLATE_ID -> VoteDecoder.BLOCK_LENGTH;
            case AppendEntriesDecoder.TEMPLATE_ID -> AppendEntriesDecoder.BLOCK_LENGTH;
            case AppendPartDecoder.TEMPLATE_ID -> AppendPartDecoder.BLOCK_LENGTH;
            case AppendResultDecoder.TEMPLATE_ID -> AppendResultDecoder.BLOCK_LENGTH;
            case ReadmissionDecoder.TEMPLATE_ID -> ReadmissionDecoder.BLOCK_LENGTH;
            case InstallSnapshotDecoder.TEMPLATE_ID -> InstallSnapshotDecoder.BLOCK_LENGTH;
            case SnapshotResultDecoder.TEMPLATE_ID -> SnapshotResultDecoder.BLOCK_LENGTH;
            default -> Integer.MAX_VALUE;
        };
    }

    private void dispatch(DirectBuffer buffer, int offset, int end) {
        switch (header.templateId()) {
            case AppendEntriesDecoder.TEMPLATE_ID -> onAppendEntries(buffer, offset, end);
            case AppendResultDecoder.TEMPLATE_ID -> onAppendResult(buffer, offset, end);
            case AppendPartDecoder.TEMPLATE_ID -> onAppendPart(buffer, offset, end);
            case RequestVoteDecoder.TEMPLATE_ID -> {
                requestVote.wrapAndApplyHeader(buffer, offset, header);
                if (requestVote.preVote() == BooleanType.NO) { // else the term is one that it is not in
                    links.promises(row, requestVote.term(), 0);
                }
                core.onRequestVote(envelope.from(), requestVote.term(), requestVote.lastLogIndex(),
                    requestVote.lastLogTerm(), requestVote.preVote() == BooleanType.YES, nowNs);
            }
            case VoteDecoder.TEMPLATE_ID -> {
                vote.wrapAndApplyHeader(buffer, offset, header);
                if (vote.preVote() == BooleanType.NO) {
                    links.promises(row, vote.term(), 0);
                }
                core.onVote(envelope.from(), vote.term(), vote.granted() == BooleanType.YES,
                    vote.preVote() == BooleanType.YES, nowNs);
            }
            case InstallSnapshotDecoder.TEMPLATE_ID -> onInstallSnapshot(buffer, offset, end);
            case SnapshotResultDecoder.TEMPLATE_ID -> {
                snapshotResult.wrapAndApplyHeader(buffer, offset, header);
                core.onSnapshotResult(envelope.from(), snapshotResult.term(), nowNs);
                sender.onResult(links.rowOf(envelope.from()), snapshotResult.lastIncludedIndex(),
                    snapshotResult.contentHash(), snapshotResult.position(), snapshotResult.written(), nowNs);
            }
            case ReadmissionDecoder.TEMPLATE_ID -> {
                readmission.wrapAndApplyHeader(buffer, offset, header);
                core.onReadmission(envelope.from(), readmission.term(), readmission.confirmedIndex(), nowNs);
            }
            default -> dropped++;
        }
    }

    private void onInstallSnapshot(DirectBuffer buffer, int offset, int end) {
        installSnapshot.wrapAndApplyHeader(buffer, offset, header);
        final int bytesOffset = installSnapshot.limit() + InstallSnapshotDecoder.bytesHeaderLength();
        final int length = bytesOffset <= end ? installSnapshot.bytesLength() : -1;
        if (length < 0 || length > end - bytesOffset) {
            dropped++;
            return;
        }
        receiver.onInstallSnapshot(row, installSnapshot.term(), new Snapshot(
            installSnapshot.lastIncludedIndex(), installSnapshot.lastIncludedTerm(), installSnapshot.stateHash(),
            installSnapshot.contentHash(), installSnapshot.length()), installSnapshot.position(), buffer, bytesOffset,
            length, nowNs);
    }

    private void onHello(DirectBuffer buffer, int offset, int length) {
        hello.wrapAndApplyHeader(buffer, offset, header);
        final boolean whole = hello.limit() + HelloDecoder.advertisedHeaderLength() <= offset + length
            && hello.limit() + HelloDecoder.advertisedHeaderLength() + hello.advertisedLength() <= offset + length;
        final BooleanType answer = hello.answer();
        if (whole) {
            lookForCopies();
        }
        final boolean isNewRun = envelope.fromBoot() != links.boot(row);
        if (whole && hello.countsWhen() != countsWhen) {
            dropped++;
            trouble.onOtherDurability(row);
        } else if (!whole || !links.onHello(row, envelope.fromBoot(), envelope.toBoot(), hello.storeId(),
            hello.keptTerm(), hello.keptIndex(), hello.advertised())) {
            dropped++;
            // It takes us for a former run, or is one itself. Were we to name the run we take it for, and be wrong as
            // well, each would refuse the other's greetings for ever.
            if (links.mayGreet(row, nowNs)) {
                outbox.helloToAnyRun(row);
            }
        } else if (links.isOlderCopy(row)) {
            core.onLoss(envelope.from(), hello.keptIndex(), nowNs);
            outbox.hello(row, true);
        } else {
            links.promises(row, hello.term(), 0);
            onMember(isNewRun);
            if (answer == BooleanType.NO) {
                outbox.hello(row, true);
            }
        }
    }

    private void onMember(boolean isNewRun) {
        final boolean votes = hello.votes() == BooleanType.YES;
        final boolean recovers = hello.recovers() == BooleanType.YES;
        trouble.onMember(row, votes, recovers);
        if (isNewRun && recovers) { // it may vote again before it has told a leader here that it did not
            core.onLoss(envelope.from(), hello.lastLogIndex(), nowNs);
        }
        if (envelope.toBoot() == links.ownBoot()) { // an older run of ours may have voted after that was said
            core.onTermOf(envelope.from(), hello.term());
            core.onMember(envelope.from(), hello.lastLogIndex(), hello.lastLogTerm(), votes, recovers);
            outbox.votes(core.isVoter());
        }
    }

    /**
     * A peer that knows a later run of this very store than we are has met the original of which this is a copy. So has
     * one that remembers more of former runs than this one has kept.
     */
    private void lookForCopies() {
        final boolean laterRun = hello.knownBoot() != Links.UNKNOWN
            && Links.isNoLaterRun(links.ownBoot(), hello.knownBoot());
        final boolean kept = hello.olderCopy() == BooleanType.NO || envelope.toBoot() != links.ownBoot();
        if (hello.knownStore() == storage.identity().storeId() && (laterRun || !kept)) {
            storage.votes().demote(hello.knownBoot() >>> 32);
            throw new RaftException("node " + envelope.from() + " knows a later state of this directory than it is in: "
                + "it is an older copy, or there are two, and it has forgotten votes and entries. This node stops; it "
                + "may be started again, and then is rebuilt by its peers before it votes");
        }
    }

    private void greet() {
        if (links.mayGreet(row, nowNs)) {
            outbox.hello(row, false);
        }
    }

    private void onAppendEntries(DirectBuffer buffer, int offset, int end) {
        appendEntries.wrapAndApplyHeader(buffer, offset, header);
        received.clear(buffer);
        if (appendEntries.limit() + AppendEntriesDecoder.EntriesDecoder.HEADER_SIZE > end) {
            dropped++;
            return;
        }
        final AppendEntriesDecoder.EntriesDecoder entries = appendEntries.entries();
        if (entries.actingBlockLength() < AppendEntriesDecoder.EntriesDecoder.sbeBlockLength()) {
            dropped++;
            return;
        }
        while (entries.hasNext()) {
            entries.next();
            final int commandOffset = appendEntries.limit() + AppendEntriesDecoder.EntriesDecoder.commandHeaderLength();
            final int commandLength = commandOffset <= end ? entries.commandLength() : -1;
            if (commandLength < 0 || commandLength > end - commandOffset) {
                dropped++;
                return;
            }
            received.add(entries.entryTerm(), entries.kind(), commandOffset, commandLength);
            entries.skipCommand();
        }
        links.promises(row, appendEntries.term(), appendEntries.durableIndex());
        checks.agreed(appendEntries.agreedIndex(), appendEntries.agreedHash());
        append(appendEntries.term(), appendEntries.round(), appendEntries.prevLogIndex(), appendEntries.prevLogTerm(),
            appendEntries.leaderCommit());
    }

    private void onAppendPart(DirectBuffer buffer, int offset, int end) {
        appendPart.wrapAndApplyHeader(buffer, offset, header);
        final int partOffset = appendPart.limit() + AppendPartDecoder.partHeaderLength();
        final int partLength = partOffset <= end ? appendPart.partLength() : -1;
        if (partLength < 0 || partLength > end - partOffset || appendPart.commandLength() > log.maxCommandLength()) {
            dropped++;
            return;
        }
        final boolean whole = assembly.add(envelope.from(), appendPart.term(), appendPart.prevLogIndex() + 1,
            appendPart.commandLength(), appendPart.partOffset(), buffer, partOffset, partLength);
        if (whole) {
            received.clear(assembly.buffer());
            received.add(appendPart.entryTerm(), appendPart.kind(), 0, appendPart.commandLength());
            append(appendPart.term(), appendPart.round(), appendPart.prevLogIndex(), appendPart.prevLogTerm(),
                appendPart.leaderCommit());
        }
    }

    private void append(long term, long round, long prevLogIndex, long prevLogTerm, long leaderCommit) {
        EntryBatch entries = received;
        if (received.count() > 0 && log.roomFor(received.totalBytes()) != RaftLog.Room.YES) {
            // Entries we cannot take now are as good as lost on the way, but the leader was heard.
            entries = EntryBatch.NONE;
        }
        core.onAppendEntries(envelope.from(), term, round, prevLogIndex, prevLogTerm, leaderCommit, entries, nowNs);
    }

    private void onAppendResult(DirectBuffer buffer, int offset, int end) {
        appendResult.wrapAndApplyHeader(buffer, offset, header);
        if (appendResult.limit() + AppendResultDecoder.RunsDecoder.HEADER_SIZE > end) {
            dropped++;
            return;
        }
        links.promises(row, appendResult.term(), appendResult.matchIndex());
        final boolean voter = appendResult.voter() == BooleanType.YES;
        core.onPeerDiskFull(envelope.from(), appendResult.diskFull() == BooleanType.YES);
        if (voter) {
            checks.reported(row, appendResult.checkIndex(), appendResult.stateHash());
        }
        if (appendResult.success() == BooleanType.YES) {
            core.onAppendSuccess(envelope.from(), appendResult.term(), appendResult.round(), appendResult.matchIndex(),
                appendResult.verifiedIndex(), voter, nowNs);
            return;
        }
        final AppendResultDecoder.RunsDecoder group = appendResult.runs();
        if (group.actingBlockLength() < AppendResultDecoder.RunsDecoder.sbeBlockLength()
            || appendResult.limit() + group.count() * group.actingBlockLength() > end) {
            dropped++;
            return;
        }
        runs.read(group);
        core.onAppendRejection(envelope.from(), appendResult.term(), appendResult.round(),
            appendResult.prevLogIndex(), appendResult.lastLogIndex(), runs, voter, nowNs);
    }

    /** The runs of the rejection now being handled. */
    private static final class ReceivedRuns implements TermRuns {
        private long[] term = new long[64];
        private long[] firstIndex = new long[64];
        private int count;

        void read(AppendResultDecoder.RunsDecoder group) {
            count = 0;
            if (group.count() > term.length) {
                term = new long[group.count()];
                firstIndex = new long[group.count()];
            }
            while (group.hasNext()) {
                group.next();
                term[count] = group.runTerm();
                firstIndex[count++] = group.firstIndex();
            }
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public long termOf(int run) {
            return term[run];
        }

        @Override
        public long firstIndexOf(int run) {
            return firstIndex[run];
        }
    }
}
