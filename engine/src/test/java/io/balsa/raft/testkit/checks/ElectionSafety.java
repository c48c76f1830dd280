package io.balsa.raft.testkit.checks;

import java.util.HashMap;
import java.util.Map;

/** At most one leader can be elected in a given term (Figure 3, §5.2): one node, and one life of its process. */
public final class ElectionSafety {
    private record Leader(int node, int life) {
    }

    private final Map<Long, Leader> leaders = new HashMap<>();

    /**
     * A node shows itself as leader: in its status, or by sending entries.
     *
     * @return true when that is news
     */
    public boolean onLeader(int node, int life, long term) {
        final Leader leader = new Leader(node, life);
        final Leader known = leaders.putIfAbsent(term, leader);
        if (known != null && !known.equals(leader)) {
            throw new Violation("Election Safety: term " + term + " is led by n" + known.node + " (life "
                + known.life + ") and by n" + node + " (life " + life + ")");
        }
        return known == null;
    }

    /** How many leaders there were. */
    public int elections() {
        return leaders.size();
    }
}
