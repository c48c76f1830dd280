package io.balsa.raft.testkit.linearizability;

/**
 * One operation of one client.
 *
 * @param output what it was answered; null if it is open, and only then
 * @param called when it was called, as its place in the order of all calls and returns of the history
 * @param returned when it returned, as a place in the same order; {@link #NEVER} if it is open: then it may have taken
 *     effect at any time after its call, may yet do so, or never will
 * @param calledNs when it was called, for people only: {@code called} decides
 * @param returnedNs when it returned, for people only; {@link #NEVER} if it is open
 */
public record Operation<I, O>(int client, I input, O output, long called, long returned, long calledNs,
                              long returnedNs) {
    /** Later than every return. */
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        if (called < 0 || returned <= called) {
            throw new IllegalArgumentException("client " + client + ": " + input + " returns at " + returned
                + ", called at " + called + "; give places in one order of all calls and returns");
        }
        if ((output == null) != (returned == NEVER)) {
            throw new IllegalArgumentException("client " + client + ": " + input + " is answered " + output
                + " and returns at " + returned + "; give an output to what returned, and only to that");
        }
    }

    /** Nobody saw its answer. */
    public boolean isOpen() {
        return returned == NEVER;
    }

    /** The same operation, had nobody seen its answer. */
    Operation<I, O> opened() {
        return new Operation<>(client, input, null, called, NEVER, calledNs, NEVER);
    }
}
