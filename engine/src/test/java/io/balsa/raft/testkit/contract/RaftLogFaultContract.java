package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link RaftLog} must do when its disk fails or is full. */
public abstract class RaftLogFaultContract extends RaftLogContract {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** From now on every force fails. */
    protected abstract void failForces() throws Exception;

    /** The disk would force again, if it were asked. */
    protected abstract void mendForces() throws Exception;

    /** Whether there is no more space on the disk. */
    protected abstract void setDiskFull(boolean full) throws Exception;

    @Test
    void afterAFailedForceNothingMoreCountsAndNothingIsTriedAgain() throws Exception {
        append(1, "kept");
        awaitPersisted(1, 1);
        failForces();
        appendIfItTakesOne();
        awaitFailure();

        mendForces();
        assertThrows(StorageException.class, () -> append(1, "later"));
        assertThrows(StorageException.class, () -> log().truncateFrom(1));
        work();
        assertThrows(StorageException.class, () -> log().pollPersisted((index, term) -> {
            throw new AssertionError("reported after a failed force: " + index);
        }));
        crashAndReopen();
        assertTrue(entries().contains("1/1 kept"), "what was durable is there: " + entries());
    }

    @Test
    void afterAFailedForceATruncationDoesNotCountEither() throws Exception {
        append(1, "kept");
        append(1, "kept too");
        awaitPersisted(2, 1);
        failForces();
        try {
            log().truncateFrom(2);
            append(2, "never reported");
        } catch (StorageException e) {
            assertFalse(e.getMessage().isEmpty());
        }
        awaitFailure();
        mendForces();
        crashAndReopen();
        assertTrue(entries().contains("1/1 kept"), "what was durable is there: " + entries());
    }

    private void appendIfItTakesOne() {
        try {
            append(1, "not durable");
        } catch (StorageException e) {
            assertFalse(e.getMessage().isEmpty()); // the force may have failed before the append
        }
    }

    /** Waits until the log says that a force failed. */
    protected final void awaitFailure() {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            assertFalse(System.nanoTime() > deadline, "the failed force is not reported");
            try {
                log().pollPersisted((index, term) -> {
                    throw new AssertionError("reported although its force failed: " + index);
                });
            } catch (StorageException e) {
                return;
            }
            work();
        }
    }

    @Test
    void aFullDiskIsSaidBeforeItIsHitAndPasses() throws Exception {
        append(1, "first");
        awaitPersisted(1, 1);
        setDiskFull(true);
        final String command = "x".repeat(1_000);
        await(RaftLog.Room.DISK_FULL, command);
        final long last = log().lastIndex();

        // What was taken is durable as ever, and a new leader's no-op always finds room.
        awaitPersisted(last, 1);
        assertEquals(last + 1, appendNoOp(2));
        awaitPersisted(last + 1, 2);
        assertEquals(last + 1, entries().size());

        setDiskFull(false);
        await(RaftLog.Room.YES, command);
        append(2, command);
        awaitPersisted(last + 2, 2);
    }

    /** Appends while there is room, until the log gives this answer. */
    private void await(RaftLog.Room answer, String command) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            final RaftLog.Room room = log().roomFor(command.length());
            if (room == answer) {
                return;
            }
            assertFalse(System.nanoTime() > deadline, "the log says " + room + " and not " + answer);
            if (room == RaftLog.Room.YES) {
                append(1, command);
            } else {
                work();
            }
        }
    }
}
