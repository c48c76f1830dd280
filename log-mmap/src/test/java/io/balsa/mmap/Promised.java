package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Uses a node's storage and remembers what it promised, and what was asked of it without an answer. */
final class Promised {
    private record Vote(long term, int candidate) {
    }

    /** Of how many bytes each command is, so that a few fill a segment. */
    static final int COMMAND = 30_000;

    private final NavigableMap<Long, Long> terms = new TreeMap<>();
    private final NavigableMap<Long, Long> durable = new TreeMap<>();
    private final Set<Map.Entry<Long, Long>> everAppended = new HashSet<>();
    private final Set<Vote> everAsked = new HashSet<>();
    private Vote vote;
    private long mayBeMissing;
    private Storage storage;

    /** @param opened just now; what it holds was promised by an earlier one */
    Promised(Storage opened) {
        use(opened);
    }

    /** The same promises, to go on from. */
    Promised(Promised other) {
        terms.putAll(other.terms);
        durable.putAll(other.durable);
        everAppended.addAll(other.everAppended);
        everAsked.addAll(other.everAsked);
        vote = other.vote;
        mayBeMissing = other.mayBeMissing;
    }

    /** Goes on with a storage that was opened again. */
    void use(Storage opened) {
        storage = opened;
        vote = new Vote(opened.votes().currentTerm(), opened.votes().votedFor());
        everAsked.add(vote);
        terms.clear();
        opened.log().read(opened.log().firstIndex(), opened.log().lastIndex(),
            (index, term, kind, buffer, offset, length) -> {
                terms.put(index, term);
                everAppended.add(Map.entry(index, term));
                return true;
            });
        durable.clear();
        durable.putAll(terms);
        mayBeMissing = opened.log().firstIndex() - 1;
    }

    void vote(long term, int candidate) {
        everAsked.add(new Vote(term, candidate));
        storage.votes().persist(term, candidate);
        vote = new Vote(term, candidate);
    }

    void appendDurably(long term, int count) {
        for (int i = 0; i < count; i++) {
            await(() -> storage.log().roomFor(COMMAND) == RaftLog.Room.YES, "there is room");
            final UnsafeBuffer command = new UnsafeBuffer(new byte[COMMAND]);
            final long index = storage.log().lastIndex() + 1;
            command.putLong(0, index);
            everAppended.add(Map.entry(index, term));
            terms.put(index, term);
            storage.log().append(term, RaftLog.COMMAND, command, 0, COMMAND);
            await(() -> !durable.isEmpty() && durable.lastKey() >= index, "entry " + index + " is durable");
        }
    }

    void truncateFrom(long index) {
        terms.tailMap(index, true).clear();
        durable.tailMap(index, true).clear();
        storage.log().truncateFrom(index);
    }

    void compact(long index) {
        mayBeMissing = index;
        storage.log().compact(index, 0);
    }

    void reset(long index, long term) {
        terms.clear();
        durable.clear();
        mayBeMissing = index;
        storage.log().reset(index, term);
    }

    /** Asks the log, as its node does all the time, until something is so. */
    void await(BooleanSupplier condition, String what) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        poll();
        while (!condition.getAsBoolean()) {
            assertFalse(System.nanoTime() > deadline, "waited in vain until " + what);
            Directories.pause();
            poll();
        }
    }

    private void poll() {
        storage.log().pollPersisted((index, term) -> {
            assertEquals(term, terms.get(index), "reported in the term it was appended in");
            durable.putAll(terms.headMap(index, true));
        });
    }

    /** Checks that a storage that was opened after all this holds what was promised, and nothing that never was. */
    void assertKept(String when, Storage after) {
        final RaftLog log = after.log();
        assertTrue(log.firstIndex() <= mayBeMissing + 1, () -> when + " the log begins at " + log.firstIndex());
        final NavigableMap<Long, Long> found = new TreeMap<>();
        log.read(log.firstIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
            assertEquals(index, buffer.getLong(offset), () -> when + " entry " + index + " holds another's command");
            found.put(index, term);
            return true;
        });
        durable.tailMap(log.firstIndex(), true).forEach((index, term) ->
            assertEquals(term, found.get(index), () -> when + " entry " + index + " was acknowledged"));
        found.forEach((index, term) -> assertTrue(everAppended.contains(Map.entry(index, term)),
            () -> when + " entry " + index + " of term " + term + " was never appended"));
        final Vote now = new Vote(after.votes().currentTerm(), after.votes().votedFor());
        assertTrue(everAsked.contains(now), () -> when + " it holds a vote never cast: " + now);
        assertTrue(now.equals(vote) || now.term() > vote.term(),
            () -> when + " it holds " + now + ", cast was " + vote);
    }
}
