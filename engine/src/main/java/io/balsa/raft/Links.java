package io.balsa.raft;

import java.util.Arrays;

/**
 * Which run of which process is at the other end, one row per peer. A frame names the run it comes from and the run it
 * is meant for, so that a message from before a restart, of either side, is told apart and dropped: a network may keep
 * one for seconds.
 *
 * <p>A run is learnt from its {@code Hello}. Before the first one, a frame that names our present run tells it as well,
 * since its sender has heard us; after it only the next one does, because a frame does not say which store it is of: a
 * late one from before a server was wiped would look like a newer run.
 *
 * <p>It is remembered, too, what the store at the other end has promised: the highest term it spoke in, and how much of
 * the log it said it held durably in that term. A later run that kept less is one of an older copy, and has forgotten
 * votes or entries: its frames fit no more, so that none of its votes is counted here, and it is told. Terms never
 * fall, and within one term nothing that was acknowledged is cut off, so no other run is taken for that. A server that
 * was told nothing in those runs, or has been restarted since, cannot tell; what a copy grants before it hears from one
 * that can is granted.
 */
final class Links {
    /** No run has been heard yet. */
    static final long UNKNOWN = 0;
    /** For a term or an index kept: the store knows that it lost something, and does not count. */
    static final long NO_CLAIM = Long.MAX_VALUE;

    final int[] id;
    final String[] advertised;
    private final long[] boot;
    private final long[] storeId;
    private final long[] promisedTerm;
    private final long[] promisedIndex;
    private final boolean[] olderCopy;
    private final boolean[] answered;
    private final long[] greetedNs;
    private final long ownBoot;
    private final long greetingNs;

    Links(int[] peerIds, long ownBoot, long greetingNs, long nowNs) {
        this.id = peerIds;
        this.ownBoot = ownBoot;
        this.greetingNs = greetingNs;
        boot = new long[peerIds.length];
        storeId = new long[peerIds.length];
        promisedTerm = new long[peerIds.length];
        promisedIndex = new long[peerIds.length];
        olderCopy = new boolean[peerIds.length];
        answered = new boolean[peerIds.length];
        greetedNs = new long[peerIds.length];
        advertised = new String[peerIds.length];
        Arrays.fill(greetedNs, nowNs - greetingNs);
        Arrays.fill(advertised, "");
    }

    long ownBoot() {
        return ownBoot;
    }

    int rowOf(int nodeId) {
        for (int row = 0; row < id.length; row++) {
            if (id[row] == nodeId) {
                return row;
            }
        }
        return -1;
    }

    long boot(int row) {
        return boot[row];
    }

    /** The store whose run that is, {@link #UNKNOWN} before its first greeting. */
    long storeId(int row) {
        return storeId[row];
    }

    /** Whether it makes sense to say anything but a greeting to this peer. */
    boolean isKnown(int row) {
        return boot[row] != UNKNOWN && !olderCopy[row];
    }

    /** Whether the present run has kept less than its store once promised. */
    boolean isOlderCopy(int row) {
        return olderCopy[row];
    }

    /** The present run of this peer says it is in {@code term}, and holds our log or its own durably up to there. */
    void promises(int row, long term, long durableIndex) {
        if (term > promisedTerm[row]) {
            promisedTerm[row] = term;
            promisedIndex[row] = durableIndex;
        } else if (term == promisedTerm[row] && durableIndex > promisedIndex[row]) {
            promisedIndex[row] = durableIndex;
        }
    }

    /** Whether a message from run {@code fromBoot} to run {@code toBoot} belongs to the present. May learn the run. */
    boolean fits(int row, long fromBoot, long toBoot) {
        if (toBoot != ownBoot) {
            return false;
        }
        if (storeId[row] == UNKNOWN && fromBoot > boot[row]) {
            boot[row] = fromBoot;
        }
        return fromBoot == boot[row] && !olderCopy[row];
    }

    /**
     * @param keptTerm,keptIndex the term that the store was in, and the index at which its log ended, when this run
     *                           opened it; {@link #NO_CLAIM} for what it knows that it lost
     * @return whether the greeting was news or repeats what we know; false for one from a former run
     */
    boolean onHello(int row, long fromBoot, long toBoot, long fromStore, long keptTerm, long keptIndex, String says) {
        final boolean toFormerRun = toBoot != UNKNOWN && toBoot != ownBoot;
        // The runs of one store are ordered; another store under the same id is a wiped or replaced server.
        if (toFormerRun || (fromStore == storeId[row] && isNoLaterRun(fromBoot, boot[row]))) {
            return false;
        }
        if (fromBoot != boot[row]) { // what this very run has promised since, it need not have kept when it began
            if (fromStore != storeId[row] || keptTerm == NO_CLAIM) {
                promisedTerm[row] = 0;
                promisedIndex[row] = 0;
            }
            olderCopy[row] = keptTerm < promisedTerm[row]
                || (keptTerm == promisedTerm[row] && keptIndex < promisedIndex[row]);
        }
        boot[row] = fromBoot;
        storeId[row] = fromStore;
        advertised[row] = says;
        answered[row] |= toBoot == ownBoot && !olderCopy[row];
        return true;
    }

    /**
     * Whether {@code boot} is not a later run of the same store than {@code known}. Two different runs that count alike
     * are those of two copies of one directory.
     */
    static boolean isNoLaterRun(long boot, long known) {
        return boot != known && boot >>> 32 <= known >>> 32;
    }

    /**
     * Whether to greet this peer now: at intervals, until it greets our present run by name. Only then it has compared
     * this run with what it remembers of us.
     */
    boolean greetingIsDue(int row, long nowNs) {
        return !answered[row] && mayGreet(row, nowNs);
    }

    /** Greetings to one peer are spaced out; true means that one goes out now. */
    boolean mayGreet(int row, long nowNs) {
        if (nowNs - greetedNs[row] < greetingNs) {
            return false;
        }
        greetedNs[row] = nowNs;
        return true;
    }
}
