package io.balsa.raft.core;

import java.util.Arrays;

/**
 * Figure 2, "Volatile state on leaders", one row per other server, and how each is being replicated to:
 * <em>probing</em> for the last common entry with one message at a time, or <em>streaming</em> without waiting.
 */
final class Peers {
    final int[] id;
    final long[] nextIndex;
    final long[] matchIndex;
    final boolean[] streaming;
    /** False for a server that said it is no voter: it is replicated to, and counts for nothing. */
    final boolean[] counts;
    /** Of a server that counts for nothing: where our log ended when we heard so; it may have acknowledged as much. */
    final long[] lossIndex;
    /** True for a server that said its disk takes no more entries. */
    final boolean[] full;
    /** While probing: the {@code verifiedIndex} from which on an answer says that the probe was received and taken. */
    final long[] probedIndex;
    /** When entries, or an empty message in their place, were last sent. */
    final long[] sentNs;
    final long[] heartbeatNs;
    /** When anything of this term was last heard from it. */
    final long[] heardNs;
    /** When it was last heard to have made more of our log durable. */
    final long[] advancedNs;

    Peers(int... ids) {
        id = ids;
        nextIndex = new long[ids.length];
        matchIndex = new long[ids.length];
        streaming = new boolean[ids.length];
        counts = new boolean[ids.length];
        lossIndex = new long[ids.length];
        full = new boolean[ids.length];
        probedIndex = new long[ids.length];
        sentNs = new long[ids.length];
        heartbeatNs = new long[ids.length];
        heardNs = new long[ids.length];
        advancedNs = new long[ids.length];
    }

    int count() {
        return id.length;
    }

    /** Of all voters, this server among them. */
    int majority() {
        return (id.length + 1) / 2 + 1;
    }

    int rowOf(int serverId) {
        for (int row = 0; row < id.length; row++) {
            if (id[row] == serverId) {
                return row;
            }
        }
        return -1;
    }

    /** Figure 2: nextIndex starts just past the leader's log, matchIndex at 0. */
    void resetForNewTerm(long leaderLastIndex, long nowNs, long longAgoNs) {
        Arrays.fill(nextIndex, leaderLastIndex + 1);
        Arrays.fill(matchIndex, 0);
        Arrays.fill(streaming, false);
        Arrays.fill(counts, true);
        Arrays.fill(full, false);
        Arrays.fill(probedIndex, leaderLastIndex + 1);
        Arrays.fill(sentNs, longAgoNs);
        Arrays.fill(heartbeatNs, nowNs);
        Arrays.fill(heardNs, nowNs);
        Arrays.fill(advancedNs, longAgoNs);
    }

    /** Goes back to one message at a time, at once from {@code index}, never to what is already known to match. */
    void probeFrom(int row, long index, long longAgoNs) {
        streaming[row] = false;
        nextIndex[row] = Math.max(index, matchIndex[row] + 1);
        probedIndex[row] = nextIndex[row];
        sentNs[row] = longAgoNs;
    }

    void streamFrom(int row, long index) {
        streaming[row] = true;
        nextIndex[row] = Math.max(index, matchIndex[row] + 1);
    }
}
