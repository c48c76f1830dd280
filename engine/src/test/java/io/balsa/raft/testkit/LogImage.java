package io.balsa.raft.testkit;

import java.util.Arrays;

/** The entries {@code 1..lastIndex} of one log, in memory or on a simulated disk. */
public final class LogImage {
    private LogEntry[] entries = new LogEntry[64];
    private int size;

    public long lastIndex() {
        return size;
    }

    /** The last entry, null when empty. */
    public LogEntry last() {
        return size == 0 ? null : entries[size - 1];
    }

    /** The entry at {@code index}, null when there is none. */
    public LogEntry get(long index) {
        return index < 1 || index > size ? null : entries[(int) index - 1];
    }

    /** Whether this log has the entry, and all before it. */
    public boolean holds(LogEntry entry) {
        final LogEntry own = get(entry.index());
        return own != null && own.chain() == entry.chain();
    }

    void append(LogEntry entry) {
        if (entry.index() != size + 1) {
            throw new IllegalArgumentException("entry " + entry + " after index " + size);
        }
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, 2 * size);
        }
        entries[size++] = entry;
    }

    void truncateFrom(long index) {
        while (size >= index) {
            entries[--size] = null;
        }
    }

    LogImage copy() {
        final LogImage copy = new LogImage();
        copy.entries = entries.clone();
        copy.size = size;
        return copy;
    }
}
