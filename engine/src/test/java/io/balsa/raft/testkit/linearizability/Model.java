package io.balsa.raft.testkit.linearizability;

import java.util.Optional;

/**
 * What a service promises, as an object that does one operation at a time. It must be deterministic: state and input
 * decide the next state and the output.
 *
 * @param <S> a state: immutable, with {@code equals} and {@code hashCode} by value; all that are met are kept in memory
 *     for as long as a check takes
 * @param <I> what a client asks, with {@code equals} by value
 * @param <O> what it is answered
 */
public interface Model<S, I, O> {
    /** The state before the first operation; of each partition, where there are several. */
    S initialState();

    /**
     * Does one operation whose answer is known.
     *
     * @return the state after it, or empty if in {@code state} the answer cannot have been {@code output}
     */
    Optional<S> step(S state, I input, O output);

    /** Does one operation whose answer nobody saw; the state itself if the operation has no effect in it. */
    S stepUnseen(S state, I input);

    /**
     * The part of the service an operation concerns, such as its key. Operations on different parts must not depend on
     * each other: each part is checked alone, which is what makes long histories feasible.
     *
     * @return equal objects for the same part; its {@code toString} names it to people
     */
    default Object partition(I input) {
        return "the whole history";
    }

    /**
     * Whether an operation could notice that an open one took effect before it. Open operations that nothing still to
     * come could notice are left aside, and it is they that make a check expensive: a model that knows better than
     * "perhaps" decides far longer histories.
     *
     * @param output empty if {@code other} is open itself
     * @return false only if this holds: an order in which all that follow {@code open} could not notice it stays
     *     possible without it
     */
    default boolean mayNotice(I open, I other, Optional<O> output) {
        return true;
    }

    /** An operation in words. */
    default String describe(I input) {
        return String.valueOf(input);
    }

    /** The answer to an operation in words. */
    default String describeOutput(I input, O output) {
        return String.valueOf(output);
    }

    /** A state in words. */
    default String describeState(S state) {
        return String.valueOf(state);
    }
}
