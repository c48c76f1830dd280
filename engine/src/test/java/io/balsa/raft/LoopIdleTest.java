package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The loop looks for arrivals once more before each park: that is how a park is seen here, without a clock. */
class LoopIdleTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicInteger parks = new AtomicInteger();
    private final LoopIdle idle = loop(false);

    @Test
    @DisplayName("a loop with nothing to do parks, after a millisecond and when all is quiet")
    void aLoopWithNothingToDoParks() {
        final long now = System.nanoTime();
        idle.idle(1, now);
        idle.idle(0, now + SECOND / 1_000);
        assertEquals(1, parks.get());
        idle.idle(0, now + SECOND);
        assertEquals(2, parks.get());
    }

    @Test
    @DisplayName("right after it did something a loop does not park")
    void rightAfterItDidSomethingALoopDoesNotPark() {
        final long now = System.nanoTime();
        idle.idle(1, now);
        idle.idle(0, now + SECOND / 10_000);
        assertEquals(0, parks.get());
    }

    @Test
    @DisplayName("a thrifty loop parks as soon as it has nothing to do")
    void aThriftyLoopParksAtOnce() {
        final LoopIdle thrifty = loop(true);
        final long now = System.nanoTime();
        thrifty.idle(1, now);
        assertEquals(0, parks.get());
        thrifty.idle(0, now + 1);
        assertEquals(1, parks.get());
    }

    @Test
    @DisplayName("a thrifty loop that has had nothing to do for long sleeps for milliseconds")
    void aThriftyLoopSleepsForMilliseconds() {
        final LoopIdle thrifty = new LoopIdle(Thread.currentThread(), true, () -> false);
        final long now = System.nanoTime();
        long sleptNs = 0;
        for (int i = 0; i < 20; i++) { // a park may end for no reason; not all of them do
            final long beforeNs = System.nanoTime();
            thrifty.idle(0, now + SECOND);
            sleptNs = Math.max(sleptNs, System.nanoTime() - beforeNs);
        }
        assertTrue(sleptNs >= 2_000_000, () -> "each park was over before two milliseconds were");
    }

    @Test
    @DisplayName("a cycle that did something is followed by the next at once")
    void aCycleThatDidSomethingIsFollowedByTheNext() {
        final long now = System.nanoTime();
        idle.idle(1, now + SECOND);
        idle.idle(7, now + 2 * SECOND);
        assertEquals(0, parks.get());
    }

    private LoopIdle loop(boolean thrifty) {
        return new LoopIdle(Thread.currentThread(), thrifty, () -> {
            parks.incrementAndGet();
            return true; // somebody came: it does not sleep after all
        });
    }
}
