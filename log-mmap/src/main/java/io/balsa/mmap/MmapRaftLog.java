package io.balsa.mmap;

import io.balsa.mmap.record.CompactionEncoder;
import io.balsa.mmap.record.ResetEncoder;
import io.balsa.mmap.record.TruncateEncoder;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Threads;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The loop thread's side of the log: builds records in the {@link Tail}, reads entries from there or, when they have
 * left it, from the mapped segments, and learns from {@link Progress} what the {@link LogWriter} made durable.
 *
 * <pre>
 *            head          durable            written           appended      positions in the tail
 *   on disk  | durable, kept | written, not yet | not yet written | free
 *            | for reading   | forced           |                 |
 * </pre>
 */
final class MmapRaftLog implements RaftLog {
    private static final int TRUNCATE_LENGTH = Records.HEADER + TruncateEncoder.BLOCK_LENGTH;
    private static final int COMPACTION_LENGTH = Records.HEADER + CompactionEncoder.BLOCK_LENGTH;
    private static final int RESET_LENGTH = Records.HEADER + ResetEncoder.BLOCK_LENGTH;

    private final Tail tail;
    private final Progress progress;
    private final LogWriter writer;
    private final Thread writerThread;
    private final SegmentPreparer preparer;
    private final EntryPlaces places;
    private final ColdReader coldReader;
    private final SegmentTable segments;
    private final TermRuns recoveredTerms;
    private final TermRuns terms;
    private final LogFront front;
    private final int maxCommandLength;
    private final int tailReserve;
    private final boolean countsInMemory;

    private long lastIndex;
    private long head;
    private long appended;
    private long durable;
    private long durableEntry = Progress.NO_ENTRY;
    private long truncationEnd;
    private long resetEnd;
    private boolean unreported;
    private long persistedIndex;
    private long persistedTerm;
    private long countedIndex;
    private long forcedIndex;
    private boolean closed;

    MmapRaftLog(MmapConfig config, Recovered recovered, Tail tail, Progress progress, LogWriter writer,
                SegmentPreparer preparer, ColdReader coldReader, Durability durability, String threadName) {
        this.tail = tail;
        this.progress = progress;
        this.writer = writer;
        this.preparer = preparer;
        this.coldReader = coldReader;
        this.segments = recovered.segments();
        this.recoveredTerms = recovered.terms();
        this.terms = recoveredTerms.copy();
        this.front = new LogFront(recovered);
        this.maxCommandLength = maxCommandLength(config);
        // A record does not wrap, so up to one may be lost at the ring's end; the rest is for the records' headers, for
        // no-ops and for truncations.
        this.tailReserve = Tail.itemLength(maxRecordLength(config)) + config.tailBytes() / 16;
        this.countsInMemory = durability == Durability.MEMORY_QUORUM;
        this.lastIndex = recovered.lastIndex();
        this.countedIndex = lastIndex;
        this.forcedIndex = lastIndex;
        this.places = new EntryPlaces(tail, recovered.indexMap(), lastIndex + 1);
        this.writerThread = new Thread(writer, threadName);
    }

    static int maxCommandLength(MmapConfig config) {
        return Math.min(MAX_COMMAND_BYTES, Math.min(config.segmentBytes(), config.tailBytes()) / 8);
    }

    static int maxRecordLength(MmapConfig config) {
        return Records.ENTRY_OVERHEAD + maxCommandLength(config);
    }

    void start() {
        preparer.waiter(writerThread);
        writerThread.start();
    }

    @Override
    public long firstIndex() {
        return front.firstIndex();
    }

    @Override
    public long baseTerm() {
        return front.baseTerm();
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    @Override
    public void recoveredTerms(TermRunConsumer consumer) {
        recoveredTerms.forEach(consumer);
    }

    @Override
    public int maxCommandLength() {
        return maxCommandLength;
    }

    @Override
    public Room roomFor(int bytes) {
        refreshDurable();
        final long needed = (long) bytes + Tail.itemLength(Records.ENTRY_OVERHEAD);
        if (appended + needed + tailReserve - durable > tail.capacity()) {
            return Room.BUSY;
        }
        if (appended + needed <= progress.limitAlone()) {
            return Room.YES;
        }
        // The limit first: the writer takes the prepared segment before it publishes limits that count on the next one.
        final long limitWithNext = progress.limitWithNext();
        if (preparer.isNextReady()) {
            return appended + needed <= limitWithNext ? Room.YES : Room.BUSY;
        }
        // What is not written yet is counted generously: only when all is written is it known how little is left.
        return preparer.isRefused() && durable == appended ? Room.DISK_FULL : Room.BUSY;
    }

    @Override
    public long append(long term, byte kind, DirectBuffer command, int offset, int length) {
        progress.checkHealthy();
        if (length > maxCommandLength) {
            throw new IllegalArgumentException("command of " + length + " bytes, at most " + maxCommandLength);
        }
        final long index = lastIndex + 1;
        final long start = makeRoom(Records.ENTRY_OVERHEAD + length);
        tail.putEntry(appended, start, index, term, kind, command, offset, length);
        places.add(index, start);
        lastIndex = index;
        terms.add(index, term);
        publish(start);
        return index;
    }

    @Override
    public void truncateFrom(long index) {
        progress.checkHealthy();
        if (index < front.announcedFirstIndex()) {
            throw new IllegalArgumentException("truncation from " + index + ", the log begins at "
                + front.announcedFirstIndex());
        }
        if (index > lastIndex) {
            return;
        }
        final long start = makeRoom(TRUNCATE_LENGTH);
        tail.putTruncate(appended, start, index);
        lastIndex = index - 1;
        countedIndex = Math.min(countedIndex, lastIndex);
        forcedIndex = Math.min(forcedIndex, lastIndex);
        terms.truncateFrom(index);
        places.truncateFrom(index);
        coldReader.forgetCursors();
        publish(start);
        truncationEnd = appended;
    }

    @Override
    public boolean compact(long index, long keepBytes) {
        progress.checkHealthy();
        if (index < front.announcedFirstIndex()) {
            return true;
        }
        if (!isDurable(index)) {
            throw new IllegalArgumentException("compaction up to " + index + ", which is not durable");
        }
        if (index == lastIndex && keepBytes == 0) {
            return announceFront(index, LogFront.OWN_PLACE);
        }
        // The entry that is compacted to the end of, if it is known already where the next one begins.
        final long from = index < lastIndex && isDurable(index + 1) ? index + 1 : index;
        final long end = places.placeBefore(from);
        final long place = segments.walkBack(end, keepBytes);
        final long first = place == end ? from : places.firstAt(place, from);
        return first <= front.announcedFirstIndex() || announceFront(first - 1, places.placeBefore(first));
    }

    private boolean announceFront(long baseIndex, long neededFrom) {
        final long start = tail.start(appended, COMPACTION_LENGTH);
        if (start + Tail.itemLength(COMPACTION_LENGTH) - durable > tail.capacity()) {
            return false; // the disk is far behind
        }
        makeRoom(COMPACTION_LENGTH);
        final long baseTerm = terms.termOf(baseIndex);
        tail.putCompaction(appended, start, baseIndex, baseTerm, lastIndex);
        publish(start);
        front.announce(start, appended, baseIndex, baseTerm, neededFrom);
        return true;
    }

    private boolean isDurable(long index) {
        return index <= lastIndex && places.isDurable(index, durable);
    }

    @Override
    public void reset(long index, long term) {
        progress.checkHealthy();
        final long start = makeRoom(RESET_LENGTH);
        tail.putReset(appended, start, index, term);
        lastIndex = index;
        countedIndex = index;
        forcedIndex = index; // the snapshot that stands for it is
        terms.truncateFrom(1);
        places.restartAt(index + 1);
        coldReader.forgetCursors();
        publish(start);
        resetEnd = appended;
        unreported = false;
        front.moveTo(index, term);
        front.announce(start, appended, index, term, LogFront.OWN_PLACE);
    }

    private void publish(long start) {
        appended = tail.next(start);
        progress.appended(appended);
        if (progress.parked()) {
            progress.parked(false);
            LockSupport.unpark(writerThread);
        }
    }

    /** Frees space behind {@code appended} for a record and says where its item begins. */
    private long makeRoom(int recordLength) {
        final long start = tail.start(appended, recordLength);
        final long end = start + Tail.itemLength(recordLength);
        if (end - durable > tail.capacity()) {
            refreshDurable();
            if (end - durable > tail.capacity()) {
                throw new IllegalStateException("no room in memory for a record of " + recordLength
                    + " bytes: roomFor was not asked, or its answer ignored");
            }
        }
        while (end - head > tail.capacity()) {
            evict();
        }
        return start;
    }

    private void evict() {
        if (tail.recordLength(head) > 0) {
            final int record = tail.record(head);
            final long index = Records.entryIndex(tail.buffer(), record);
            if (Records.isEntry(tail.buffer(), record) && index <= lastIndex) {
                places.evict(index, head);
            } else {
                places.evictOther();
            }
        }
        head = tail.next(head);
    }

    @Override
    public long read(long firstIndex, long lastIndex, EntryConsumer consumer) {
        if (firstIndex < firstIndex() || lastIndex > this.lastIndex) {
            throw new IllegalArgumentException("entries " + firstIndex + ".." + lastIndex + ", the log holds "
                + firstIndex() + ".." + this.lastIndex);
        }
        long next = firstIndex;
        if (next < places.firstHot() && next <= lastIndex) {
            final long lastCold = Math.min(lastIndex, places.firstHot() - 1);
            final long consumed = coldReader.read(next, lastCold, consumer);
            if (consumed < lastCold) {
                return consumed;
            }
            next = consumed + 1;
        }
        final UnsafeBuffer buffer = tail.buffer();
        while (next <= lastIndex) {
            final int record = tail.record(places.position(next));
            if (!consumer.onEntry(next, Records.entryTerm(buffer, record), Records.entryKind(buffer, record), buffer,
                Records.commandOffset(record), Records.commandLength(buffer, record))) {
                return next - 1;
            }
            next++;
        }
        return next - 1;
    }

    @Override
    public int pollPersisted(PersistedConsumer consumer) {
        progress.checkHealthy();
        refreshDurable();
        if (front.isDue()) {
            dropFront();
        }
        if (countsInMemory) {
            return pollAppended(consumer);
        }
        // While a truncation is on its way, an entry before it may equal, in index and term, one appended behind it.
        if (!unreported || durable < truncationEnd) {
            return 0;
        }
        unreported = false;
        consumer.onPersisted(persistedIndex, persistedTerm);
        return 1;
    }

    private int pollAppended(PersistedConsumer consumer) {
        if (countedIndex == lastIndex) {
            return 0;
        }
        countedIndex = lastIndex;
        consumer.onPersisted(lastIndex, terms.termOf(lastIndex));
        return 1;
    }

    @Override
    public long forcedIndex() {
        refreshDurable();
        final boolean isOfThisLog = durable >= truncationEnd && durableEntry >= resetEnd
            && persistedIndex > forcedIndex && persistedIndex <= lastIndex;
        if (isOfThisLog && terms.termOf(persistedIndex) == persistedTerm) {
            forcedIndex = persistedIndex;
        }
        return forcedIndex;
    }

    private void dropFront() {
        final long announced = front.move();
        // An entry that left memory since is found from a place shortly before it.
        final long needed = isDurable(firstIndex()) ? Math.min(announced, places.placeBefore(firstIndex())) : announced;
        terms.dropBefore(firstIndex());
        places.dropBefore(firstIndex());
        coldReader.dropBefore(IndexMap.segment(needed));
        preparer.giveBackBefore(needed);
    }

    /**
     * Takes over what the writer reached. Space is freed only up to {@link #durable}, so the last durable entry is
     * still in the tail when it is seen here for the first time.
     */
    private void refreshDurable() {
        final long entry = progress.durableEntry();
        durable = progress.durable();
        front.durable(durable, tail);
        if (entry != durableEntry) {
            durableEntry = entry;
            final int record = tail.record(entry);
            persistedIndex = Records.entryIndex(tail.buffer(), record);
            persistedTerm = Records.entryTerm(tail.buffer(), record);
            unreported = entry >= resetEnd;
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        progress.close();
        LockSupport.unpark(writerThread);
        Threads.join(writerThread);
        coldReader.close();
        preparer.stop();
        if (!progress.failureTold()) {
            progress.checkHealthy();
        }
    }

    /** Whether everything appended was forced and the stop marked; to be asked after {@link #close()}. */
    boolean closedCleanly() {
        return closed && !progress.poisoned();
    }

    /** How many records are durable; to be asked after {@link #close()}. */
    long durableRecords() {
        return writer.durableRecordSeq();
    }
}
