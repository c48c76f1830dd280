package io.balsa.raft;

/** The answer to "may I read now?": see {@link RaftNode#awaitReadable}. */
public sealed interface ReadOutcome {
    /** The state machine here now shows everything committed before the question was asked (ReadIndex, thesis §6.4). */
    @SuppressWarnings("AvoidCommonTypeNames") // callers see it as ReadOutcome.Readable
    record Readable(long readIndex) implements ReadOutcome {
    }

    /** It may not; reads can always be asked again, here or elsewhere. */
    record NotReadable(Outcome.Reason reason, int leaderHint) implements ReadOutcome {
    }

    /** No answer within the caller's time. */
    record TimedOut() implements ReadOutcome {
    }
}
