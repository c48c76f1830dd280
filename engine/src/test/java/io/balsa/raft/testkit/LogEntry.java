package io.balsa.raft.testkit;

import io.balsa.raft.spi.RaftLog;

/**
 * One entry of a simulated log, immutable and shared between memory and disk. {@link #chain()} digests the entry and
 * all before it, so that two logs agree up to an index exactly if their chains there are equal.
 */
public final class LogEntry {
    private final long index;
    private final long term;
    private final byte kind;
    private final byte[] command;
    private final long content;
    private final long chain;
    private final LogEntry previous;

    /**
     * An entry that follows {@code previous}.
     *
     * @param previous the entry before it, null for the first
     */
    public LogEntry(LogEntry previous, long term, byte kind, byte[] command, long content) {
        this.previous = previous;
        this.index = previous == null ? 1 : previous.index + 1;
        this.term = term;
        this.kind = kind;
        this.command = command;
        this.content = content;
        this.chain = Mix.in(Mix.in(Mix.in(previous == null ? 0 : previous.chain, term), kind), content);
    }

    /** An entry that a snapshot stands for, where nobody knows what it was. */
    LogEntry(long index, long term) {
        this.previous = null;
        this.index = index;
        this.term = term;
        this.kind = RaftLog.NO_OP;
        this.command = new byte[0];
        this.content = 0;
        this.chain = Mix.in(index, term);
    }

    public long index() {
        return index;
    }

    public long term() {
        return term;
    }

    public byte kind() {
        return kind;
    }

    public boolean isCommand() {
        return kind == RaftLog.COMMAND;
    }

    byte[] command() {
        return command;
    }

    /** Digest of the command's bytes. */
    public long content() {
        return content;
    }

    /** Digest of this entry and all before it. */
    public long chain() {
        return chain;
    }

    /** The entry before this one, null for the first. */
    public LogEntry previous() {
        return previous;
    }

    @Override
    public String toString() {
        return index + "/" + term + (isCommand() ? ":" + Long.toHexString(content) : ":no-op");
    }
}
