package io.balsa.mmap;

import io.balsa.raft.spi.StorageException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the loop thread and the log thread tell each other: positions in the {@link Tail}, each with one writer and a
 * pair of cache lines of its own.
 */
final class Progress {
    /** {@link #durableEntry()} as long as no entry is durable; positions begin at 0. */
    static final long NO_ENTRY = -1;

    private static final int APPENDED = 128;
    private static final int DURABLE = 256;
    private static final int DURABLE_ENTRY = 384;
    private static final int LIMIT_ALONE = 512;
    private static final int LIMIT_WITH_NEXT = 640;
    private static final int PARKED = 768;
    private static final int LENGTH = 896;

    /** Where the poisoned log failed. */
    record Failure(String message, Throwable cause) {
        StorageException toException() {
            return new StorageException(message, cause);
        }
    }

    private final UnsafeBuffer fields = new UnsafeBuffer(ByteBuffer.allocateDirect(LENGTH));
    private volatile Failure failure;
    // Of the loop thread.
    private boolean failureTold;
    private volatile boolean closing;

    Progress() {
        fields.putLong(DURABLE_ENTRY, NO_ENTRY);
    }

    /** All items before this position may be written. Set by the loop thread. */
    void appended(long position) {
        // A full fence: the log thread announces that it parks and then looks here, we publish and then look there.
        fields.putLongVolatile(APPENDED, position);
    }

    long appended() {
        return fields.getLongVolatile(APPENDED);
    }

    /**
     * All items before {@code position} are durable; the last entry among them is the item at
     * {@code lastEntry}, or {@link #NO_ENTRY}. Set by the log thread.
     */
    void durable(long position, long lastEntry) {
        fields.putLongRelease(DURABLE_ENTRY, lastEntry);
        fields.putLongRelease(DURABLE, position);
    }

    long durable() {
        return fields.getLongAcquire(DURABLE);
    }

    /** To be read after {@link #durable()}; may be newer. */
    long durableEntry() {
        return fields.getLongAcquire(DURABLE_ENTRY);
    }

    /** How far the tail may grow so that the disk surely takes it: without and with the next segment prepared. */
    void limits(long alone, long withNext) {
        fields.putLongRelease(LIMIT_WITH_NEXT, withNext);
        fields.putLongRelease(LIMIT_ALONE, alone);
    }

    long limitAlone() {
        return fields.getLongAcquire(LIMIT_ALONE);
    }

    long limitWithNext() {
        return fields.getLongAcquire(LIMIT_WITH_NEXT);
    }

    void parked(boolean parked) {
        fields.putIntVolatile(PARKED, parked ? 1 : 0);
    }

    boolean parked() {
        return fields.getIntVolatile(PARKED) != 0;
    }

    /** The first failure stays, whichever thread meets it. */
    synchronized void poison(String message, Throwable cause) {
        if (failure == null) {
            failure = new Failure(message, cause);
        }
    }

    boolean poisoned() {
        return failure != null;
    }

    /** Tells the loop thread of a failure, each time it asks. */
    void checkHealthy() {
        final Failure found = failure;
        if (found != null) {
            failureTold = true;
            throw found.toException();
        }
    }

    /** Whether the loop thread has been told of a failure. */
    boolean failureTold() {
        return failureTold;
    }

    void close() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }
}
