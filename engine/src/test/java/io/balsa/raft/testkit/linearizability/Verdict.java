package io.balsa.raft.testkit.linearizability;

import io.balsa.raft.testkit.checks.Violation;

/** What a check came to. */
public sealed interface Verdict {
    /**
     * There is an order that explains all that the clients saw.
     *
     * @param explored configurations the search went into, in all partitions: what the history costs of a budget
     */
    record Linearizable(long explored) implements Verdict { }

    /**
     * There is none.
     *
     * @param window where it shows, of the first partition found that has no order
     */
    record NotLinearizable(Window window) implements Verdict {
        @Override
        public String toString() {
            return window.text();
        }
    }

    /**
     * The search ended before it knew; nothing may be concluded.
     *
     * @param reason what ended it, and where
     */
    record Unknown(String reason) implements Verdict { }

    /**
     * Goes on only if the history is linearizable.
     *
     * @throws Violation if it is not, with the failing window; and if that is unknown: an unfinished check is no pass
     */
    default void require() {
        switch (this) {
            case Linearizable linearizable -> { }
            case NotLinearizable bad -> throw new Violation(bad.window().text());
            case Unknown(String reason) -> throw new Violation("it is unknown whether the history is linearizable: "
                + reason);
        }
    }
}
