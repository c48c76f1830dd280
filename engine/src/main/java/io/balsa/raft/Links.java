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
 */
final class Links {
    /** No run has been heard yet. */
    static final long UNKNOWN = 0;

    final int[] id;
    final String[] advertised;
    private final long[] boot;
    private final long[] storeId;
    private final long[] greetedNs;
    private final long ownBoot;
    private final long greetingNs;

    Links(int[] peerIds, long ownBoot, long greetingNs, long nowNs) {
        this.id = peerIds;
        this.ownBoot = ownBoot;
        this.greetingNs = greetingNs;
        boot = new long[peerIds.length];
        storeId = new long[peerIds.length];
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

    boolean isKnown(int row) {
        return boot[row] != UNKNOWN;
    }

    /** Whether a message from run {@code fromBoot} to run {@code toBoot} belongs to the present. May learn the run. */
    boolean fits(int row, long fromBoot, long toBoot) {
        if (toBoot != ownBoot) {
            return false;
        }
        if (storeId[row] == UNKNOWN && fromBoot > boot[row]) {
            boot[row] = fromBoot;
        }
        return fromBoot == boot[row];
    }

    /** Returns whether the greeting was news or repeats what we know; false for one from a former run. */
    boolean onHello(int row, long fromBoot, long toBoot, long fromStore, String says) {
        final boolean toFormerRun = toBoot != UNKNOWN && toBoot != ownBoot;
        // The runs of one store are ordered; another store under the same id is a wiped or replaced server.
        if (toFormerRun || (fromStore == storeId[row] && isNoLaterRun(fromBoot, boot[row]))) {
            return false;
        }
        boot[row] = fromBoot;
        storeId[row] = fromStore;
        advertised[row] = says;
        return true;
    }

    /**
     * Whether {@code boot} is not a later run of the same store than {@code known}. Two different runs that count alike
     * are those of two copies of one directory.
     */
    static boolean isNoLaterRun(long boot, long known) {
        return boot != known && boot >>> 32 <= known >>> 32;
    }

    /** Whether to greet this peer now: until its own greeting has been heard, at intervals. */
    boolean greetingIsDue(int row, long nowNs) {
        return storeId[row] == UNKNOWN && mayGreet(row, nowNs);
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
