package io.balsa.raft.core;

/**
 * How a group goes on in which so many servers lost what they may have acknowledged that no majority is left to confirm
 * it: where an entry counts before it is forced, a power cut does that. Nobody can tell any more what was committed, so
 * an operator must ask for it, on each such server, and may lose by it what no disk kept.
 *
 * <p>Nothing is lost that some disk did keep. A log on a disk is what its server's log once was, so by Leader
 * Completeness (§5.4.3) the most up-to-date of all holds every entry that was committed and that any of them holds,
 * and every entry that a snapshot stands for. So a server waits until all others have said how up-to-date their logs
 * are. It votes from then on, but only for a log that covers the best of them, and it campaigns only with such a one.
 * It is durably a voter again once its own log covers that: then the check of §5.4.1 says the same.
 */
final class UnsafeRecovery {
    private final boolean asked;
    private final boolean[] votes;
    private final boolean[] recovers;
    private final long[] lastIndex;
    private final long[] lastTerm;
    private boolean open;
    private long bestIndex;
    private long bestTerm;

    /** @param asked whether an operator asked for it, on a server that does not vote */
    UnsafeRecovery(boolean asked, int peers) {
        this.asked = asked;
        votes = new boolean[peers];
        recovers = new boolean[peers];
        lastIndex = new long[peers];
        lastTerm = new long[peers];
    }

    /** A member that knows of this very run says where its log ends, whether it votes, and whether it was asked. */
    void onMember(int row, long itsLastIndex, long itsLastTerm, boolean itVotes, boolean itRecovers) {
        lastIndex[row] = itsLastIndex;
        lastTerm[row] = itsLastTerm;
        votes[row] = itVotes;
        recovers[row] = itRecovers;
    }

    /** Whether this member must still say so. */
    boolean awaits(int row) {
        return asked && !open && !votes[row] && !recovers[row];
    }

    /** Whether this server may vote now; where a majority does without it, their leader makes it a voter. */
    boolean isDue(int majority) {
        int voters = 0;
        for (int row = 0; row < votes.length; row++) {
            if (awaits(row)) {
                return false;
            }
            voters += votes[row] ? 1 : 0;
        }
        return asked && !open && voters < majority;
    }

    /** This server votes from here on, for what covers its own log and all that it heard of. */
    void begin(long ownLastIndex, long ownLastTerm) {
        open = true;
        bestIndex = ownLastIndex;
        bestTerm = ownLastTerm;
        for (int row = 0; row < votes.length; row++) {
            if (admits(lastIndex[row], lastTerm[row])) {
                bestIndex = lastIndex[row];
                bestTerm = lastTerm[row];
            }
        }
    }

    /** Whether a log that ends so covers the best one that was heard of; any does where there is no recovery. */
    boolean admits(long itsLastIndex, long itsLastTerm) {
        return itsLastTerm > bestTerm || (itsLastTerm == bestTerm && itsLastIndex >= bestIndex);
    }

    /** Whether this server votes by this rule alone: its disk still says that it does not. */
    boolean isOpen() {
        return open;
    }

    /** Its disk says that it is a voter, and its log covers the best one. */
    void close() {
        open = false;
        bestIndex = 0;
        bestTerm = 0;
    }
}
