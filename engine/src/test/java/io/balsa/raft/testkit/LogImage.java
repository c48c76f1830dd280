package io.balsa.raft.testkit;

import java.util.Arrays;

/**
 * One log, in memory or on a simulated disk: the entries {@code 1..lastIndex}, of which the log itself holds those from
 * {@link #firstIndex()} on; a snapshot stands for the others, which are kept here for the checks alone.
 */
public final class LogImage {
    private LogEntry[] entries = new LogEntry[64];
    private int size;
    private long firstIndex = 1;

    public long firstIndex() {
        return firstIndex;
    }

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

    /** As on an empty disk. */
    void clear() {
        truncateFrom(1);
        firstIndex = 1;
    }

    /** A snapshot stands for what is before this index. */
    void compactTo(long first) {
        firstIndex = Math.max(firstIndex, first);
    }

    /** A snapshot stands for everything up to {@code base}, and nothing follows it. */
    void resetTo(LogEntry base) {
        size = (int) base.index();
        if (size > entries.length) {
            entries = new LogEntry[2 * size];
        }
        Arrays.fill(entries, null);
        for (LogEntry entry = base; entry != null; entry = entry.previous()) {
            entries[(int) entry.index() - 1] = entry;
        }
        firstIndex = base.index() + 1;
    }

    LogImage copy() {
        final LogImage copy = new LogImage();
        copy.entries = entries.clone();
        copy.size = size;
        copy.firstIndex = firstIndex;
        return copy;
    }
}
