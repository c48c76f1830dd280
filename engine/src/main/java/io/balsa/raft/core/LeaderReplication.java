package io.balsa.raft.core;

/** The leader's half of §5.3: what to send to whom, and what an answer teaches about that follower's log. */
final class LeaderReplication {
    /** Messages to one follower in one cycle: a bound on how long the others wait. */
    private static final int MESSAGES_PER_CYCLE = 32;

    private final RaftState state;
    private final LogTerms log;
    private final Peers peers;
    private final Effects effects;
    private final long heartbeatNs;
    private final long resendNs;
    private final long silenceNs;
    private final Quorum quorum;

    LeaderReplication(RaftState state, LogTerms log, Peers peers, Effects effects, Settings settings) {
        this.state = state;
        this.log = log;
        this.peers = peers;
        this.effects = effects;
        this.heartbeatNs = settings.heartbeatNs();
        this.resendNs = settings.resendNs();
        this.silenceNs = 2 * settings.heartbeatNs();
        this.quorum = new Quorum(peers.count() + 1);
    }

    /**
     * Sends each follower what it lacks, and a heartbeat when one is due or a round is wanted: new entries are answered
     * only once they are durable, a heartbeat at once.
     */
    void replicate(long round, boolean roundIsWanted, long nowNs) {
        for (int row = 0; row < peers.count(); row++) {
            if (peers.nextIndex[row] <= log.baseIndex()) {
                // §7: what it needs next is gone
                effects.sendSnapshot(peers.id[row], state.currentTerm, peers.nextIndex[row], nowNs);
            } else if (peers.streaming[row]) {
                stream(row, round, nowNs);
            } else {
                probe(row, round, nowNs);
            }
            if (roundIsWanted || nowNs - peers.heartbeatNs[row] >= heartbeatNs) {
                heartbeat(row, round, nowNs);
            }
        }
    }

    /**
     * Streaming: {@code nextIndex} advances by what the transport took, without waiting for answers (thesis §10.2.1).
     */
    private void stream(int row, long round, long nowNs) {
        for (int i = 0; i < MESSAGES_PER_CYCLE && peers.nextIndex[row] <= log.lastIndex(); i++) {
            final long last = send(row, round, log.lastIndex());
            if (last == Effects.NOT_CONNECTED) {
                peers.probeFrom(row, peers.matchIndex[row] + 1, nowNs - silenceNs);
                return;
            }
            if (last < peers.nextIndex[row]) {
                break;
            }
            peers.nextIndex[row] = last + 1;
            peers.sentNs[row] = nowNs;
        }
        final boolean unacknowledged = peers.nextIndex[row] - 1 > peers.matchIndex[row];
        if (unacknowledged && nowNs - peers.heardNs[row] >= silenceNs) {
            peers.probeFrom(row, peers.matchIndex[row] + 1, nowNs);
        } else if (unacknowledged && nowNs - peers.sentNs[row] >= resendNs) {
            // The transport discovers a lost tail only when something follows it; a gap is answered by a rejection.
            if (send(row, round, peers.nextIndex[row] - 1) >= 0) {
                peers.sentNs[row] = nowNs;
            }
        }
    }

    /**
     * Probing: one message in flight, repeated when no answer comes. A follower that answers and takes nothing, its
     * disk being full or far behind, is asked again at the pace of resending: as fast as it answers would be a flood.
     */
    private void probe(int row, long round, long nowNs) {
        final boolean answered = peers.heardNs[row] - peers.sentNs[row] > 0;
        if (nowNs - peers.sentNs[row] < (answered ? resendNs : silenceNs)) {
            return;
        }
        final long last = send(row, round, log.lastIndex());
        if (last != Effects.NOT_NOW) {
            peers.sentNs[row] = nowNs;
        }
        if (last >= 0) {
            peers.probedIndex[row] = Math.min(last, peers.nextIndex[row]);
        }
    }

    private long send(int row, long round, long lastIndex) {
        final long prevLogIndex = peers.nextIndex[row] - 1;
        return effects.sendAppendEntries(peers.id[row], state.currentTerm, round, prevLogIndex,
            log.termAt(prevLogIndex), state.commitIndex, peers.matchIndex[row], lastIndex);
    }

    /**
     * A heartbeat names the last entry known to match, so it is never rejected, whatever is still in flight; or where
     * that entry is gone, the beginning of all logs.
     */
    private void heartbeat(int row, long round, long nowNs) {
        final long prevLogIndex = heartbeatIndex(row);
        effects.sendHeartbeat(peers.id[row], state.currentTerm, round, prevLogIndex,
            prevLogIndex == 0 ? 0 : log.termAt(prevLogIndex), state.commitIndex);
        peers.heartbeatNs[row] = nowNs;
        if (!peers.counts[row] && quorum.reached(peers.matchIndex, peers.counts, log.persistedIndex())
            >= peers.lossIndex[row]) {
            effects.sendReadmission(peers.id[row], state.currentTerm, peers.lossIndex[row]);
        }
    }

    private long heartbeatIndex(int row) {
        return peers.matchIndex[row] < log.baseIndex() ? 0 : peers.matchIndex[row];
    }

    /** Returns true if the follower is now known to hold more of our log durably than before. */
    boolean onSuccess(int row, long matchIndex, long verifiedIndex, long nowNs) {
        if (matchIndex > verifiedIndex || verifiedIndex > log.lastIndex()) {
            throw new SafetyViolation("server " + peers.id[row] + " says it matches up to " + matchIndex + " and "
                + verifiedIndex + " of our " + log.lastIndex() + " entries in term " + state.currentTerm);
        }
        peers.heardNs[row] = nowNs;
        final boolean advanced = matchIndex > peers.matchIndex[row];
        if (advanced) {
            peers.matchIndex[row] = matchIndex;
            peers.advancedNs[row] = nowNs;
        }
        if (peers.streaming[row]) {
            peers.nextIndex[row] = Math.max(peers.nextIndex[row], verifiedIndex + 1);
        } else if (verifiedIndex >= peers.probedIndex[row]) {
            peers.streamFrom(row, verifiedIndex + 1);
        }
        return advanced;
    }

    /**
     * A rejection is a hint: of a voter it never sets {@code matchIndex}, and never takes {@code nextIndex} to or below
     * it. The runs it shows find the last common entry at once, where the paper steps back one by one.
     */
    void onRejection(int row, long prevLogIndex, long lastLogIndex, TermRuns runs, long nowNs) {
        peers.heardNs[row] = nowNs;
        final boolean hasLost = !peers.counts[row] && prevLogIndex <= peers.matchIndex[row]
            && refusesTheIndex(lastLogIndex, runs);
        final boolean expected = peers.streaming[row]
            ? prevLogIndex < peers.nextIndex[row]
            : prevLogIndex == peers.nextIndex[row] - 1;
        if (hasLost || (expected && prevLogIndex > peers.matchIndex[row])) {
            if (hasLost) {
                peers.matchIndex[row] = 0;
            }
            final long common = log.lastCommonIndex(runs, Math.min(prevLogIndex, lastLogIndex));
            peers.probeFrom(row, Math.min(common, prevLogIndex - 1) + 1, nowNs - silenceNs);
        }
    }

    /** Whether it is not just the term of a late message that was refused: that shows no runs of the log there is. */
    private static boolean refusesTheIndex(long lastLogIndex, TermRuns runs) {
        return runs.count() > 0 || lastLogIndex == 0;
    }

    /**
     * A server that is no voter may have lost what it once acknowledged; it counts for nothing, so it may fall back:
     * where its log is too short, and, see {@link #onRejection}, where it is not the one that was acknowledged.
     */
    void onNonVoter(int row, long lastLogIndex, long firstIndexOfTerm, long nowNs) {
        countNoMore(row, firstIndexOfTerm);
        if (lastLogIndex < peers.matchIndex[row]) {
            fallBack(row, lastLogIndex, nowNs);
        }
    }

    /** What this server acknowledged it may hold no longer, however long its log is. */
    void onLoss(int row, long lastLogIndex, long firstIndexOfTerm, long nowNs) {
        countNoMore(row, firstIndexOfTerm);
        fallBack(row, Math.min(lastLogIndex, log.lastIndex()), nowNs);
    }

    private void countNoMore(int row, long firstIndexOfTerm) {
        if (peers.counts[row]) {
            peers.counts[row] = false;
            peers.lossIndex[row] = Math.max(log.lastIndex(), firstIndexOfTerm);
        }
    }

    private void fallBack(int row, long lastLogIndex, long nowNs) {
        peers.matchIndex[row] = 0;
        peers.probeFrom(row, lastLogIndex + 1, nowNs - silenceNs);
    }

    /** It remembers again all that it ever promised, see {@link Readmission}. Returns whether that is news. */
    boolean onVoter(int row) {
        final boolean isNews = !peers.counts[row];
        peers.counts[row] = true;
        return isNews;
    }
}
