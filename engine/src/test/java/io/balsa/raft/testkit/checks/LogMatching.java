package io.balsa.raft.testkit.checks;

import java.util.ArrayList;
import java.util.List;

import io.balsa.raft.testkit.LogEntry;

/**
 * If two logs contain an entry with the same index and term, the logs are identical up to it (Figure 3, §5.3). Every
 * entry ever appended anywhere is remembered by index and term; a second one of that name must have the same chain.
 */
public final class LogMatching {
    private final List<List<LogEntry>> entriesAt = new ArrayList<>();

    /** The entry of this index and term, null if there never was one. */
    public LogEntry find(long index, long term) {
        return index >= entriesAt.size() ? null
            : entriesAt.get((int) index).stream().filter(entry -> entry.term() == term).findFirst().orElse(null);
    }

    public void onAppend(int node, LogEntry entry) {
        while (entriesAt.size() <= entry.index()) {
            entriesAt.add(new ArrayList<>(1));
        }
        final List<LogEntry> namesakes = entriesAt.get((int) entry.index());
        for (final LogEntry other : namesakes) {
            if (other.term() == entry.term()) {
                if (other.chain() != entry.chain()) {
                    throw new Violation("Log Matching: n" + node + " appends " + entry + " after " + entry.previous()
                        + ", elsewhere it is " + other + " after " + other.previous());
                }
                return;
            }
        }
        if (entry.previous() != null && entry.previous().term() > entry.term()) {
            throw new Violation("Log Matching: n" + node + " appends " + entry + " after the later term of "
                + entry.previous());
        }
        namesakes.add(entry);
    }
}
