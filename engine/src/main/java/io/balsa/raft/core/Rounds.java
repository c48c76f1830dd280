package io.balsa.raft.core;

import java.util.Arrays;

/**
 * Whether this leader is still heard, and since when. Every message of a leader carries a round, every answer echoes
 * it. A round is named by the leader's own clock at its start and is strictly increasing, so an echo tells both the
 * order and the send time: a late answer of the same term proves nothing about a later round.
 *
 * <p>Two rules live on it. CheckQuorum (thesis §6.2): a leader that no majority has echoed for an election timeout
 * steps down. ReadIndex (thesis §6.4): a read is confirmed by a majority's echo of a round that began after the read
 * was asked; one round confirms every read that came before it.
 */
final class Rounds {
    private final Peers peers;
    private final long electionTimeoutNs;
    private final Quorum quorum;
    private final long[] echoed;

    private long current;
    private long lastTicket;
    private long confirmed;

    Rounds(Peers peers, long electionTimeoutNs) {
        this.peers = peers;
        this.electionTimeoutNs = electionTimeoutNs;
        this.quorum = new Quorum(peers.count() + 1);
        this.echoed = new long[peers.count()];
    }

    /** A new leader was just elected by a majority: that is worth one timeout. No ticket is confirmed by it. */
    void resetForNewTerm(long nowNs) {
        current = Math.max(current + 1, nowNs);
        Arrays.fill(echoed, current);
        lastTicket = current;
        confirmed = current;
    }

    void begin(long nowNs) {
        current = Math.max(current + 1, nowNs);
    }

    long current() {
        return current;
    }

    /** For a read asked now: any round up to the present one began too early to vouch for it. */
    long ticket() {
        lastTicket = current + 1;
        return lastTicket;
    }

    /** Whether a read waits that no round has been started for. Ask before {@link #begin}. */
    boolean isWanted() {
        return lastTicket > current;
    }

    void onEcho(int row, long round) {
        if (round <= current) {
            echoed[row] = Math.max(echoed[row], round);
        }
    }

    /** Returns true if tickets up to {@link #confirmed()} are newly confirmed. */
    boolean advance() {
        if (confirmed >= lastTicket) {
            return false;
        }
        final long reached = quorum.reached(echoed, peers.counts, current);
        if (reached <= confirmed) {
            return false;
        }
        confirmed = reached;
        return true;
    }

    long confirmed() {
        return confirmed;
    }

    boolean quorumIsLost(long nowNs) {
        // Compared, not subtracted: where most servers do not count, what a majority has reached is Long.MIN_VALUE.
        return quorum.reached(echoed, peers.counts, nowNs) < nowNs - electionTimeoutNs;
    }
}
