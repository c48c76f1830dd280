package io.balsa.mmap;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How the log thread waits. Being woken costs tens of microseconds, twice on the path of a commit, so it yields as long
 * as more work is likely; yielding beside a busy neighbour costs whole time slices, so it stops when one took long; and
 * an idle node must not use the processor, so it parks in the end: soon, because threads that yield keep the kernel's
 * own from sending what another node's log waits for.
 */
final class WriterIdle {
    private static final long YIELD_NANOS = TimeUnit.MICROSECONDS.toNanos(300);
    private static final long LONG_YIELD_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long WARY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Progress progress;
    private long idleSince;
    private long lastNow;
    private long waryUntil = System.nanoTime();
    private boolean working = true;

    WriterIdle(Progress progress) {
        this.progress = progress;
    }

    void worked() {
        working = true;
    }

    /** Waits a little unless something lies beyond {@code seen}. */
    // Whether the scheduler makes a yield cheap is not relied upon but measured, each time.
    @SuppressWarnings("ThreadPriorityCheck")
    void idle(long seen) {
        final long now = System.nanoTime();
        if (working) {
            working = false;
            idleSince = now;
        } else if (now - lastNow > LONG_YIELD_NANOS) {
            waryUntil = now + WARY_NANOS;
        }
        if (now - idleSince < YIELD_NANOS && now - waryUntil >= 0) {
            lastNow = now;
            Thread.yield();
        } else {
            park(seen);
            lastNow = System.nanoTime();
        }
    }

    private void park(long seen) {
        progress.parked(true);
        // Whoever published before it could see that we park does not wake us.
        if (progress.appended() == seen && !progress.closing()) {
            LockSupport.parkNanos(this, PARK_NANOS);
        }
        progress.parked(false);
    }
}
