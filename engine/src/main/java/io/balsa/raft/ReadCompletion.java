package io.balsa.raft;

/** Told once whether a read may be served; on the node's loop thread, so it must be short and must not block. */
public interface ReadCompletion {
    /** See {@link ReadOutcome.Readable}. */
    void onReadable(long readIndex);

    /** See {@link ReadOutcome.NotReadable}. */
    void onNotReadable(Outcome.Reason reason, int leaderHint);
}
