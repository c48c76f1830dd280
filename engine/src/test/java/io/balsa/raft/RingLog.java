package io.balsa.raft;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log in preallocated memory that remembers its newest entries. Its disk is as fast as asked, unless it is stalled,
 * full or broken by a test.
 */
final class RingLog implements RaftLog {
    private final int mask;
    private final int entryBytes;
    private final UnsafeBuffer bytes;
    private final long[] term;
    private final byte[] kind;
    private final int[] length;
    private long firstIndex = 1;
    private long baseTerm;
    private long lastIndex;
    private long reportedIndex;

    volatile Room room = Room.YES;
    volatile boolean stalled;
    volatile boolean broken;
    volatile boolean misplaces;
    volatile boolean cannotSay;
    volatile boolean failsToClose;
    volatile boolean closed;

    RingLog(int entries, int maxCommandLength) {
        final int capacity = BitUtil.findNextPositivePowerOfTwo(entries);
        mask = capacity - 1;
        entryBytes = maxCommandLength;
        bytes = new UnsafeBuffer(new byte[capacity * maxCommandLength]);
        term = new long[capacity];
        kind = new byte[capacity];
        length = new int[capacity];
    }

    @Override
    public long firstIndex() {
        return firstIndex;
    }

    @Override
    public long baseTerm() {
        return baseTerm;
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    @Override
    public void recoveredTerms(TermRunConsumer consumer) {
        for (long index = firstIndex; index <= lastIndex; index++) {
            consumer.onRun(term[(int) index & mask], index, index);
        }
        reportedIndex = lastIndex;
    }

    @Override
    public int maxCommandLength() {
        return entryBytes;
    }

    @Override
    public Room roomFor(int commandBytes) {
        if (cannotSay) {
            throw new StorageException("the disk does not answer");
        }
        return room;
    }

    @Override
    public long append(long entryTerm, byte entryKind, DirectBuffer command, int offset, int commandLength) {
        if (broken) {
            throw new StorageException("the disk is gone");
        }
        final int at = (int) ++lastIndex & mask;
        term[at] = entryTerm;
        kind[at] = entryKind;
        length[at] = commandLength;
        bytes.putBytes(at * entryBytes, command, offset, commandLength);
        return misplaces ? lastIndex + 1 : lastIndex;
    }

    @Override
    public void truncateFrom(long index) {
        lastIndex = index - 1;
        reportedIndex = Math.min(reportedIndex, lastIndex);
    }

    @Override
    public boolean compact(long index, long keepBytes) {
        if (index >= firstIndex) {
            if (index > reportedIndex) {
                throw new AssertionError("compaction up to " + index + ", which is not durable");
            }
            baseTerm = term[(int) index & mask];
            firstIndex = index + 1;
        }
        return true;
    }

    @Override
    public void reset(long index, long termThere) {
        firstIndex = index + 1;
        baseTerm = termThere;
        lastIndex = index;
        reportedIndex = index;
    }

    @Override
    public long read(long firstIndex, long last, EntryConsumer consumer) {
        long index = firstIndex;
        while (index <= last && consumer.onEntry(index, term[(int) index & mask], kind[(int) index & mask], bytes,
            ((int) index & mask) * entryBytes, length[(int) index & mask])) {
            index++;
        }
        return index - 1;
    }

    @Override
    public int pollPersisted(PersistedConsumer consumer) {
        if (stalled || reportedIndex == lastIndex) {
            return 0;
        }
        reportedIndex = lastIndex;
        consumer.onPersisted(lastIndex, term[(int) lastIndex & mask]);
        return 1;
    }

    @Override
    public long forcedIndex() {
        return reportedIndex;
    }

    @Override
    public void close() {
        closed = true;
        if (failsToClose) {
            throw new StorageException("the last force failed");
        }
    }
}
