package io.balsa.raft;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What the loop thread does when a cycle found nothing to do. Waking up is the dearest part of a commit, so it yields
 * for as long as a disk may take for a force, and only so long: threads that yield in turn keep a processor busy, and
 * Linux then lets its own thread that sends the disk's flush wait behind them, for milliseconds. What lasts longer may
 * be waiting for just that, so the loop sleeps, and the processor with it.
 *
 * <p>A yield that comes back late tells of a busy neighbour on this core: waiting out the scheduler's ticks behind it
 * would cost milliseconds a turn, a short park does not, so for a while it parks instead. When all is quiet it parks
 * longer and longer.
 *
 * <p>A thrifty loop, of a service that waits for disks and people anyway, never yields. It sleeps about as long as it
 * has had nothing to do, so that what was answered soon is noticed soon, and a few milliseconds at most.
 */
final class LoopIdle {
    private static final long YIELD_NS = 300_000;
    private static final long LATE_YIELD_NS = 1_000_000;
    private static final long WARY_NS = 20_000_000;
    private static final long SHORT_PARK_NS = 1_000;
    private static final long LONGEST_WARY_PARK_NS = 20_000;
    /** Long enough for a processor to become idle. */
    private static final long BUSY_PARK_NS = 50_000;
    private static final long QUIET_NS = 50_000_000;
    private static final long LONGEST_QUIET_PARK_NS = 500_000;
    private static final long SHORT_THRIFTY_PARK_NS = 20_000;
    private static final long LONGEST_THRIFTY_PARK_NS = 2_000_000;

    private volatile Thread loop;
    private final boolean thrifty;
    private final BooleanSupplier hasArrivals;
    private long workedNs;
    private long waryUntilNs;
    private long parkNs = SHORT_PARK_NS;
    private volatile boolean parked;

    /**
     * @param thrifty     see {@link RaftConfig#thrifty}
     * @param hasArrivals whether somebody has handed something to the loop since its last cycle
     */
    LoopIdle(Thread loop, boolean thrifty, BooleanSupplier hasArrivals) {
        this.loop = loop;
        this.thrifty = thrifty;
        this.hasArrivals = hasArrivals;
        workedNs = System.nanoTime();
        waryUntilNs = workedNs;
    }

    /** The calling thread has become the loop. */
    void belongsToMe() {
        loop = Thread.currentThread();
    }

    /**
     * @param work  what the cycle did
     * @param nowNs when the cycle began, in the time of {@link System#nanoTime()}
     */
    // Whether the scheduler makes a yield cheap is not relied upon but measured, each time.
    @SuppressWarnings("ThreadPriorityCheck")
    void idle(int work, long nowNs) {
        if (work > 0) {
            workedNs = nowNs;
            parkNs = SHORT_PARK_NS;
            return;
        }
        final long idleNs = nowNs - workedNs;
        if (!thrifty && nowNs - waryUntilNs >= 0 && idleNs < YIELD_NS) {
            final long beforeNs = System.nanoTime();
            Thread.yield();
            if (System.nanoTime() - beforeNs > LATE_YIELD_NS) {
                waryUntilNs = beforeNs + WARY_NS;
            }
            return;
        }
        parkNs = nextParkNs(idleNs);
        parked = true;
        if (!hasArrivals.getAsBoolean()) { // looked at after parked is set: whoever comes later sees it and wakes us
            LockSupport.parkNanos(parkNs);
        }
        parked = false;
    }

    private long nextParkNs(long idleNs) {
        if (thrifty) {
            return Math.clamp(idleNs, SHORT_THRIFTY_PARK_NS, LONGEST_THRIFTY_PARK_NS);
        }
        if (idleNs < YIELD_NS) {
            return Math.min(2 * parkNs, LONGEST_WARY_PARK_NS);
        }
        return idleNs < QUIET_NS ? BUSY_PARK_NS : Math.min(2 * parkNs, LONGEST_QUIET_PARK_NS);
    }

    /** Something was handed to the loop: end its park if it is in a long one. Any thread. */
    void wake() {
        if (parked) {
            LockSupport.unpark(loop);
        }
    }
}
