package io.balsa.kv;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;

/** A command handed to the replica in this process. */
final class LocalWrite extends LocalAttempt implements Completion<KvReply> {
    @Override
    public void onCommitted(long index, KvReply reply) {
        complete(new Result.Answered(reply));
    }

    @Override
    public void onRejected(Outcome.Reason reason, int leaderHint) {
        refuse(reason);
    }

    @Override
    public void onIndeterminate(Outcome.Cause cause) {
        complete(new Result.Lost(switch (cause) {
            case TIMEOUT -> "no majority stored it in time";
            case LEADERSHIP_LOST -> "the leader changed while it was under way";
            case STOPPED -> "the node stopped while it was under way";
            case INTERRUPTED -> "this node is closing";
        }));
    }
}
