package io.balsa.raft.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link RaftLog} must do. An adapter extends this and says how its log is opened and how it crashes. */
public abstract class RaftLogContract {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final String NO_OP = "no-op";

    private RaftLog log;
    private long persistedIndex;
    private long persistedTerm;

    /** Opens the log: a new one at first, then what the last close or crash left. */
    protected abstract RaftLog open() throws Exception;

    /**
     * Ends the open log as a crash would: what was not reported durable may or may not be there when it is opened
     * again, what was must be.
     */
    protected abstract void crash() throws Exception;

    /** Lets the disk go on; called again and again while a test waits for it. */
    protected void work() {
        LockSupport.parkNanos(5_000);
    }

    /** From now on forces do not end, until {@link #endHeldForce()} and {@link #letForcesEnd()}. */
    protected abstract void holdForcesBack() throws Exception;

    /** Waits until a force is under way and held back: it covers what was appended so far and nothing else. */
    protected abstract void awaitHeldForce() throws Exception;

    /** Lets the force that is held back end. What was appended since is forced next, and held back again. */
    protected abstract void endHeldForce() throws Exception;

    /** Forces end by themselves again. */
    protected abstract void letForcesEnd() throws Exception;

    @BeforeEach
    void openNewLog() throws Exception {
        log = open();
    }

    /** The log under test, open. */
    protected final RaftLog log() {
        return log;
    }

    @Test
    void aNewLogIsEmpty() {
        assertEquals(1, log.firstIndex());
        assertEquals(0, log.lastIndex());
        assertEquals(List.of(), recoveredTerms());
        assertEquals(RaftLog.Room.YES, log.roomFor(1));
        assertEquals(0, log.pollPersisted((index, term) -> {
            throw new AssertionError("nothing was written");
        }));
    }

    @Test
    void anEntryIsReadableAtOnce() {
        assertEquals(1, append(1, "a"));
        assertEquals(2, append(1, "b"));
        assertEquals(3, appendNoOp(2));
        assertEquals(3, log.lastIndex());
        assertEquals(List.of("1/1 a", "2/1 b", "3/2 " + NO_OP), entries());
    }

    @Test
    void theCommandIsCopiedBeforeAppendReturns() {
        final UnsafeBuffer command = new UnsafeBuffer("..same..".getBytes(UTF_8));
        log.append(1, RaftLog.COMMAND, command, 2, 4);
        command.setMemory(0, command.capacity(), (byte) 'X');
        assertEquals(List.of("1/1 same"), entries());
    }

    @Test
    void commandsOfEveryLengthComeBackWhole() throws Exception {
        final List<Integer> lengths = List.of(0, 1, 7, 8, 9, 1000, log.maxCommandLength());
        for (final int length : lengths) {
            log.append(1, RaftLog.COMMAND, pattern(length), 0, length);
            awaitPersisted(log.lastIndex(), 1);
        }
        assertPatterns(lengths);
        reopen();
        assertPatterns(lengths);
    }

    @Test
    void aCommandThatIsTooLongIsRefusedAndNothingAppended() {
        final int tooLong = log.maxCommandLength() + 1;
        assertThrows(IllegalArgumentException.class,
            () -> log.append(1, RaftLog.COMMAND, pattern(tooLong), 0, tooLong));
        assertEquals(0, log.lastIndex());
    }

    @Test
    void aReaderTakesAsManyEntriesAsItWants() {
        appendAll(1, "a", "b", "c", "d");
        final List<Long> seen = new ArrayList<>();
        assertEquals(3, log.read(2, 4, (index, term, kind, buffer, offset, length) -> index < 4 && seen.add(index)));
        assertEquals(List.of(2L, 3L), seen);
        assertEquals(1, log.read(2, 4, (index, term, kind, buffer, offset, length) -> false));
        assertEquals(2, log.read(2, 2, (index, term, kind, buffer, offset, length) -> true));
    }

    @Test
    void everyEntryBecomesPersistedInOrderAndIsReportedOnce() {
        long reported = 0;
        for (int i = 1; i <= 500; i++) {
            append(1 + i / 100, "command " + i);
            poll();
            assertTrue(persistedIndex >= reported && persistedIndex <= i, "reports go forward, not beyond the log");
            reported = persistedIndex;
        }
        awaitPersisted(500, 6);
        assertEquals(0, log.pollPersisted((index, term) -> {
            throw new AssertionError("reported twice: " + index);
        }));
    }

    @Test
    void whatIsReportedIsAnEntryWithItsTerm() {
        appendAll(3, "a", "b");
        awaitPersisted(2, 3);
        appendNoOp(7);
        awaitPersisted(3, 7);
    }

    @Test
    void aTruncationIsSeenAtOnce() {
        appendAll(1, "a", "b", "c");
        log.truncateFrom(2);
        assertEquals(1, log.lastIndex());
        assertEquals(List.of("1/1 a"), entries());
        assertEquals(2, append(2, "B"));
        assertEquals(List.of("1/1 a", "2/2 B"), entries());
    }

    @Test
    void aTruncationBehindTheEndChangesNothing() {
        appendAll(1, "a", "b");
        log.truncateFrom(3);
        assertEquals(List.of("1/1 a", "2/1 b"), entries());
    }

    @Test
    void theWholeLogCanBeTruncated() throws Exception {
        appendAll(1, "a", "b");
        awaitPersisted(2, 1);
        log.truncateFrom(1);
        assertEquals(0, log.lastIndex());
        append(2, "A");
        awaitPersisted(1, 2);
        crashAndReopen();
        assertEquals(List.of("1/2 A"), entries());
    }

    @Test
    void aCleanStopKeepsEverything() throws Exception {
        appendAll(1, "a", "b");
        appendNoOp(2);
        appendAll(2, "c");
        reopen();
        assertEquals(List.of("1/1 a", "2/1 b", "3/2 " + NO_OP, "4/2 c"), entries());
        assertEquals(List.of("1: 1..2", "2: 3..4"), recoveredTerms());
        assertEquals(5, append(2, "d"));
        reopen();
        assertEquals(List.of("1: 1..2", "2: 3..5"), recoveredTerms());
    }

    @Test
    void aCleanStopKeepsATruncation() throws Exception {
        appendAll(1, "a", "b", "c");
        log.truncateFrom(2);
        reopen();
        assertEquals(List.of("1/1 a"), entries());
        assertEquals(List.of("1: 1..1"), recoveredTerms());
    }

    @Test
    void recoveredEntriesAreNotReported() throws Exception {
        appendAll(1, "a", "b");
        reopen();
        assertEquals(0, log.pollPersisted((index, term) -> {
            throw new AssertionError("recovered entries are durable already");
        }));
        append(1, "c");
        awaitPersisted(3, 1);
    }

    @Test
    void aCrashLosesNothingThatWasReportedAndInventsNothing() throws Exception {
        long kept = 0;
        for (int round = 1; round <= 5; round++) {
            for (int i = 0; i < 40; i++) {
                append(round, "command " + (log.lastIndex() + 1));
                poll();
            }
            awaitPersistedAtLeast(log.lastIndex() - 20);
            for (int i = 0; i < 5; i++) {
                append(round, "command " + (log.lastIndex() + 1));
            }
            kept = persistedIndex;
            final long appended = log.lastIndex();
            crashAndReopen();
            assertTrue(log.lastIndex() >= kept, () -> "lost: " + log.lastIndex());
            assertTrue(log.lastIndex() <= appended, () -> "invented: " + log.lastIndex());
            for (final String entry : entries()) {
                final String index = entry.substring(0, entry.indexOf('/'));
                assertTrue(entry.endsWith(" command " + index), entry);
            }
        }
    }

    @Test
    void aTruncatedSuffixDoesNotComeBackOnceItsReplacementIsDurable() throws Exception {
        appendAll(1, "a", "b", "c", "d");
        awaitPersisted(4, 1);
        log.truncateFrom(2);
        append(2, "B");
        awaitPersisted(2, 2);
        crashAndReopen();
        assertEquals(List.of("1/1 a", "2/2 B"), entries());
        assertEquals(List.of("1: 1..1", "2: 2..2"), recoveredTerms());
        crashAndReopen();
        assertEquals(List.of("1/1 a", "2/2 B"), entries());
    }

    @Test
    void entriesTruncatedBeforeTheirWriteDoNotComeBackEither() throws Exception {
        append(1, "a");
        for (int term = 2; term <= 30; term++) {
            appendAll(term, "x", "y", "z");
            log.truncateFrom(2);
        }
        append(31, "B");
        awaitPersisted(2, 31);
        assertEquals(List.of("1/1 a", "2/31 B"), entries());
        crashAndReopen();
        assertEquals(List.of("1/1 a", "2/31 B"), entries());
    }

    @Test
    void nothingIsReportedWhileATruncationIsNotDurableYet() throws Exception {
        appendAll(1, "a", "b", "c");
        awaitPersisted(3, 1);
        holdForcesBack();
        append(1, "d");
        awaitHeldForce();
        log.truncateFrom(4);
        append(2, "D");
        log.truncateFrom(4);
        append(1, "d"); // equal, in index and term, to the one that is being forced
        endHeldForce();
        assertEquals(0, log.pollPersisted((index, term) -> {
            throw new AssertionError("(" + index + ", term " + term + ") is in the log and not durable");
        }));
        letForcesEnd();
        awaitPersisted(4, 1);
        crashAndReopen();
        assertEquals(List.of("1/1 a", "2/1 b", "3/1 c", "4/1 d"), entries());
    }

    @Test
    void aFullMemoryIsSaidAndPasses() {
        final int length = log.maxCommandLength();
        final DirectBuffer command = pattern(length);
        int appended = 0;
        while (appended < 10_000 && log.roomFor(length) == RaftLog.Room.YES) {
            log.append(1, RaftLog.COMMAND, command, 0, length);
            appended++;
        }
        assertTrue(appended >= 1, "at least one of the longest commands fits");
        // never asked for, always possible
        appendNoOp(2);
        log.truncateFrom(log.lastIndex());
        appendNoOp(3);
        awaitPersisted(log.lastIndex(), 3);
        awaitRoom(length);
    }

    @Test
    void aLogLongerThanItsMemoryIsReadFromItsBeginning() throws Exception {
        final int length = Math.min(log.maxCommandLength(), 2_000);
        final int count = 2_000;
        for (int i = 0; i < count; i++) {
            awaitRoom(length);
            log.append(1 + i / 700, RaftLog.COMMAND, pattern(length), 0, length);
        }
        awaitPersisted(count, 1 + (count - 1) / 700);
        assertReadsInPieces(length);
        reopen();
        assertEquals(count, log.lastIndex());
        assertReadsInPieces(length);
    }

    private void assertReadsInPieces(int length) {
        for (final int piece : new int[] {1, 3, 64, 1_000}) {
            long next = 1;
            while (next <= log.lastIndex()) {
                final long last = Math.min(log.lastIndex(), next + piece - 1);
                final long[] expected = {next};
                assertEquals(last, log.read(next, last, (index, term, kind, buffer, offset, found) -> {
                    assertEquals(expected[0]++, index);
                    assertEquals(1 + (index - 1) / 700, term);
                    assertEquals(length, found);
                    assertPattern(buffer, offset, found);
                    return true;
                }));
                next = last + 1;
            }
        }
    }

    /** Closes the log cleanly and opens it again. */
    protected final void reopen() throws Exception {
        log.close();
        openAgain();
    }

    /** Crashes the log and opens it again. */
    protected final void crashAndReopen() throws Exception {
        crash();
        openAgain();
    }

    private void openAgain() throws Exception {
        persistedIndex = 0;
        persistedTerm = 0;
        log = open();
    }

    /** Appends one command. */
    protected final long append(long term, String command) {
        final byte[] bytes = command.getBytes(UTF_8);
        return log.append(term, RaftLog.COMMAND, new UnsafeBuffer(bytes), 0, bytes.length);
    }

    /** Appends commands of one term. */
    protected final void appendAll(long term, String... commands) {
        for (final String command : commands) {
            append(term, command);
        }
    }

    /** Appends what a new leader opens its term with. */
    protected final long appendNoOp(long term) {
        return log.append(term, RaftLog.NO_OP, new UnsafeBuffer(new byte[0]), 0, 0);
    }

    /** Takes the report of what became durable, if there is one. */
    protected final void poll() {
        final int reports = log.pollPersisted((index, term) -> {
            persistedIndex = index;
            persistedTerm = term;
        });
        assertTrue(reports == 0 || reports == 1, "0 or 1 reports in a call");
    }

    /** Waits until the entry {@code (index, term)} is reported. */
    protected final void awaitPersisted(long index, long term) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (persistedIndex != index || persistedTerm != term) {
            assertFalse(System.nanoTime() > deadline, () -> "entry %d/%d is not reported durable, %d/%d was last"
                .formatted(index, term, persistedIndex, persistedTerm));
            poll();
            work();
        }
    }

    private void awaitPersistedAtLeast(long index) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (persistedIndex < index) {
            assertFalse(System.nanoTime() > deadline, () -> "entry " + index + " is not reported durable");
            poll();
            work();
        }
    }

    /** Waits until the log takes a command of this length. */
    protected final void awaitRoom(int length) {
        final long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (log.roomFor(length) != RaftLog.Room.YES) {
            assertFalse(System.nanoTime() > deadline, "the memory does not become free");
            poll();
            work();
        }
    }

    /** All entries, in short: {@code "3/2 x"} is index 3, term 2, command x. */
    protected final List<String> entries() {
        final List<String> entries = new ArrayList<>();
        if (log.lastIndex() >= log.firstIndex()) {
            log.read(log.firstIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
                final byte[] command = new byte[length];
                buffer.getBytes(offset, command);
                final String text = kind == RaftLog.NO_OP ? NO_OP : new String(command, UTF_8);
                return entries.add(index + "/" + term + " " + text);
            });
        }
        return entries;
    }

    /** The runs of terms as recovered, in short: {@code "2: 3..4"} is term 2 from index 3 to 4. */
    protected final List<String> recoveredTerms() {
        final List<String> runs = new ArrayList<>();
        log.recoveredTerms((term, firstIndex, lastIndex) -> runs.add(term + ": " + firstIndex + ".." + lastIndex));
        return runs;
    }

    private void assertPatterns(List<Integer> lengths) {
        assertEquals(lengths.size(), log.read(1, lengths.size(), (index, term, kind, buffer, offset, length) -> {
            assertEquals(lengths.get((int) index - 1), length);
            assertPattern(buffer, offset, length);
            return true;
        }));
    }

    private static DirectBuffer pattern(int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = patternAt(i, length);
        }
        return new UnsafeBuffer(bytes);
    }

    private static void assertPattern(DirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != patternAt(i, length)) {
                throw new AssertionError("byte " + i + " of a command of " + length + " bytes is not what was written");
            }
        }
    }

    private static byte patternAt(int i, int length) {
        return (byte) (i * 31 + length);
    }
}
