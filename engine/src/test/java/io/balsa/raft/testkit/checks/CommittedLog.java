package io.balsa.raft.testkit.checks;

import java.util.ArrayList;
import java.util.List;

import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.LogImage;

/**
 * What the group has committed, as far as any node has shown. It only grows, every node agrees with it, and each entry
 * is on a majority at the moment it is first shown, durable unless the group is one whose entries count in memory.
 */
public final class CommittedLog {
    /** A disk, asked what it holds for good. */
    public interface Disk {
        /** Whether the entry and all before it would survive a crash now, whatever became of pending writes. */
        boolean durablyHolds(LogEntry entry);

        /** Whether its server may say that it has the entry and all before it. */
        boolean counts(LogEntry entry);

        /**
         * Whether it counts for the entry: it is a voter's and holds it, or held it when it was lost. Its
         * acknowledgement was true, and may be counted after the loss.
         */
        boolean votesFor(LogEntry entry);
    }

    private final List<? extends Disk> disks;
    private final List<LogEntry> entries = new ArrayList<>();
    private final List<Long> terms = new ArrayList<>();

    public CommittedLog(List<? extends Disk> disks) {
        this.disks = disks;
    }

    public long lastIndex() {
        return entries.size();
    }

    public LogEntry get(long index) {
        return entries.get((int) index - 1);
    }

    /**
     * A term no later than which every one of them was committed cannot be seen from outside; this is the term of the
     * node that showed it first, which is the same or later, so a check based on it never accuses wrongly.
     */
    public long termWhenShown(long index) {
        return terms.get((int) index - 1);
    }

    /** Node {@code node}, now in {@code term}, shows that it takes its log up to {@code index} as committed. */
    public void onCommitted(int node, LogImage log, long index, long term) {
        if (index == 0) {
            return;
        }
        if (index > log.lastIndex()) {
            throw new Violation("n" + node + " takes index " + index + " as committed, its log ends at "
                + log.lastIndex());
        }
        final long common = Math.min(index, lastIndex());
        if (common > 0 && !log.holds(get(common))) {
            throw new Violation("State Machine Safety: n" + node + " takes index " + index + " as committed, but "
                + difference(log, common));
        }
        if (index > lastIndex()) {
            requireDurableOnMajority(node, log.get(index), "commits");
            for (long i = lastIndex() + 1; i <= index; i++) {
                entries.add(log.get(i));
                terms.add(term);
            }
        }
    }

    /** Node {@code node} does something now that only an entry on a majority of disks allows. */
    public void requireDurableOnMajority(int node, LogEntry entry, String what) {
        int holders = 0;
        for (final Disk disk : disks) {
            if (disk.votesFor(entry)) {
                holders++;
            }
        }
        if (holders <= disks.size() / 2) {
            throw new Violation("Durability: n" + node + " " + what + " " + entry + ", which is durable on "
                + holders + " of "
                + disks.size() + " disks");
        }
    }

    /** Where the logs first differ, for the message. */
    private String difference(LogImage log, long upTo) {
        for (long i = 1; i <= upTo; i++) {
            if (!log.holds(get(i))) {
                return "has " + log.get(i) + " where " + get(i) + " is committed";
            }
        }
        return "nothing differs";
    }
}
