package io.balsa.raft;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A thread that waits for one answer from the loop thread. */
abstract class Waiter<T> {
    private final Thread thread = Thread.currentThread();
    private volatile T answer;

    final void answer(T value) {
        answer = value;
        LockSupport.unpark(thread);
    }

    /** Returns the answer, or null when the time ran out or the thread was interrupted, which stays to be seen. */
    final T await(Duration timeout) {
        final long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout); // however long, it fits
        while (answer == null) {
            final long left = deadline - System.nanoTime();
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return answer;
            }
            LockSupport.parkNanos(this, left);
        }
        return answer;
    }

    /** Waits for a commit. */
    static final class ForCommit<R> extends Waiter<Outcome<R>> implements Completion<R> {
        @Override
        public void onCommitted(long index, R reply) {
            answer(new Outcome.Committed<>(index, reply));
        }

        @Override
        public void onRejected(Outcome.Reason reason, int leaderHint) {
            answer(new Outcome.Rejected<>(reason, leaderHint));
        }

        @Override
        public void onIndeterminate(Outcome.Cause cause) {
            answer(new Outcome.Indeterminate<>(cause));
        }
    }

    /** Waits for leave to read. */
    static final class ForRead extends Waiter<ReadOutcome> implements ReadCompletion {
        @Override
        public void onReadable(long readIndex) {
            answer(new ReadOutcome.Readable(readIndex));
        }

        @Override
        public void onNotReadable(Outcome.Reason reason, int leaderHint) {
            answer(new ReadOutcome.NotReadable(reason, leaderHint));
        }
    }
}
