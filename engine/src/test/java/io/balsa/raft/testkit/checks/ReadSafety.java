package io.balsa.raft.testkit.checks;

import io.balsa.raft.testkit.LogImage;

/**
 * A read shows everything that was committed, and everything another read has shown, before it was asked
 * (linearizability, thesis §6.4).
 */
public final class ReadSafety {
    private final CommittedLog committed;
    private long lastReadIndex;

    public ReadSafety(CommittedLog committed) {
        this.committed = committed;
    }

    /**
     * A read is asked now.
     *
     * @return the least index it may be answered with
     */
    public long onAsked() {
        return Math.max(committed.lastIndex(), lastReadIndex);
    }

    /** The answer, after {@code committed} has learned of {@code readIndex}. */
    public void onReadable(int node, long readIndex, long floor, long appliedCommand, LogImage log) {
        if (readIndex < floor) {
            throw new Violation("stale read: n" + node + " answers with index " + readIndex + ", when it was asked "
                + floor + " was committed");
        }
        if (readIndex > committed.lastIndex()) {
            throw new Violation("n" + node + " answers a read with index " + readIndex + ", committed is "
                + committed.lastIndex());
        }
        for (long index = readIndex; index > appliedCommand; index--) {
            if (log.get(index).isCommand()) {
                throw new Violation("n" + node + " answers a read with index " + readIndex
                    + " but its state machine has only applied " + appliedCommand);
            }
        }
        lastReadIndex = Math.max(lastReadIndex, readIndex);
    }
}
