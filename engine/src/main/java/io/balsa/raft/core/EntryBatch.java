package io.balsa.raft.core;

/** The entries of one AppendEntries RPC, seen as terms only. Valid during one input. */
public interface EntryBatch {
    /** A heartbeat's entries. */
    EntryBatch NONE = new EntryBatch() {
        @Override
        public int count() {
            return 0;
        }

        @Override
        public long termAt(int offset) {
            throw new IndexOutOfBoundsException("a heartbeat carries no entries");
        }
    };

    int count();

    /** The term of entry {@code prevLogIndex + 1 + offset}. */
    long termAt(int offset);
}
