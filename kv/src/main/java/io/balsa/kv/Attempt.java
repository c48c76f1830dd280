package io.balsa.kv;

import io.balsa.raft.Outcome;

/** A call handed to one node, once. */
interface Attempt {
    /** What became of it, as far as that node could tell. */
    sealed interface Result {
        /** It was executed, now or before, or the state machine itself says why not. */
        record Answered(KvReply reply) implements Result {
        }

        /** This attempt did nothing and never will. */
        record Refused(KvReply.Failure failure, boolean mayRetry) implements Result {
            static Refused because(Outcome.Reason reason) {
                return switch (reason) {
                    case NOT_LEADER -> of(KvReply.Code.NOTLEADER, "this node does not lead; not executed", true);
                    case OVERLOADED -> of(KvReply.Code.OVERLOADED, "too much is under way; not executed", true);
                    case TOO_LARGE -> of(KvReply.Code.TOOLARGE, "longer than this group takes; not executed", false);
                    case DISK_FULL -> of(KvReply.Code.DISKFULL, "the leader's disk is full; not executed", false);
                    case STOPPED -> of(KvReply.Code.UNAVAILABLE,
                        "this node has stopped, ask another one; not executed", false);
                };
            }

            private static Refused of(KvReply.Code code, String message, boolean mayRetry) {
                return new Refused(new KvReply.Failure(code, message), mayRetry);
            }
        }

        /** Nobody can tell: it may have been executed, or may yet be. */
        record Lost(String why) implements Result {
        }
    }

    /** Whether it was refused on the spot, so that nothing that depends on it should follow. */
    boolean isRefused();

    /**
     * Waits for the result.
     *
     * @param deadlineNs by {@link System#nanoTime}; when it passes, the result is {@link Result.Lost}
     */
    Result await(long deadlineNs);
}
