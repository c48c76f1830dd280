package io.balsa.raft;

/**
 * Told once what became of a command handed to {@link RaftNode#offer}. Called on the node's loop thread: it must be
 * short, must not block, and must not throw: that would stop the node.
 *
 * @param <R> the state machine's result
 */
public interface Completion<R> {
    /** See {@link Outcome.Committed}. */
    void onCommitted(long index, R reply);

    /** See {@link Outcome.Rejected}. */
    void onRejected(Outcome.Reason reason, int leaderHint);

    /** See {@link Outcome.Indeterminate}. */
    void onIndeterminate(Outcome.Cause cause);
}
