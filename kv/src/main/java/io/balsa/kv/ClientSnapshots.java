package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.balsa.raft.spi.RaftException;

/**
 * What all clients of a node together may ask of its snapshots. Each that is being fetched takes a file, a megabyte
 * and, once newer ones were taken, as much of the disk as it is long; each that is taken writes the whole state. Any
 * thread.
 */
final class ClientSnapshots {
    /** How many are fetched at once. */
    static final int PLACES = 4;
    /** A client that asks for nothing for so long is not fetching any more. */
    static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60);
    /** Between two that are taken because clients asked. */
    static final long APART_NS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier clockNs;
    private final Semaphore places = new Semaphore(PLACES);
    private final Set<Fetch> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastTurnNs;

    /** @param clockNs as {@link System#nanoTime()} */
    ClientSnapshots(LongSupplier clockNs) {
        this.clockNs = clockNs;
        this.lastTurnNs = new AtomicLong(clockNs.getAsLong() - APART_NS);
    }

    /** A snapshot that is being fetched: it can be, to its end, however many newer ones are taken meanwhile. */
    final class Fetch implements AutoCloseable {
        private final InputStream state;
        /** No monitor: a virtual thread that waits for a disk in one would keep its carrier from everybody else. */
        private final ReentrantLock turn = new ReentrantLock();
        private long askedNs = clockNs.getAsLong();
        private boolean closed;

        private Fetch(InputStream state) {
            this.state = state;
        }

        /** @return what follows, empty at the end */
        byte[] next(int bytes) throws IOException {
            turn.lock();
            try {
                if (closed) {
                    throw new RaftException("the snapshot was given up after nothing of it was asked for "
                        + TimeUnit.NANOSECONDS.toSeconds(IDLE_NS) + " s; begin again");
                }
                final byte[] piece = state.readNBytes(bytes);
                askedNs = clockNs.getAsLong();
                return piece;
            } finally {
                turn.unlock();
            }
        }

        /** One whose turn it is to be read is not idle, however long its disk takes. */
        private void closeIfIdle() {
            if (turn.tryLock()) {
                try {
                    if (clockNs.getAsLong() - askedNs >= IDLE_NS) {
                        close();
                    }
                } finally {
                    turn.unlock();
                }
            }
        }

        @Override
        public void close() {
            turn.lock();
            try {
                if (!closed) {
                    closed = true;
                    open.remove(this);
                    places.release();
                    state.close();
                }
            } catch (IOException e) {
                // it was only read
            } finally {
                turn.unlock();
            }
        }
    }

    /**
     * Gives a client a place, until the fetch is closed.
     *
     * @throws RaftException when there is none, or the snapshot cannot be opened
     */
    Fetch fetch(Supplier<InputStream> opener) {
        closeIdle();
        if (!places.tryAcquire()) {
            throw new RaftException("too many clients fetch a snapshot of this node; try again when one is done");
        }
        Fetch fetch = null;
        try {
            fetch = new Fetch(opener.get());
            open.add(fetch);
            return fetch;
        } finally {
            if (fetch == null) {
                places.release();
            }
        }
    }

    /** Lets go of what nobody asks for any more: a client that is silent need not have gone. */
    void closeIdle() {
        open.forEach(Fetch::closeIfIdle);
    }

    /**
     * Waits until a snapshot may be taken because a client asks.
     *
     * @return false when it may not be by the deadline, or this thread is interrupted
     */
    boolean awaitTurn(long deadlineNs) {
        while (true) {
            final long last = lastTurnNs.get();
            final long nowNs = clockNs.getAsLong();
            final long leftNs = APART_NS - (nowNs - last);
            if (leftNs <= 0) {
                if (lastTurnNs.compareAndSet(last, nowNs)) {
                    return true;
                }
            } else if (nowNs + leftNs - deadlineNs > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            } else {
                LockSupport.parkNanos(this, leftNs);
            }
        }
    }
}
