package io.balsa.raft.testkit.checks;

import java.util.function.Predicate;

import io.balsa.raft.RaftStatus;
import io.balsa.raft.testkit.FrameView;
import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.LogImage;

/**
 * What one node says about itself, in one life of its process: term and commit index never fall, applied never
 * overtakes committed, and nothing is called durable that a crash could still take away.
 */
public final class NodeProgress {
    private final int node;
    private final CommittedLog.Disk disk;
    private long term;
    private long commitIndex;
    private long appliedIndex;

    public NodeProgress(int node, CommittedLog.Disk disk) {
        this.node = node;
        this.disk = disk;
    }

    public void onStatus(RaftStatus status, LogImage log) {
        if (status.term() < term || status.commitIndex() < commitIndex || status.appliedIndex() < appliedIndex) {
            throw new Violation("n" + node + " went back: term " + term + " to " + status.term() + ", commit "
                + commitIndex + " to " + status.commitIndex() + ", applied " + appliedIndex + " to "
                + status.appliedIndex());
        }
        if (status.appliedIndex() > status.commitIndex()) {
            throw new Violation("n" + node + " has applied " + status.appliedIndex() + " and committed "
                + status.commitIndex());
        }
        require(disk::durablyHolds, status.durableIndex(), log, "its status");
        term = status.term();
        commitIndex = status.commitIndex();
        appliedIndex = status.appliedIndex();
    }

    /** A follower's acknowledgement is a promise that its log already keeps (§5.3, thesis §3.8). */
    public void onSend(FrameView frame, LogImage log) {
        if (frame.kind() == FrameView.Kind.APPEND_RESULT && frame.isSuccess()) {
            require(disk::counts, frame.matchIndex(), log, frame.describe());
        }
    }

    private void require(Predicate<LogEntry> kept, long index, LogImage log, String occasion) {
        final LogEntry entry = log.get(index);
        if (index > 0 && (entry == null || !kept.test(entry))) {
            throw new Violation("Durability: n" + node + " calls index " + index + " durable (" + occasion
                + "), but its disk does not surely hold " + entry);
        }
    }
}
