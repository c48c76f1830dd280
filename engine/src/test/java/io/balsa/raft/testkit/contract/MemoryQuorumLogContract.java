package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link RaftLog} must do beside the rest under {@link Durability#MEMORY_QUORUM}. */
public abstract class MemoryQuorumLogContract {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private RaftLog log;

    /** Opens the log: a new one at first, then what the last crash left. */
    protected abstract RaftLog open() throws Exception;

    /** Ends the open log as a crash would. */
    protected abstract void crash() throws Exception;

    /** Lets the disk go on; called again and again while a test waits for it. */
    protected abstract void work();

    /** From now on forces do not end, until {@link #letForcesEnd()}. */
    protected abstract void holdForcesBack() throws Exception;

    /** Forces end by themselves again. */
    protected abstract void letForcesEnd() throws Exception;

    @BeforeEach
    void openNewLog() throws Exception {
        log = open();
    }

    private void append(long term, int entries) {
        for (int i = 0; i < entries; i++) {
            log.append(term, RaftLog.COMMAND, new UnsafeBuffer(new byte[20]), 0, 20);
        }
    }

    private List<String> reported() {
        final List<String> reported = new ArrayList<>();
        final int count = log.pollPersisted((index, term) -> reported.add(index + "/" + term));
        assertEquals(reported.size(), count);
        return reported;
    }

    private void awaitForced(long index) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (log.forcedIndex() < index) {
            assertTrue(System.nanoTime() < deadline, "entry " + index + " is not forced");
            work();
        }
        assertEquals(index, log.forcedIndex());
    }

    @Test
    void whatWasAppendedCountsAtOnceAndIsForcedLater() throws Exception {
        assertEquals(List.of(), reported());
        holdForcesBack();
        append(1, 3);
        assertEquals(List.of("3/1"), reported());
        assertEquals(0, log.forcedIndex());
        assertEquals(List.of(), reported(), "once");
        append(2, 1);
        assertEquals(List.of("4/2"), reported());
        assertEquals(0, log.forcedIndex());
        letForcesEnd();
        awaitForced(4);
        assertEquals(List.of(), reported(), "that it is forced now is no news");
    }

    @Test
    void aTruncationHoldsBackNothing() throws Exception {
        append(1, 5);
        assertEquals(List.of("5/1"), reported());
        awaitForced(5);
        holdForcesBack();
        log.truncateFrom(3);
        assertEquals(2, log.forcedIndex(), "what is cut off is not of this log, though the disk has it");
        append(2, 3);
        assertEquals(List.of("5/2"), reported(), "as long as before, and another one");
        assertEquals(2, log.forcedIndex());
        letForcesEnd();
        awaitForced(5);
    }

    @Test
    void whatIsNamedForcedSurvivesACrash() throws Exception {
        append(1, 4);
        awaitForced(4);
        holdForcesBack();
        append(1, 50);
        assertEquals(List.of("54/1"), reported());
        final long forced = log.forcedIndex();
        assertTrue(forced < 54);
        crash();
        log = open();
        assertTrue(log.lastIndex() >= forced, log.lastIndex() + " of " + forced);
        assertEquals(log.lastIndex(), log.forcedIndex(), "what is recovered is forced");
        assertEquals(List.of(), reported());
        letForcesEnd();
    }
}
