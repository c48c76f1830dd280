package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link RaftLog} must do when entries are dropped from its front, or all of them. */
public abstract class RaftLogCompactionContract extends RaftLogFaultContract {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LENGTH = 1_000;
    private static final int PER_TERM = 500;
    private static final int MANY = 3_000;

    /** A durable snapshot stands for everything up to this entry now. */
    protected abstract void snapshot(long index, long term) throws Exception;

    @Test
    void aNewLogHasNothingBeforeIt() {
        assertEquals(1, log().firstIndex());
        assertEquals(0, log().baseTerm());
    }

    @Test
    void whatASnapshotStandsForGoesAndTheRestStays() throws Exception {
        appendMany(MANY);
        compact(MANY - 10, 0);
        awaitFirstAfter(1);
        final long first = log().firstIndex();
        assertTrue(first <= MANY - 9, () -> "went beyond the snapshot: " + first);
        assertEquals(term(first - 1), log().baseTerm());
        assertHolds(first, MANY);
    }

    @Test
    void theNewestOfThemAreKeptForPeersThatLagBehind() throws Exception {
        appendMany(MANY);
        final int kept = 400;
        // generous for what a log needs beside a command, and beside entries
        compact(MANY - 10, kept * (LENGTH + 100L) + (200 << 10));
        awaitFirstAfter(1);
        final long first = log().firstIndex();
        assertTrue(first <= MANY - 9 - kept, () -> kept + " entries fit, kept from " + first);
        assertHolds(first, MANY);
    }

    @Test
    void whatIsKeptByMarginIsNotCompacted() throws Exception {
        appendMany(100);
        compact(100, Long.MAX_VALUE);
        appendDurably(term(100), "later");
        assertEquals(1, log().firstIndex());
        assertEquals(0, log().baseTerm());
        assertEquals(101, entries().size());
    }

    @Test
    void aWholeLogCanGo() throws Exception {
        appendMany(MANY);
        compact(MANY, 0);
        awaitFirstAfter(MANY);
        assertEquals(MANY + 1, log().firstIndex());
        assertEquals(MANY, log().lastIndex());
        assertEquals(term(MANY), log().baseTerm());
        assertEquals(MANY + 1, append(9, "next"));
        awaitPersisted(MANY + 1, 9);
        assertEquals(List.of((MANY + 1) + "/9 next"), entries());
        crashAndReopen();
        assertEquals(MANY + 1, log().firstIndex());
        assertEquals(term(MANY), log().baseTerm());
        assertEquals(List.of((MANY + 1) + "/9 next"), entries());
        assertEquals(List.of("9: %d..%d".formatted(MANY + 1, MANY + 1)), recoveredTerms());
    }

    @Test
    void anEmptyLogRemembersWhereItGoesOn() throws Exception {
        appendMany(MANY);
        reopen(); // so that nothing else was done since it was opened
        compact(MANY, 0);
        awaitFirstAfter(MANY);
        for (int stop = 0; stop < 2; stop++) {
            reopen();
            assertEquals(MANY + 1, log().firstIndex());
            assertEquals(MANY, log().lastIndex());
            assertEquals(term(MANY), log().baseTerm());
            assertEquals(List.of(), recoveredTerms());
        }
        assertEquals(MANY + 1, append(9, "next"));
    }

    @Test
    void theFrontStaysGoneAfterAStopAndAfterACrash() throws Exception {
        appendMany(MANY);
        compact(MANY - 10, 0);
        awaitFirstAfter(1);
        final long first = log().firstIndex();
        final long baseTerm = log().baseTerm();
        reopen();
        assertFront(first, baseTerm);
        crashAndReopen();
        assertFront(first, baseTerm);
        appendDurably(9, "later");
        crashAndReopen();
        assertFront(first, baseTerm);
        assertTrue(entries().contains((MANY + 1) + "/9 later"));
    }

    private void assertFront(long first, long baseTerm) {
        assertEquals(first, log().firstIndex());
        assertEquals(baseTerm, log().baseTerm());
        assertHolds(first, MANY);
        assertTrue(recoveredTerms().getFirst().startsWith("%d: %d..".formatted(term(first), first)),
            recoveredTerms().toString());
    }

    @Test
    void compactionGoesOnWhereItStopped() throws Exception {
        appendMany(MANY);
        long first = 1;
        for (final int index : new int[] {MANY / 2, MANY / 2, MANY - 100, MANY}) {
            compact(index, 0);
            work();
            poll();
            assertTrue(log().firstIndex() >= first && log().firstIndex() <= index + 1, "forward, not too far");
            first = log().firstIndex();
            if (first <= log().lastIndex()) {
                assertHolds(first, MANY);
            }
        }
        awaitFirstAfter(MANY);
        compact(MANY - 5, 0); // an older request, come late
        appendDurably(9, "later");
        assertEquals(MANY + 1, log().firstIndex());
    }

    @Test
    void nothingGoesBeforeTheFactIsDurable() throws Exception {
        appendMany(MANY);
        holdForcesBack();
        compact(MANY - 10, 0);
        awaitHeldForce();
        poll();
        assertEquals(1, log().firstIndex());
        assertEquals(0, log().baseTerm());
        letForcesEnd();
        awaitFirstAfter(1);
    }

    @Test
    void entriesBehindTheFrontAreTruncatedAsEver() throws Exception {
        appendMany(MANY);
        compact(MANY - 10, 0);
        awaitFirstAfter(1);
        final long first = log().firstIndex();
        log().truncateFrom(MANY - 9);
        append(9, "other");
        awaitPersisted(MANY - 9, 9);
        crashAndReopen();
        assertEquals(first, log().firstIndex());
        assertEquals(MANY - 9, log().lastIndex());
        assertEquals("%d/9 other".formatted(MANY - 9), entries().getLast());
    }

    @Test
    void entriesThatAreGoneCannotBeReadNorTruncated() throws Exception {
        appendMany(MANY);
        compact(MANY, 0);
        awaitFirstAfter(MANY);
        assertThrows(Throwable.class,
            () -> log().read(MANY, MANY, (index, term, kind, buffer, offset, length) -> true));
        assertThrows(Throwable.class, () -> log().truncateFrom(MANY));
    }

    @Test
    void aResetLeavesNothingAndGoesOnBehindTheSnapshot() throws Exception {
        appendAll(1, "a", "b", "c");
        awaitPersisted(3, 1);
        reset(70, 4);
        assertEquals(71, log().firstIndex());
        assertEquals(70, log().lastIndex());
        assertEquals(4, log().baseTerm());
        assertEquals(List.of(), entries());
        assertEquals(71, append(5, "next"));
        assertEquals(List.of("71/5 next"), entries());
        awaitPersisted(71, 5);
        for (int crash = 0; crash < 2; crash++) {
            crashAndReopen();
            assertEquals(71, log().firstIndex());
            assertEquals(4, log().baseTerm());
            assertEquals(List.of("71/5 next"), entries());
            assertEquals(List.of("5: 71..71"), recoveredTerms());
        }
    }

    @Test
    void aResetOfALongerLogGoesBack() throws Exception {
        appendMany(MANY);
        reset(MANY / 2, 9);
        assertEquals(MANY / 2, log().lastIndex());
        assertEquals(MANY / 2 + 1, append(9, "next"));
        awaitPersisted(MANY / 2 + 1, 9);
        crashAndReopen();
        assertEquals(List.of("%d/9 next".formatted(MANY / 2 + 1)), entries());
        assertEquals(9, log().baseTerm());
    }

    @Test
    void aResetIsKeptByACleanStopWithNothingBehindIt() throws Exception {
        appendAll(1, "a", "b");
        reset(8, 3);
        reopen();
        assertEquals(9, log().firstIndex());
        assertEquals(8, log().lastIndex());
        assertEquals(3, log().baseTerm());
        assertEquals(List.of(), recoveredTerms());
    }

    @Test
    void nothingIsReportedWhileAResetIsNotDurableYet() throws Exception {
        appendAll(1, "a", "b");
        awaitPersisted(2, 1);
        holdForcesBack();
        append(1, "c");
        awaitHeldForce();
        reset(2, 1);
        append(1, "c"); // equal, in index and term, to the one that is being forced
        endHeldForce();
        assertEquals(0, log().pollPersisted((index, term) -> {
            throw new AssertionError("(" + index + ", term " + term + ") is in the log and not durable");
        }));
        letForcesEnd();
        awaitPersisted(3, 1);
        crashAndReopen();
        assertEquals(3, log().firstIndex());
        assertEquals(List.of("3/1 c"), entries());
    }

    @Test
    void whatWasResetIsNotReportedAfterwards() throws Exception {
        append(1, "a");
        awaitPersisted(1, 1);
        holdForcesBack();
        append(1, "b");
        awaitHeldForce();
        reset(7, 2);
        endHeldForce(); // now "b" is durable, and the reset is being forced
        append(3, "next");
        endHeldForce(); // now the reset is durable
        assertEquals(0, log().pollPersisted((index, term) -> {
            throw new AssertionError("(" + index + ", term " + term + ") is void");
        }));
        letForcesEnd();
        awaitPersisted(8, 3);
    }

    @Test
    void aCompactedLogCanBeResetAndAResetOneCompacted() throws Exception {
        appendMany(MANY);
        compact(MANY - 10, 0);
        reset(2 * MANY, 20);
        append(21, "next");
        awaitPersisted(2 * MANY + 1, 21);
        assertEquals(2 * MANY + 1, log().firstIndex());
        compact(2 * MANY + 1, 0);
        awaitFirstAfter(2 * MANY + 1);
        crashAndReopen();
        assertEquals(2 * MANY + 2, log().firstIndex());
        assertEquals(21, log().baseTerm());
    }

    @Test
    void afterAFailedForceACompactionDoesNotCount() throws Exception {
        appendMany(MANY);
        failForces();
        try {
            compact(MANY, 0);
        } catch (StorageException e) {
            assertFalse(e.getMessage().isEmpty());
        }
        awaitFailure();
        assertEquals(1, log().firstIndex());
        mendForces();
        crashAndReopen();
        if (log().firstIndex() == 1) { // the failed force may have done its work
            assertHolds(1, MANY);
        } else {
            assertEquals(MANY + 1, log().firstIndex());
            assertEquals(term(MANY), log().baseTerm());
        }
    }

    @Test
    void aCrashBeforeTheFactIsDurableLosesNothing() throws Exception {
        appendMany(MANY);
        compact(MANY - 10, 0);
        crashAndReopen();
        final long first = log().firstIndex();
        assertTrue(first >= 1 && first <= MANY - 9, () -> "begins at " + first);
        assertEquals(first == 1 ? 0 : term(first - 1), log().baseTerm());
        assertHolds(first, MANY);
    }

    private static long term(long index) {
        return 1 + (index - 1) / PER_TERM;
    }

    private void appendMany(int count) {
        final String command = "x".repeat(LENGTH);
        for (int index = 1; index <= count; index++) {
            awaitRoom(LENGTH);
            append(term(index), command);
            poll();
        }
        awaitPersisted(count, term(count));
    }

    private void appendDurably(long term, String command) {
        append(term, command);
        awaitPersisted(log().lastIndex(), term);
    }

    private void compact(long index, long keepBytes) throws Exception {
        snapshot(index, index > MANY ? 21 : term(index));
        log().compact(index, keepBytes);
    }

    private void reset(long index, long term) throws Exception {
        snapshot(index, term);
        log().reset(index, term);
    }

    private void awaitFirstAfter(long index) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (log().firstIndex() <= index) {
            assertFalse(System.nanoTime() > deadline, () -> "the log still begins at " + log().firstIndex());
            poll();
            work();
        }
    }

    private void assertHolds(long first, long last) {
        final long[] next = {first};
        assertEquals(last, log().read(first, last, (index, term, kind, buffer, offset, length) -> {
            assertEquals(next[0]++, index);
            assertEquals(term(index), term);
            assertEquals(LENGTH, length);
            return true;
        }));
    }
}
