package io.balsa.raft;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What the loop thread does when a cycle found nothing to do. While somebody waits for a commit it yields: waking up is
 * the dearest part of one. It parks soon all the same, because a thread that only yields beside a busy neighbour on its
 * core waits out whole scheduler ticks. When all is quiet it parks longer and longer.
 */
final class LoopIdle {
    private static final int YIELDS = 200;
    private static final long SHORT_PARK_NS = 1_000;
    private static final long LONGEST_BUSY_PARK_NS = 50_000;
    private static final long LONGEST_QUIET_PARK_NS = 500_000;
    private static final int QUIET_AFTER_PARKS = 400;

    private final Thread loop;
    private final BooleanSupplier hasArrivals;
    private int idleCycles;
    private long parkNs = SHORT_PARK_NS;
    private volatile boolean parked;

    /** @param hasArrivals whether somebody has handed something to the loop since its last cycle */
    LoopIdle(Thread loop, BooleanSupplier hasArrivals) {
        this.loop = loop;
        this.hasArrivals = hasArrivals;
    }

    // What a yield costs depends on the scheduler; how often it is called at all is bounded.
    @SuppressWarnings("ThreadPriorityCheck")
    void idle(int work, boolean quiet) {
        if (work > 0) {
            idleCycles = 0;
            parkNs = SHORT_PARK_NS;
            return;
        }
        idleCycles++;
        if (idleCycles <= YIELDS) {
            Thread.yield();
            return;
        }
        final boolean longQuiet = quiet && idleCycles > YIELDS + QUIET_AFTER_PARKS;
        parkNs = Math.min(2 * parkNs, longQuiet ? LONGEST_QUIET_PARK_NS : LONGEST_BUSY_PARK_NS);
        parked = true;
        if (!hasArrivals.getAsBoolean()) { // looked at after parked is set: whoever comes later sees it and wakes us
            LockSupport.parkNanos(parkNs);
        }
        parked = false;
    }

    /** Something was handed to the loop: end its park if it is in a long one. Any thread. */
    void wake() {
        if (parked) {
            LockSupport.unpark(loop);
        }
    }
}
