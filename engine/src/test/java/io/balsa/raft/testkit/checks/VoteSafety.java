package io.balsa.raft.testkit.checks;

import java.util.HashMap;
import java.util.Map;

import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.FrameView;

/**
 * Term and vote, over restarts: the term never falls, each server votes at most once in a term (§5.2), and both are
 * durable before any message that depends on them leaves (Figure 2: updated on stable storage before responding).
 */
public final class VoteSafety {
    private record Ballot(int voter, long term) {
    }

    private final Map<Ballot, Integer> votes = new HashMap<>();

    /** A server asks its disk to replace the first pair by the second. */
    public void onPersist(int node, long term, int votedFor, long newTerm, int newVotedFor) {
        if (newTerm < term) {
            throw new Violation("n" + node + " persists term " + newTerm + " after " + term);
        }
        if (newTerm == term && votedFor != VoteStore.NOBODY && newVotedFor != votedFor) {
            throw new Violation("n" + node + " voted for n" + votedFor + " in term " + term + " and now persists "
                + newVotedFor);
        }
    }

    /** A frame leaves while the sender's disk holds {@code durableTerm} and {@code durableVote}. */
    public void onSend(FrameView frame, long durableTerm, int durableVote) {
        if (frame.isPreVote()) {
            // A pre-vote speaks about a term that nobody has entered yet (thesis §9.6).
            return;
        }
        if (frame.term() > durableTerm) {
            throw new Violation("n" + frame.from() + " sends " + frame.describe() + " but its durable term is "
                + durableTerm);
        }
        if (frame.kind() == FrameView.Kind.REQUEST_VOTE) {
            onVote(frame.from(), frame.term(), frame.from(), durableTerm, durableVote, frame);
        } else if (frame.kind() == FrameView.Kind.VOTE && frame.isSuccess()) {
            onVote(frame.from(), frame.term(), frame.to(), durableTerm, durableVote, frame);
        }
    }

    private void onVote(int voter, long term, int candidate, long durableTerm, int durableVote, FrameView frame) {
        if (durableTerm != term || durableVote != candidate) {
            throw new Violation("n" + voter + " sends " + frame.describe() + " to n" + frame.to()
                + " but its durable vote is term " + durableTerm + " for " + durableVote);
        }
        final Integer other = votes.putIfAbsent(new Ballot(voter, term), candidate);
        if (other != null && other != candidate) {
            throw new Violation("n" + voter + " votes in term " + term + " for n" + candidate + " after n" + other);
        }
    }
}
