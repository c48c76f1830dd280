package io.balsa.raft;

import java.util.Arrays;

import io.balsa.raft.core.EntryBatch;
import org.agrona.DirectBuffer;

/** The entries of the AppendEntries message now being handled, where they lie in the receive buffer. */
final class ReceivedEntries implements EntryBatch {
    private DirectBuffer buffer;
    private long[] term = new long[64];
    private byte[] kind = new byte[64];
    private int[] offset = new int[64];
    private int[] length = new int[64];
    private int count;
    private int totalBytes;

    void clear(DirectBuffer source) {
        buffer = source;
        count = 0;
        totalBytes = 0;
    }

    void add(long entryTerm, byte entryKind, int commandOffset, int commandLength) {
        if (count == term.length) {
            term = Arrays.copyOf(term, 2 * count);
            kind = Arrays.copyOf(kind, 2 * count);
            offset = Arrays.copyOf(offset, 2 * count);
            length = Arrays.copyOf(length, 2 * count);
        }
        term[count] = entryTerm;
        kind[count] = entryKind;
        offset[count] = commandOffset;
        length[count++] = commandLength;
        totalBytes += commandLength;
    }

    int totalBytes() {
        return totalBytes;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    byte kindAt(int i) {
        return kind[i];
    }

    int offsetAt(int i) {
        return offset[i];
    }

    int lengthAt(int i) {
        return length[i];
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long termAt(int i) {
        return term[i];
    }
}
