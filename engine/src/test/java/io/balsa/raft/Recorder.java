package io.balsa.raft;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/**
 * Notes the numbers it is shown; the reply is how many there were before. It can be told to dwell on a number until it
 * is released, to throw at one, or to be slow at all. Its state has no lock: the node hands it from thread to thread.
 */
final class Recorder implements StateMachine<Integer> {
    private final List<Integer> applied = new ArrayList<>();
    private final Set<Thread> threads = new HashSet<>();
    private volatile int size;
    private volatile int dwellsOn = -1;
    private volatile int throwsAt = -1;
    private volatile Error thrown;
    private volatile long slowNs;
    private volatile Runnable meanwhile = () -> { };
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    void dwellOn(int number) {
        dwellsOn = number;
    }

    /** What it does itself before it dwells. */
    void meanwhile(Runnable action) {
        meanwhile = action;
    }

    void throwAt(int number, Error error) {
        thrown = error;
        throwsAt = number;
    }

    /** Every command takes this long from now on. */
    void slowDown(long ns) {
        slowNs = ns;
    }

    void awaitEntered() throws InterruptedException {
        entered.await();
    }

    void release() {
        released.countDown();
    }

    int size() {
        return size;
    }

    /** Only once the node has ended. */
    List<Integer> applied() {
        return applied;
    }

    /** How many threads called it. Only once the node has ended. */
    int threads() {
        return threads.size();
    }

    @Override
    public Integer apply(long index, long term, DirectBuffer command, int offset, int length) {
        final int number = command.getInt(offset);
        threads.add(Thread.currentThread());
        if (slowNs > 0) {
            LockSupport.parkNanos(slowNs);
        }
        if (number == dwellsOn) {
            meanwhile.run();
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (number == throwsAt) {
            throw thrown;
        }
        if (number != command.getInt(offset)) {
            throw new IllegalStateException("the bytes changed under the call");
        }
        applied.add(number);
        size = applied.size();
        return size - 1;
    }

    @Override
    public long stateHash() {
        return 1 + applied.hashCode();
    }
}
