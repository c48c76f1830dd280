package io.balsa.raft;

/**
 * What became of a command. "Failed" is not among them: either it was not and never will be applied
 * ({@link Rejected}), or this node cannot tell ({@link Indeterminate}) and only a later read, or a retry under the same
 * session and sequence number, finds out.
 *
 * @param <R> the state machine's result
 */
public sealed interface Outcome<R> {
    /** Durable on a majority and applied here; {@code reply} is what the state machine returned. */
    record Committed<R>(long index, R reply) implements Outcome<R> {
    }

    /** Not in the log and never will be. */
    record Rejected<R>(Reason reason, int leaderHint) implements Outcome<R> {
        /** No leader is known here now. */
        public static final int NO_LEADER = -1;
    }

    /** May have been committed, or may yet be. */
    record Indeterminate<R>(Cause cause) implements Outcome<R> {
    }

    /** Why a command was refused. */
    enum Reason {
        /** This node does not lead; the hint says who did, last we heard. */
        NOT_LEADER,
        /** Too much is under way; try again a little later. */
        OVERLOADED,
        /** Longer than {@link RaftConfig#maxCommandBytes()}. */
        TOO_LARGE,
        /** The leader's disk is full. */
        DISK_FULL,
        /** The node is closed or has stopped; {@link RaftStatus#failure()} says why. */
        STOPPED
    }

    /** Why an outcome is unknown. */
    enum Cause {
        /** The caller's time ran out first. */
        TIMEOUT,
        /** The node lost leadership while the entry was under way. */
        LEADERSHIP_LOST,
        /** The node stopped while the entry was under way. */
        STOPPED,
        /** The calling thread was interrupted while it waited. */
        INTERRUPTED
    }
}
