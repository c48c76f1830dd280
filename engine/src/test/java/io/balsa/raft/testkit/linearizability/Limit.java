package io.balsa.raft.testkit.linearizability;

import java.util.function.BooleanSupplier;

/**
 * How far a search may go.
 *
 * @param configurations it may go into
 * @param past whether its time is over
 */
record Limit(long configurations, BooleanSupplier past) {
    static Limit of(long configurations) {
        return new Limit(configurations, () -> false);
    }

    boolean isPast() {
        return past.getAsBoolean();
    }
}
