package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The loop looks for arrivals once more before each park: that is how a park is seen here, without a clock. */
class LoopIdleTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicInteger parks = new AtomicInteger();
    private final LoopIdle idle = new LoopIdle(Thread.currentThread(), () -> {
        parks.incrementAndGet();
        return true; // somebody came: it does not sleep after all
    });

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
    @DisplayName("a cycle that did something is followed by the next at once")
    void aCycleThatDidSomethingIsFollowedByTheNext() {
        final long now = System.nanoTime();
        idle.idle(1, now + SECOND);
        idle.idle(7, now + 2 * SECOND);
        assertEquals(0, parks.get());
    }
}
