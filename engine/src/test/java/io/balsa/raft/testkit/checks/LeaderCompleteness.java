package io.balsa.raft.testkit.checks;

import java.util.ArrayList;
import java.util.List;

import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.LogImage;

/**
 * If an entry is committed in a given term, it is in the logs of the leaders of all later terms (Figure 3, §5.4), and
 * no node that has reached such a term removes it.
 */
public final class LeaderCompleteness {
    private record Elected(int node, long term, LogEntry tail) {
    }

    private final CommittedLog committed;
    private final List<Elected> leaders = new ArrayList<>();
    private long checkedCommits;

    public LeaderCompleteness(CommittedLog committed) {
        this.committed = committed;
    }

    /** A new leader of {@code term}, seen with its log a moment after its election. */
    public void onElected(int node, long term, LogImage log) {
        final Elected leader = new Elected(node, term, log.last());
        leaders.add(leader);
        for (long index = committed.lastIndex(); index > 0; index--) {
            if (committed.termWhenShown(index) < term) {
                requireHolds(leader, log.get(index), index);
                // one chain covers all before it
                return;
            }
        }
    }

    /** Something was committed: leaders of later terms that were elected already must have it too. */
    public void onCommitted() {
        for (; checkedCommits < committed.lastIndex(); checkedCommits++) {
            final long index = checkedCommits + 1;
            final long term = committed.termWhenShown(index);
            for (int i = leaders.size() - 1; i >= 0; i--) {
                final Elected leader = leaders.get(i);
                if (leader.term > term) {
                    LogEntry entry = leader.tail;
                    while (entry != null && entry.index() > index) {
                        entry = entry.previous();
                    }
                    requireHolds(leader, entry, index);
                }
            }
        }
    }

    /** A node in {@code term} removes what follows {@code index - 1}. */
    public void onTruncate(int node, long term, LogImage log, long index) {
        if (index <= committed.lastIndex() && log.holds(committed.get(index))
            && committed.termWhenShown(index) <= term) {
            throw new Violation("Leader Completeness: n" + node + " in term " + term + " removes " + log.get(index)
                + ", committed by term " + committed.termWhenShown(index));
        }
    }

    private void requireHolds(Elected leader, LogEntry entry, long index) {
        if (entry == null || entry.index() != index || entry.chain() != committed.get(index).chain()) {
            throw new Violation("Leader Completeness: n" + leader.node + " leads term " + leader.term + " with "
                + entry + " where " + committed.get(index) + " was committed by term "
                + committed.termWhenShown(index));
        }
    }
}
