package io.balsa.raft;

import io.balsa.raft.spi.RaftLog;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The next committed entries, copied out of the log. A call of the state machine may outlast the loop's stay with it,
 * and then the loop, which reads and writes the log meanwhile, must not pull the bytes from under the call.
 */
final class CommittedEntries {
    private static final int MOST_ENTRIES = 64;
    private static final int MANY_BYTES = 64 << 10;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[MANY_BYTES]);
    private final long[] term = new long[MOST_ENTRIES];
    private final byte[] kind = new byte[MOST_ENTRIES];
    private final int[] offset = new int[MOST_ENTRIES];
    private final int[] length = new int[MOST_ENTRIES];
    private final RaftLog.EntryConsumer copy = this::copy;
    private long firstIndex;
    private int count;
    private int at;
    private int bytes;
    private int wanted = MOST_ENTRIES;

    /** Goes to this entry, if it was read. */
    boolean goTo(long index) {
        at = (int) (index - firstIndex);
        return at >= 0 && at < count;
    }

    /** Reads as many entries as fit, at least the first, and goes to that one. */
    void read(RaftLog log, long first, long lastIndex) {
        firstIndex = first;
        count = 0;
        at = 0;
        bytes = 0;
        log.read(first, Math.min(lastIndex, first + wanted - 1), copy);
        if (count == 0) {
            throw new IllegalStateException("the log does not hand over entry " + first + ", which is committed");
        }
        // The log has checked what it hands over; asking for more long entries than fit would have it done twice.
        wanted = bytes < MANY_BYTES / 2 ? Math.min(2 * wanted, MOST_ENTRIES) : Math.max(1, Math.min(count, wanted));
    }

    private boolean copy(long index, long entryTerm, byte entryKind, DirectBuffer source, int from, int bytesOfEntry) {
        if (index != firstIndex + count) {
            throw new IllegalStateException("the log hands over entry " + index + " for entry " + (firstIndex + count));
        }
        if (bytes + bytesOfEntry > buffer.capacity()) {
            if (count > 0) {
                return false;
            }
            buffer.wrap(new byte[BitUtil.findNextPositivePowerOfTwo(bytesOfEntry)]);
        }
        buffer.putBytes(bytes, source, from, bytesOfEntry);
        term[count] = entryTerm;
        kind[count] = entryKind;
        offset[count] = bytes;
        length[count++] = bytesOfEntry;
        bytes = BitUtil.align(bytes + bytesOfEntry, Long.BYTES);
        return true;
    }

    long term() {
        return term[at];
    }

    boolean isCommand() {
        return kind[at] == RaftLog.COMMAND;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int offset() {
        return offset[at];
    }

    int length() {
        return length[at];
    }
}
