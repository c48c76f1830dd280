package io.balsa.raft.testkit;

import java.util.function.BooleanSupplier;

/**
 * Ends a simulated process in the middle of its work. The ports ask at every call; once it has fired they go on
 * refusing, so that nothing the dying code still does can be seen from outside.
 */
final class KillSwitch {
    /** Thrown through the node's code when its process dies. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed by the simulator", null, false, false);
        }
    }

    private static final int NEVER = -1;

    private final BooleanSupplier mayFire;
    private int callsLeft = NEVER;
    private long calls;
    private boolean fired;

    /** One that fires whenever it is told to. */
    KillSwitch() {
        this(() -> true);
    }

    /** @param mayFire whether the process may die now */
    KillSwitch(BooleanSupplier mayFire) {
        this.mayFire = mayFire;
    }

    /** The process dies at the {@code calls}-th call from now. */
    void arm(int calls) {
        callsLeft = calls;
    }

    void fire() {
        fired = true;
        throw new Killed();
    }

    boolean mayFire() {
        return fired || mayFire.getAsBoolean();
    }

    boolean fired() {
        return fired;
    }

    /** How many calls the ports have seen; it tells a busy cycle from an idle one. */
    long calls() {
        return calls;
    }

    void onCall() {
        calls++;
        if (fired) {
            fire();
        }
        if (callsLeft != NEVER && --callsLeft <= 0) {
            callsLeft = NEVER;
            if (mayFire()) {
                fire();
            }
        }
    }
}
