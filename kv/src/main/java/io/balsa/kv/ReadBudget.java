package io.balsa.kv;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that all connections of a node together hold in large commands read and not yet answered. Nobody
 * waits for it, so half-read commands cannot block each other: who gets nothing is refused.
 */
final class ReadBudget {
    /** A shorter command is not counted: the number of connections bounds those. */
    static final int SMALL_BYTES = 16 << 10;

    private final AtomicLong left;

    ReadBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    boolean reserve(int bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void release(int bytes) {
        if (bytes != 0) {
            left.addAndGet(bytes);
        }
    }

    long left() {
        return left.get();
    }
}
