package io.balsa.raft.core;

/** The follower's half of §5.3. Figure 2, AppendEntries RPC, receiver steps 2 to 4 are {@link #accept}. */
final class FollowerReplication {
    /** How many runs of terms a rejection shows: more than any log gathers without long trouble. */
    static final int RUNS_SHOWN = 64;

    private final RaftState state;
    private final LogTerms log;
    private final Effects effects;

    private long verifiedIndex;
    private long acknowledgedIndex;
    private long newestRound;
    private boolean answerIsOwed;

    FollowerReplication(RaftState state, LogTerms log, Effects effects) {
        this.state = state;
        this.log = log;
        this.effects = effects;
    }

    /** A log verified against one leader says nothing about the next. */
    void resetForNewLeader() {
        verifiedIndex = 0;
        acknowledgedIndex = 0;
        newestRound = 0;
        answerIsOwed = false;
    }

    /** Returns false where our log has no entry {@code (prevLogIndex, prevLogTerm)}; then nothing was changed. */
    boolean accept(long prevLogIndex, long prevLogTerm, EntryBatch entries, long round) {
        newestRound = Math.max(newestRound, round);
        int held = 0;
        if (prevLogIndex < log.baseIndex()) {
            held = covered(prevLogIndex, entries);
        } else if (!log.holds(prevLogIndex, prevLogTerm)) {
            return false; // step 2
        }
        while (held < entries.count() && log.holds(prevLogIndex + 1 + held, entries.termAt(held))) {
            held++;
        }
        if (held < entries.count()) {
            // Only a conflict cuts the log (step 3): a message that is merely shorter, or late, leaves it as it is.
            if (prevLogIndex + 1 + held <= log.lastIndex()) {
                truncateFrom(prevLogIndex + 1 + held);
            }
            for (int i = held; i < entries.count(); i++) {
                log.append(entries.termAt(i), 1); // step 4
            }
            effects.append(prevLogIndex + 1 + held, entries, held);
        }
        verifiedIndex = Math.max(verifiedIndex, prevLogIndex + entries.count());
        // What was appended just now is answered when it is durable; anything else is a question, answered at once.
        answerIsOwed |= held == entries.count();
        return true;
    }

    /**
     * How many of these entries a snapshot stands for here. They were committed, so every leader's log has them (Leader
     * Completeness, §5.4.3): what we can still compare, the last of them, must be equal.
     */
    private int covered(long prevLogIndex, EntryBatch entries) {
        final long base = log.baseIndex();
        final int covered = (int) Math.min(base - prevLogIndex, entries.count());
        if (prevLogIndex + covered == base && entries.termAt(covered - 1) != log.termAt(base)) {
            throw new SafetyViolation("the leader of term " + state.currentTerm + " has term "
                + entries.termAt(covered - 1) + " at index " + base + ", our snapshot has term " + log.termAt(base)
                + " there (Leader Completeness, §5.4.3)");
        }
        return covered;
    }

    /**
     * Figure 13, InstallSnapshot RPC, receiver steps 6 to 8: a whole and durable snapshot that ends at this entry.
     *
     * @return whether it is news: never goes back behind what is committed here
     */
    boolean install(long lastIncludedIndex, long lastIncludedTerm) {
        // What a snapshot holds was committed, so it equals the log of whoever leads now; and it has been asked for.
        verifiedIndex = Math.max(verifiedIndex, lastIncludedIndex);
        answerIsOwed = true;
        if (lastIncludedIndex <= state.commitIndex) {
            return false;
        }
        if (!log.holds(lastIncludedIndex, lastIncludedTerm)) { // else step 6: what follows it here stays
            if (state.is(Role.LEADER)) {
                throw new SafetyViolation("the leader of term " + state.currentTerm + " does not hold entry "
                    + lastIncludedIndex + " of term " + lastIncludedTerm + ", which was committed (§5.4.3)");
            }
            log.resetTo(lastIncludedIndex, lastIncludedTerm);
            effects.resetLog(lastIncludedIndex, lastIncludedTerm);
        }
        return true;
    }

    private void truncateFrom(long index) {
        if (index <= state.commitIndex) {
            throw new SafetyViolation("term " + state.currentTerm + " conflicts at index " + index
                + ", committed up to " + state.commitIndex + " (State Machine Safety, §5.4.3)");
        }
        log.truncateFrom(index);
        effects.truncateFrom(index);
    }

    long verifiedIndex() {
        return verifiedIndex;
    }

    /**
     * Acknowledges what is both durable here and known to equal the leader's log, never more (thesis §3.8). Called once
     * per cycle, so that one answer stands for all messages received in it.
     */
    void acknowledge() {
        final long matchIndex = Math.min(verifiedIndex, log.persistedIndex());
        if (answerIsOwed || matchIndex > acknowledgedIndex) {
            answerIsOwed = false;
            acknowledgedIndex = matchIndex;
            effects.sendAppendSuccess(state.leaderId, state.currentTerm, newestRound, matchIndex, verifiedIndex);
        }
    }

    void reject(long prevLogIndex, long round) {
        effects.sendAppendRejection(state.leaderId, state.currentTerm, round, prevLogIndex, log.lastIndex(),
            log.newestRuns(prevLogIndex, RUNS_SHOWN));
    }
}
