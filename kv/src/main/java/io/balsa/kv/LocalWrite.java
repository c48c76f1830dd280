package io.balsa.kv;

import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.Completion;
import io.balsa.raft.Outcome;

/** A command handed to the replica in this process. Completed on the loop thread, awaited by one other. */
final class LocalWrite implements Attempt, Completion<KvReply> {
    private volatile Result result;
    private volatile Thread waiter;

    @Override
    public void onCommitted(long index, KvReply reply) {
        complete(new Result.Answered(reply));
    }

    @Override
    public void onRejected(Outcome.Reason reason, int leaderHint) {
        complete(Result.Refused.because(reason));
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

    @Override
    public boolean isRefused() {
        return result instanceof Result.Refused;
    }

    @Override
    public Result await(long deadlineNs) {
        if (result == null) {
            waiter = Thread.currentThread(); // published before the next look, so that either side sees the other
            while (result == null) {
                final long left = deadlineNs - System.nanoTime();
                if (left <= 0) {
                    return new Result.Lost("no majority stored it in time");
                }
                if (Thread.currentThread().isInterrupted()) {
                    return new Result.Lost("this node is closing");
                }
                LockSupport.parkNanos(this, left);
            }
        }
        return result;
    }

    private void complete(Result outcome) {
        result = outcome;
        final Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
