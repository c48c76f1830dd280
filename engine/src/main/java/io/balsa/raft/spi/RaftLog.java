package io.balsa.raft.spi;

import org.agrona.DirectBuffer;

/**
 * The durable log of one node: entries {@code firstIndex..lastIndex}, without gaps. It begins at index 1, until entries
 * that a snapshot stands for are dropped from its front.
 *
 * <p>Appends and truncations take effect in memory at once and reach the disk later, in order, on the log's own thread.
 * No entry counts before {@link #pollPersisted} says so; when it does, {@link Durability} tells. All methods belong to
 * the loop thread and none waits for the disk (a read of old entries may take a page fault).
 */
public interface RaftLog extends AutoCloseable {
    /** Opens a term (thesis §6.4); carries no command. */
    byte NO_OP = 0;
    /** A command for the state machine. */
    byte COMMAND = 1;
    /** No group is configured for longer commands than this: 2 MiB with room for a header. */
    int MAX_COMMAND_BYTES = (2 << 20) - 64;

    /** Whether the log can take more now. */
    enum Room {
        /** Yes. */
        YES,
        /** The disk is behind: the memory for unwritten entries is used up. It passes. */
        BUSY,
        /** The disk is full. It passes when somebody makes space. */
        DISK_FULL
    }

    /** The first index still held: 1 until the log is compacted. It moves some time after {@link #compact}. */
    long firstIndex();

    /** The term of the entry {@code firstIndex() - 1}, which was the last to go; 0 while {@code firstIndex()} is 1. */
    long baseTerm();

    /** The last index, durable or not; {@code firstIndex() - 1} when empty. */
    long lastIndex();

    /** Reports the terms of the entries as they were recovered when opened, in index order, as runs of equal terms. */
    void recoveredTerms(TermRunConsumer consumer);

    /** The largest command in bytes that {@link #append} takes. */
    int maxCommandLength();

    /**
     * Whether entries with {@code bytes} of commands in all can be appended now. The log keeps a reserve, so that a
     * no-op and a truncation always fit: a leader's no-op is appended without asking.
     */
    Room roomFor(int bytes);

    /**
     * Appends after {@link #lastIndex()}. The bytes are copied before the call returns. Readable at once.
     *
     * @param term at least the term of the last entry
     * @param kind {@link #NO_OP} or {@link #COMMAND}
     * @return the index of the entry
     * @throws StorageException         when the log is poisoned; nothing was appended
     * @throws IllegalArgumentException for a command longer than {@link #maxCommandLength()}
     * @throws IllegalStateException    when {@link #roomFor} would have said no and memory is used up
     */
    long append(long term, byte kind, DirectBuffer command, int offset, int length);

    /**
     * Removes {@code index} and everything after it, at once for readers, and durably before any later append is
     * reported durable: once an entry that replaced the suffix is durable, the suffix never comes back.
     */
    void truncateFrom(long index);

    /**
     * Entries up to {@code index} are no longer needed: a durable snapshot stands for them. They go when the disk gets
     * round to it, oldest first and as far as it suits the files, after the fact that they may be missing is durable.
     *
     * @param index     at most the last durable one
     * @param keepBytes of the newest of these entries, as many as fit here are kept for peers that lag behind
     * @return false when the log is too far behind to take note of it: ask again later
     */
    boolean compact(long index, long keepBytes);

    /**
     * Drops all entries: a durable snapshot stands for everything up to {@code index}, and what this log holds is not
     * what leads there. At once for readers, and durably before any later append is reported durable. The next entry
     * is {@code index + 1}.
     *
     * @param term of the entry {@code index}
     */
    void reset(long index, long term);

    /**
     * Hands over entries in order, as many as are wanted.
     *
     * @param firstIndex within {@code firstIndex()..lastIndex()}
     * @param lastIndex  the last one wanted, at most {@link #lastIndex()}
     * @return the index of the last entry consumed, {@code firstIndex - 1} if the consumer refused the first
     * @throws LogCorruptException when an entry read from disk fails its checksum
     */
    long read(long firstIndex, long lastIndex, EntryConsumer consumer);

    /**
     * Reports what came to count since the last call: the entry {@code (index, term)} and all before it. At most one
     * report per call, the newest. Entries recovered at open count and are not reported.
     *
     * <p>Under {@link Durability#FORCED} that is what is durable. Nothing is reported while a truncation or a reset is
     * not durable yet: an entry before it may equal, in index and term, one appended behind it. After that, an entry
     * that was truncated may still be reported; the term tells it from its successor.
     *
     * <p>Under {@link Durability#MEMORY_QUORUM} it is what was appended, at the first call after it.
     *
     * @return how much was reported: 0 or 1
     * @throws StorageException when a write or force failed; the log stays poisoned
     */
    int pollPersisted(PersistedConsumer consumer);

    /**
     * Up to which entry this very log is forced, whether or not it counts before that: all of it would survive a crash
     * now. Entries recovered at open are.
     */
    long forcedIndex();

    /** Writes and forces what is pending, marks a clean stop, releases files and threads. */
    @Override
    void close();

    /** A run of equal terms: {@code firstIndex..lastIndex} all have {@code term}. */
    @FunctionalInterface
    interface TermRunConsumer {
        void onRun(long term, long firstIndex, long lastIndex);
    }

    /** Takes one entry; the buffer is valid during the call only. */
    @FunctionalInterface
    interface EntryConsumer {
        /** Returns false to refuse this entry and end the read. */
        boolean onEntry(long index, long term, byte kind, DirectBuffer buffer, int offset, int length);
    }

    /** Told that the entry {@code (index, term)} and all before it count. */
    @FunctionalInterface
    interface PersistedConsumer {
        void onPersisted(long index, long term);
    }
}
