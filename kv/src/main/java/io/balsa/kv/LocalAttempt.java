package io.balsa.kv;

import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.Outcome;
import io.balsa.raft.RaftNode;

/** A question to the replica in this process. Completed once, by its loop thread; awaited by one other. */
abstract class LocalAttempt implements Attempt {
    private volatile Result result;
    private volatile Thread waiter;

    @Override
    public final boolean isRefused() {
        return result instanceof Result.Refused;
    }

    @Override
    public final Result await(long deadlineNs) {
        if (result == null) {
            waiter = Thread.currentThread(); // published before the next look, so that either side sees the other
            while (result == null) {
                final long left = deadlineNs - System.nanoTime();
                if (left <= 0) {
                    return new Result.Lost("no majority answered in time");
                }
                if (Thread.currentThread().isInterrupted()) {
                    return new Result.Lost("this node is closing");
                }
                LockSupport.parkNanos(this, left);
            }
        }
        return result;
    }

    /** @param code what the engine returned when the question was offered */
    final void taken(int code) {
        switch (code) {
            case RaftNode.ACCEPTED -> {
                // the completion tells the rest
            }
            case RaftNode.OVERLOADED -> refuse(Outcome.Reason.OVERLOADED);
            case RaftNode.TOO_LARGE -> refuse(Outcome.Reason.TOO_LARGE);
            case RaftNode.STOPPED -> refuse(Outcome.Reason.STOPPED);
            default -> throw new IllegalStateException("the engine returned " + code);
        }
    }

    final void refuse(Outcome.Reason reason) {
        complete(Result.Refused.because(reason));
    }

    final void complete(Result outcome) {
        result = outcome;
        final Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
