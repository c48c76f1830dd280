package io.balsa.raft.testkit;

import io.balsa.raft.wire.AppendEntriesDecoder;
import io.balsa.raft.wire.AppendPartDecoder;
import io.balsa.raft.wire.AppendResultDecoder;
import io.balsa.raft.wire.BooleanType;
import io.balsa.raft.wire.EnvelopeDecoder;
import io.balsa.raft.wire.HelloDecoder;
import io.balsa.raft.wire.InstallSnapshotDecoder;
import io.balsa.raft.wire.MessageHeaderDecoder;
import io.balsa.raft.wire.ReadmissionDecoder;
import io.balsa.raft.wire.RequestVoteDecoder;
import io.balsa.raft.wire.SnapshotResultDecoder;
import io.balsa.raft.wire.VoteDecoder;
import org.agrona.DirectBuffer;

/** Reads what a frame says, as an onlooker. One view is used over and over; it holds the frame last wrapped. */
public final class FrameView {
    /** What a frame is, by Figure 2's names. */
    public enum Kind {
        HELLO, REQUEST_VOTE, VOTE, APPEND_ENTRIES, APPEND_PART, APPEND_RESULT, INSTALL_SNAPSHOT, SNAPSHOT_RESULT,
        READMISSION
    }

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final RequestVoteDecoder requestVote = new RequestVoteDecoder();
    private final VoteDecoder vote = new VoteDecoder();
    private final AppendEntriesDecoder appendEntries = new AppendEntriesDecoder();
    private final AppendPartDecoder appendPart = new AppendPartDecoder();
    private final AppendResultDecoder appendResult = new AppendResultDecoder();
    private final ReadmissionDecoder readmission = new ReadmissionDecoder();
    private final InstallSnapshotDecoder installSnapshot = new InstallSnapshotDecoder();
    private final SnapshotResultDecoder snapshotResult = new SnapshotResultDecoder();

    private Kind kind;
    private int from;
    private int to;
    private long term;
    private boolean preVote;
    private boolean success;
    private long matchIndex;
    private long contentHash;
    private long snapshotPosition;
    private int snapshotBytes;

    /** Reads the frame's head. Malformed frames of our own nodes are an error. */
    public void wrap(DirectBuffer buffer, int offset) {
        preVote = false;
        success = false;
        matchIndex = 0;
        header.wrap(buffer, offset);
        switch (header.templateId()) {
            case HelloDecoder.TEMPLATE_ID -> {
                kind = Kind.HELLO;
                address(hello.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = 0;
            }
            case RequestVoteDecoder.TEMPLATE_ID -> {
                kind = Kind.REQUEST_VOTE;
                address(requestVote.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = requestVote.term();
                preVote = requestVote.preVote() == BooleanType.YES;
            }
            case VoteDecoder.TEMPLATE_ID -> {
                kind = Kind.VOTE;
                address(vote.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = vote.term();
                preVote = vote.preVote() == BooleanType.YES;
                success = vote.granted() == BooleanType.YES;
            }
            case AppendEntriesDecoder.TEMPLATE_ID -> {
                kind = Kind.APPEND_ENTRIES;
                address(appendEntries.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = appendEntries.term();
            }
            case AppendPartDecoder.TEMPLATE_ID -> {
                kind = Kind.APPEND_PART;
                address(appendPart.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = appendPart.term();
            }
            case AppendResultDecoder.TEMPLATE_ID -> {
                kind = Kind.APPEND_RESULT;
                address(appendResult.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = appendResult.term();
                success = appendResult.success() == BooleanType.YES;
                matchIndex = appendResult.matchIndex();
            }
            case InstallSnapshotDecoder.TEMPLATE_ID -> {
                kind = Kind.INSTALL_SNAPSHOT;
                address(installSnapshot.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = installSnapshot.term();
                contentHash = installSnapshot.contentHash();
                snapshotPosition = installSnapshot.position();
                snapshotBytes = installSnapshot.bytesLength();
            }
            case SnapshotResultDecoder.TEMPLATE_ID -> {
                kind = Kind.SNAPSHOT_RESULT;
                address(snapshotResult.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = snapshotResult.term();
            }
            case ReadmissionDecoder.TEMPLATE_ID -> {
                kind = Kind.READMISSION;
                address(readmission.wrapAndApplyHeader(buffer, offset, header).envelope());
                term = readmission.term();
            }
            default -> throw new IllegalArgumentException("no such message: template " + header.templateId());
        }
    }

    private void address(EnvelopeDecoder envelope) {
        from = envelope.from();
        to = envelope.to();
    }

    public Kind kind() {
        return kind;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    /** The sender's term; 0 in a greeting, the term asked about in a pre-vote. */
    public long term() {
        return term;
    }

    /** Whether it belongs to a pre-vote (thesis §9.6). */
    public boolean isPreVote() {
        return preVote;
    }

    /** A vote granted, or entries accepted. */
    public boolean isSuccess() {
        return success;
    }

    /** In an {@link Kind#APPEND_RESULT}: up to where the sender's log is durable and equal to the leader's. */
    public long matchIndex() {
        return matchIndex;
    }

    /** In an {@link Kind#INSTALL_SNAPSHOT}: which snapshot it is of. */
    public long contentHash() {
        return contentHash;
    }

    /** In an {@link Kind#INSTALL_SNAPSHOT}: the place of its bytes in the snapshot. */
    public long snapshotPosition() {
        return snapshotPosition;
    }

    /** In an {@link Kind#INSTALL_SNAPSHOT}: how many bytes it brings; none when it asks how far the receiver is. */
    public int snapshotBytes() {
        return snapshotBytes;
    }

    /** The frame in words, for a transcript. */
    public String describe() {
        return switch (kind) {
            case HELLO -> "Hello";
            case REQUEST_VOTE -> (preVote ? "RequestPreVote term=" : "RequestVote term=") + term + " last="
                + requestVote.lastLogIndex() + "/" + requestVote.lastLogTerm();
            case VOTE -> (preVote ? "PreVote term=" : "Vote term=") + term + (success ? " granted" : " refused");
            case APPEND_ENTRIES -> "AppendEntries term=" + term + " round=" + appendEntries.round() + " prev="
                + appendEntries.prevLogIndex() + "/" + appendEntries.prevLogTerm() + " commit="
                + appendEntries.leaderCommit() + " entries=" + appendEntries.entries().count();
            case APPEND_PART -> "AppendPart term=" + term + " round=" + appendPart.round() + " prev="
                + appendPart.prevLogIndex() + "/" + appendPart.prevLogTerm() + " entryTerm=" + appendPart.entryTerm()
                + " at " + appendPart.partOffset() + " of " + appendPart.commandLength();
            case APPEND_RESULT -> "AppendResult term=" + term + " round=" + appendResult.round()
                + (success ? " ok match=" + matchIndex + " verified=" + appendResult.verifiedIndex()
                : " no prev=" + appendResult.prevLogIndex() + " last=" + appendResult.lastLogIndex());
            case INSTALL_SNAPSHOT -> "InstallSnapshot term=" + term + " last="
                + installSnapshot.lastIncludedIndex() + "/" + installSnapshot.lastIncludedTerm() + " at "
                + installSnapshot.position() + " of " + installSnapshot.length() + ", "
                + snapshotBytes + " bytes";
            case READMISSION -> "Readmission term=" + term + " from " + readmission.confirmedIndex() + " on";
            case SNAPSHOT_RESULT -> "SnapshotResult term=" + term + " last=" + snapshotResult.lastIncludedIndex()
                + " wants " + snapshotResult.position();
        };
    }
}
