package io.balsa.raft.testkit.linearizability;

import java.util.List;

/**
 * Where a history shows that it is not linearizable, in words: some operations of one partition, and the states it may
 * have been in before them. Later operations have no part in it; it is the first return that no order explains.
 *
 * @param partition its name
 * @param from the window's beginning, as a place in the order of calls and returns
 * @param before the states that may have been reached by then, at least one
 * @param claim what holds for the operations that are {@link Role#NEEDED} and the one that is {@link Role#STUCK}
 * @param longest how many operations the longest order has
 * @param stuckIn the state it ends in
 * @param entries in the order of their calls
 */
public record Window(String partition, long from, List<String> before, String claim, int longest, String stuckIn,
                     List<Entry> entries) {
    public Window {
        before = List.copyOf(before);
        entries = List.copyOf(entries);
    }

    /** What an operation has to do with it. */
    public enum Role {
        /** Its answer is not possible where the longest order ends, nor in any other. */
        STUCK,
        /** Without it there might be an order. */
        NEEDED,
        /** For the picture: the end of the longest order, and what was under way when it got stuck. */
        CONTEXT
    }

    /**
     * An operation.
     *
     * @param number in {@link History#operations()}
     * @param text what was asked and answered
     * @param place in the longest order from 1 on, or 0 if it has none
     * @param after the state after it in that order, or empty
     */
    public record Entry(int number, int client, String text, long called, long returned, long calledNs,
                        long returnedNs, Role role, int place, String after) {
        boolean isOpen() {
            return returned == Operation.NEVER;
        }
    }

    /** The one that has no place. */
    public Entry stuck() {
        return entries.stream().filter(entry -> entry.role == Role.STUCK).findFirst().orElseThrow();
    }

    /** The window for a terminal: what contradicts itself, and how far an order goes. */
    public String text() {
        return new WindowText(this).toString();
    }

    /** The window drawn: one HTML page that needs no other file, a row for each client. */
    public String html() {
        return new Timeline(this).page();
    }
}
