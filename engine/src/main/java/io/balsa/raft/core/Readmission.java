package io.balsa.raft.core;

/**
 * How a server that lost its log, or its vote as well, becomes a voter again. It may have acknowledged entries that it
 * no longer holds, and cast votes that it no longer remembers; counted too early, it would help to elect a leader that
 * lacks what was committed with its help, or vote twice in one term.
 * Where an entry counts before it is forced, every server that ends without a clean stop is such a one.
 *
 * <p>So until then it follows and counts for nothing. What it may have acknowledged lies no further than the leader's
 * log reaches when the leader learns of the loss, in a term that is no older than any the others are in: once a
 * majority without this server holds all of that, and this server too, nothing can be missing. Which terms it may have
 * voted in the others know, since whoever it voted for was in that term: it never votes in any of them again.
 */
final class Readmission {
    private final RaftState state;
    private final Peers peers;
    private final boolean forgotVotes;
    private final boolean[] heard;
    private boolean pending;
    private long highestTerm;

    /**
     * @param pending     whether this server waits to become a voter
     * @param forgotVotes whether it lost its vote
     */
    Readmission(RaftState state, Peers peers, boolean pending, boolean forgotVotes) {
        this.state = state;
        this.peers = peers;
        this.pending = pending;
        this.forgotVotes = forgotVotes;
        heard = new boolean[peers.count()];
    }

    /** A member that knows of this very run is in this term. */
    void onTerm(int row, long term) {
        heard[row] = true;
        highestTerm = Math.max(highestTerm, term);
    }

    /** Whether this member must still say which term it is in. */
    boolean awaitsTermOf(int row) {
        return pending && forgotVotes && !heard[row];
    }

    /**
     * The leader of the current term says that a majority without this server holds its log up to some entry.
     *
     * @param confirmedIndex that entry
     * @param heldIndex up to where this server durably holds the leader's log
     */
    boolean isDue(long confirmedIndex, long heldIndex) {
        return pending && heldIndex >= confirmedIndex
            && (!forgotVotes || (everybodyWasHeard() && state.currentTerm >= highestTerm));
    }

    private boolean everybodyWasHeard() {
        for (int row = 0; row < peers.count(); row++) {
            if (!heard[row]) {
                return false;
            }
        }
        return true;
    }

    /** It is a voter from here on. In this term it may have voted before: it takes its vote as spent. */
    void complete() {
        pending = false;
        vote();
    }

    /**
     * It votes from here on, and its disk does not say so yet, see {@link UnsafeRecovery}: all others were heard.
     *
     * @return whether term and vote may have changed: it enters the latest term in which it may have voted
     */
    boolean voteUnsafely() {
        if (forgotVotes && state.currentTerm < highestTerm) {
            state.enterTerm(highestTerm);
        }
        vote();
        return forgotVotes;
    }

    private void vote() {
        state.voter = true;
        if (forgotVotes && state.votedFor == RaftState.NOBODY) {
            state.voteFor(state.selfId);
        }
    }
}
