package io.balsa.raft.core;

/**
 * The disk of this server is one vote among others (thesis §10.2.1): a leader goes on through its followers while its
 * own disk is slow. One that stays stuck, or is full where others are not, had better follow: a leader without a disk
 * of its own has a majority with nothing to spare, and one that is full takes no commands at all.
 */
final class OwnDisk {
    /** Election timeouts that others are given to campaign before a server whose disk is full or stuck. */
    private static final int HANDICAP = 4;

    private final LogTerms log;
    private final Peers peers;
    private final long stallNs;
    private final long electionTimeoutNs;
    private boolean full;
    private long fullSinceNs;
    private long leadsSinceNs;
    private long persistedIndex;
    private long movedNs;
    private boolean busy;

    OwnDisk(LogTerms log, Peers peers, long stallNs, long electionTimeoutNs, long nowNs) {
        this.log = log;
        this.peers = peers;
        this.stallNs = stallNs;
        this.electionTimeoutNs = electionTimeoutNs;
        movedNs = nowNs;
    }

    /** What the log says of its room. */
    void fill(boolean isFull, long nowNs) {
        if (isFull && !full) {
            fullSinceNs = nowNs;
        }
        full = isFull;
    }

    /** Where entries count before they are forced: whether the log's memory is used up by what the disk lacks. */
    void fallBehind(boolean isBehind) {
        busy = isBehind;
    }

    /** This server leads from now on: it knows nothing of the others' disks until they have answered. */
    void lead(long nowNs) {
        leadsSinceNs = nowNs;
    }

    /** Looks at how far the disk has come. Called in every cycle. */
    void look(long nowNs) {
        if (!busy && (log.persistedIndex() != persistedIndex || log.persistedIndex() == log.lastIndex())) {
            persistedIndex = log.persistedIndex();
            movedNs = nowNs;
        }
    }

    /**
     * How much later than others this server campaigns. It votes as ever, since a vote needs no room in the log, and
     * campaigns if nobody else does: a leader that only serves reads is better than none.
     */
    long handicapNs(long nowNs) {
        return peers.count() > 0 && (full || isStuck(nowNs)) ? HANDICAP * electionTimeoutNs : 0;
    }

    /**
     * Whether a leader should let another one lead: only where there can be one that is better off. Where all disks
     * hang, as those of virtual machines on one host do, leaders would but step down in turn.
     */
    boolean asksForAnotherLeader(long nowNs) {
        return nowNs - leadsSinceNs >= electionTimeoutNs
            && ((isStuck(nowNs) && aMajorityGetsOn(nowNs)) || (isKnownToBeFull(nowNs) && aMajorityHasRoom()));
    }

    private boolean isStuck(long nowNs) {
        return nowNs - movedNs >= stallNs;
    }

    /** Long enough for the others to say whether they are full as well. */
    private boolean isKnownToBeFull(long nowNs) {
        return full && nowNs - fullSinceNs >= electionTimeoutNs;
    }

    private boolean aMajorityGetsOn(long nowNs) {
        int gettingOn = 0;
        for (int row = 0; row < peers.count(); row++) {
            gettingOn += peers.counts[row] && getsOn(row, nowNs) ? 1 : 0;
        }
        return gettingOn >= peers.majority();
    }

    /**
     * Whether that disk has nothing to do, or has done something lately. Not merely since ours got stuck: where all do
     * at once, the last answers of the others are still under way then.
     */
    private boolean getsOn(int row, long nowNs) {
        return peers.matchIndex[row] == log.lastIndex() || nowNs - peers.advancedNs[row] < stallNs / 2;
    }

    private boolean aMajorityHasRoom() {
        int withRoom = 0;
        for (int row = 0; row < peers.count(); row++) {
            withRoom += peers.counts[row] && !peers.full[row] ? 1 : 0;
        }
        return withRoom >= peers.majority();
    }
}
