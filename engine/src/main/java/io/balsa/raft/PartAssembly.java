package io.balsa.raft;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One long entry, put together from its parts. There is one leader, so there is one entry at a time; a part of another
 * entry, or of the same one from its beginning, starts anew, and a part out of order is dropped: the leader, hearing
 * nothing, sends all of them again.
 */
final class PartAssembly {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
    private int from;
    private long term;
    private long index;
    private int length;
    private int assembled;

    /** Returns true when this part made the entry whole: it lies in {@link #buffer()} from 0 on. */
    boolean add(int sender, long leaderTerm, long entryIndex, int commandLength, int partOffset, DirectBuffer source,
                int offset, int partLength) {
        final boolean another = sender != from || leaderTerm != term || entryIndex != index || commandLength != length;
        if (partOffset == 0) {
            from = sender;
            term = leaderTerm;
            index = entryIndex;
            length = commandLength;
            assembled = 0;
            if (buffer.capacity() < commandLength) {
                buffer.wrap(new byte[commandLength]);
            }
        } else if (another || partOffset != assembled) {
            return false;
        }
        if (partLength > length - assembled) {
            return false;
        }
        buffer.putBytes(assembled, source, offset, partLength);
        assembled += partLength;
        return assembled == length;
    }

    DirectBuffer buffer() {
        return buffer;
    }
}
