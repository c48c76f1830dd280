package io.balsa.raft.testkit.checks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.LogImage;

/**
 * What clients were told, against what happened: a command is applied at most as often as it was offered and not
 * rejected, and what was acknowledged stays where it was acknowledged. Commands are told apart by their bytes.
 */
public final class ClientOutcomes {
    /** How often these bytes were offered, rejected and applied. */
    private static final class Tally {
        int offered;
        int rejected;
        int applied;
    }

    private final CommittedLog committed;
    private final Map<Long, Tally> tallies = new HashMap<>();
    private final List<LogEntry> acknowledged = new ArrayList<>();

    public ClientOutcomes(CommittedLog committed) {
        this.committed = committed;
    }

    public void onOffered(long content) {
        tally(content).offered++;
    }

    public void onRejected(int node, long content, String reason) {
        final Tally tally = tally(content);
        tally.rejected++;
        require(tally, node, content, reason);
    }

    /** A command is applied at an index where none was applied before. */
    public void onFirstApplied(int node, long content) {
        final Tally tally = tally(content);
        tally.applied++;
        require(tally, node, content, "applied");
    }

    /** A command is acknowledged at {@code index}, which is known to be committed. */
    public void onAcknowledged(int node, long content, long index) {
        final LogEntry entry = committed.get(index);
        if (!entry.isCommand() || entry.content() != content) {
            throw new Violation("n" + node + " acknowledges command " + Long.toHexString(content) + " at index "
                + index + ", where " + entry + " is committed");
        }
        committed.requireDurableOnMajority(node, entry, "acknowledges");
        acknowledged.add(entry);
    }

    /** At the end: every acknowledged command is in this log where it was acknowledged. */
    public void requireAllKept(int node, LogImage log) {
        for (final LogEntry entry : acknowledged) {
            if (!log.holds(entry)) {
                throw new Violation("lost: " + entry + " was acknowledged, n" + node + " has "
                    + log.get(entry.index()));
            }
        }
    }

    public long acknowledged() {
        return acknowledged.size();
    }

    private Tally tally(long content) {
        return tallies.computeIfAbsent(content, key -> new Tally());
    }

    private static void require(Tally tally, int node, long content, String occasion) {
        if (tally.applied > tally.offered - tally.rejected) {
            throw new Violation("command " + Long.toHexString(content) + " at n" + node + ": " + occasion
                + "; offered " + tally.offered + ", rejected " + tally.rejected + ", applied " + tally.applied
                + " times");
        }
    }
}
