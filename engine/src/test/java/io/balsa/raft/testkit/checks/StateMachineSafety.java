package io.balsa.raft.testkit.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.LogImage;

/**
 * No two servers apply different commands at one index (Figure 3, §5.4.3); each applies all of them, in order, once in
 * the life of its process; and equal commands leave equal states and replies.
 */
public final class StateMachineSafety {
    private record Applied(long content, long term, long stateHash, Object reply) {
    }

    private final List<Applied> applied = new ArrayList<>();

    /**
     * A state machine is about to apply a command.
     *
     * @param lastApplied the index this life of the process applied last, 0 if none
     * @param content     the digest of the bytes it was shown
     */
    public void beforeApply(int node, LogImage log, long lastApplied, long index, long term, long content) {
        if (index <= lastApplied) {
            throw new Violation("n" + node + " applies index " + index + " after " + lastApplied);
        }
        for (long i = lastApplied + 1; i < index; i++) {
            if (log.get(i) != null && log.get(i).isCommand()) {
                throw new Violation("n" + node + " skips " + log.get(i) + ", it applies " + index + " after "
                    + lastApplied);
            }
        }
        final LogEntry entry = log.get(index);
        if (entry == null || !entry.isCommand() || entry.content() != content || entry.term() != term) {
            throw new Violation("n" + node + " applies " + index + "/" + term + ":" + Long.toHexString(content)
                + ", its log has " + entry);
        }
    }

    /**
     * The state machine has applied it.
     *
     * @param stateHash digest of the whole state, 0 if the machine has none
     * @return true when this index was applied for the first time in the group
     */
    public boolean afterApply(int node, long index, long term, long content, long stateHash, Object reply) {
        while (applied.size() <= index) {
            applied.add(null);
        }
        final Applied now = new Applied(content, term, stateHash, reply);
        final Applied first = applied.get((int) index);
        if (first == null) {
            applied.set((int) index, now);
            return true;
        }
        if (first.content != content || first.term != term) {
            throw new Violation("State Machine Safety: n" + node + " applies " + now + " at index " + index
                + ", elsewhere it was " + first);
        }
        if (first.stateHash != stateHash || !Objects.equals(first.reply, reply)) {
            throw new Violation("the state machine is not deterministic: at index " + index + " n" + node + " has "
                + now + ", elsewhere it was " + first);
        }
        return false;
    }

    /** A snapshot that was taken or restored has this state after everything up to {@code index}. */
    public void holdsState(int node, long index, long stateHash) {
        long last = Math.min(index, applied.size() - 1);
        while (last > 0 && applied.get((int) last) == null) {
            last--;
        }
        if (last > 0 && applied.get((int) last).stateHash != stateHash) {
            throw new Violation("State Machine Safety: n" + node + " has a snapshot with hash " + stateHash
                + " of the state after index " + index + ", where those who applied all of it have "
                + applied.get((int) last));
        }
    }

    /** What the machine replied at {@code index}, null if nothing was applied there. */
    public Object replyAt(long index) {
        return index < applied.size() && applied.get((int) index) != null ? applied.get((int) index).reply : null;
    }
}
