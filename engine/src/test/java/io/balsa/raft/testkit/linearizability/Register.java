package io.balsa.raft.testkit.linearizability;

import java.util.Optional;

/** One value that is read, written, and swapped if it is as expected. It holds nothing at first. */
public final class Register<V> implements Model<Optional<V>, Register.Request<V>, Register.Reply<V>> {
    /** What a client asks. */
    public sealed interface Request<V> { }

    /** Answered with {@link Value}. */
    public record Read<V>() implements Request<V> { }

    /** Answered with {@link Written}. */
    public record Write<V>(V value) implements Request<V> { }

    /** Writes {@code next} if the value is {@code expected}. Answered with {@link Swapped}. */
    public record CompareAndSet<V>(V expected, V next) implements Request<V> { }

    /** What a client is answered. */
    public sealed interface Reply<V> { }

    /** What was read; empty if nothing was ever written. */
    public record Value<V>(Optional<V> value) implements Reply<V> { }

    /** It is written. */
    public record Written<V>() implements Reply<V> { }

    /** Whether the value was as expected, and so is swapped. */
    public record Swapped<V>(boolean swapped) implements Reply<V> { }

    @Override
    public Optional<V> initialState() {
        return Optional.empty();
    }

    @Override
    public Optional<Optional<V>> step(Optional<V> state, Request<V> input, Reply<V> output) {
        final boolean possible = switch (input) {
            case Read<V>() when output instanceof Value<V>(Optional<V> value) -> value.equals(state);
            case Write<V> write when output instanceof Written<V> -> true;
            case CompareAndSet<V> cas when output instanceof Swapped<V>(boolean swapped) ->
                swapped == state.equals(Optional.of(cas.expected()));
            case Read<V> read -> throw mismatch(read, output);
            case Write<V> write -> throw mismatch(write, output);
            case CompareAndSet<V> cas -> throw mismatch(cas, output);
        };
        return possible ? Optional.of(stepUnseen(state, input)) : Optional.empty();
    }

    @Override
    public Optional<V> stepUnseen(Optional<V> state, Request<V> input) {
        return switch (input) {
            case Read<V>() -> state;
            case Write<V>(V value) -> Optional.of(value);
            case CompareAndSet<V>(V expected, V next) ->
                state.equals(Optional.of(expected)) ? Optional.of(next) : state;
        };
    }

    @Override
    public boolean mayNotice(Request<V> open, Request<V> other, Optional<Reply<V>> output) {
        return switch (open) {
            case Read<V>() -> false;
            case Write<V>(V value) -> mayNoticeValue(value, other, output);
            case CompareAndSet<V>(V expected, V next) -> mayNoticeValue(next, other, output);
        };
    }

    private boolean mayNoticeValue(V value, Request<V> other, Optional<Reply<V>> output) {
        return switch (other) {
            case Read<V>() -> output.equals(Optional.of(new Value<>(Optional.of(value))));
            case Write<V> write -> false;
            // What fails may do so because of any value but one.
            case CompareAndSet<V>(V expected, V next) ->
                expected.equals(value) || output.equals(Optional.of(new Swapped<>(false)));
        };
    }

    @Override
    public String describe(Request<V> input) {
        return switch (input) {
            case Read<V>() -> "read";
            case Write<V>(V value) -> "write " + value;
            case CompareAndSet<V>(V expected, V next) -> "cas " + expected + " to " + next;
        };
    }

    @Override
    public String describeOutput(Request<V> input, Reply<V> output) {
        return switch (output) {
            case Value<V>(Optional<V> value) -> describeState(value);
            case Written<V>() -> "ok";
            case Swapped<V>(boolean swapped) -> swapped ? "swapped" : "not as expected";
        };
    }

    @Override
    public String describeState(Optional<V> state) {
        return state.map(String::valueOf).orElse("nothing");
    }

    private static IllegalArgumentException mismatch(Request<?> input, Reply<?> output) {
        return new IllegalArgumentException(input + " is answered " + output + "; record the reply its Javadoc names");
    }
}
