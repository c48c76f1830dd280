package io.balsa.raft;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who owns the loop while the state machine is being called. A call may last; so the thread that makes it says so
 * before, and a thread that watches may then take the loop, and all of the node with it, away from the call. Whoever
 * comes out of a call and finds the loop gone leaves what came of the call to the new owner and touches nothing more.
 *
 * <pre>
 *   n &gt; 0   the owner is inside its call n: the loop may be taken
 *   FREE    the owner is at its own work
 *   AWAY    taken; its former owner is still inside the call
 *   BACK    the call has returned: what came of it waits for the owner
 * </pre>
 *
 * <p>Each step publishes what was written before it, hence the loop's state needs no lock, and what one call wrote the
 * next one sees, whatever threads make them. Where nobody watches it costs two writes to a word of one's own.
 */
final class Baton {
    /** No call to take the loop from. */
    static final long FREE = 0;
    private static final long AWAY = -1;
    private static final long BACK = -2;

    private final AtomicLong state = new AtomicLong(FREE);
    private long calls;

    // ---- the thread that calls the state machine -------------------------------------------------------------------

    /** A call begins. The owner only. */
    void enter() {
        state.setRelease(++calls);
    }

    /** The call is over. Returns false when the loop was taken meanwhile: then leave the result and {@link #leave}. */
    boolean keeps() {
        return state.compareAndSet(calls, FREE);
    }

    /** The result lies ready; the calling thread has nothing more to do with the loop. */
    void leave() {
        state.set(BACK);
    }

    // ---- the owner -------------------------------------------------------------------------------------------------

    /** Whether a call of a former owner has not been picked up yet. */
    boolean isAway() {
        return state.get() < FREE;
    }

    /** Whether that call has returned. Any thread. */
    boolean isBack() {
        return state.get() == BACK;
    }

    /** The owner takes over what came of the call that is {@link #isBack() back}. */
    void pickUp() {
        state.setRelease(FREE);
    }

    // ---- the thread that watches -----------------------------------------------------------------------------------

    /** The number of the call that the owner is in now, or {@link #FREE} for none that could be taken from. */
    long call() {
        return Math.max(state.get(), FREE);
    }

    /** Takes the loop from this call. Returns false when it has returned just now. */
    boolean take(long call) {
        return state.compareAndSet(call, AWAY);
    }
}
