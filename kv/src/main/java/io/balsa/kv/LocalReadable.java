package io.balsa.kv;

import io.balsa.raft.Outcome;
import io.balsa.raft.ReadCompletion;

/** The question whether the replica in this process may be read now; answered its read index if so. */
final class LocalReadable extends LocalAttempt implements ReadCompletion {
    @Override
    public void onReadable(long readIndex) {
        complete(new Result.Answered(new KvReply.Int(readIndex)));
    }

    @Override
    public void onNotReadable(Outcome.Reason reason, int leaderHint) {
        refuse(reason);
    }
}
