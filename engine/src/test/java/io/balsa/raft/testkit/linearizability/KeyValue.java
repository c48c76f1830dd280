package io.balsa.raft.testkit.linearizability;

import java.util.Optional;

/**
 * A store of strings under keys that are read, replaced and appended to. A key that was never written holds the empty
 * string. The answer to a get is the value; the answers to put and append say nothing, so any string will do.
 */
public final class KeyValue implements Model<String, KeyValue.Request, String> {
    /** What a client asks. */
    public sealed interface Request {
        /** Keys are independent of each other. */
        String key();
    }

    /** Answered with the value. */
    public record Get(String key) implements Request { }

    /** Replaces the value. */
    public record Put(String key, String value) implements Request { }

    /** Adds to the end of the value. */
    public record Append(String key, String value) implements Request { }

    public static Request get(String key) {
        return new Get(key);
    }

    public static Request put(String key, String value) {
        return new Put(key, value);
    }

    public static Request append(String key, String value) {
        return new Append(key, value);
    }

    @Override
    public String initialState() {
        return "";
    }

    @Override
    public Optional<String> step(String state, Request input, String output) {
        return input instanceof Get && !state.equals(output) ? Optional.empty() : Optional.of(stepUnseen(state, input));
    }

    @Override
    public String stepUnseen(String state, Request input) {
        return switch (input) {
            case Get get -> state;
            case Put put -> put.value();
            case Append append -> state.concat(append.value());
        };
    }

    /** A value that was put or appended is seen by the gets that contain it; until a put, after which nobody can. */
    @Override
    public boolean mayNotice(Request open, Request other, Optional<String> output) {
        final boolean shown = other instanceof Get && output.isPresent();
        return switch (open) {
            case Get get -> false;
            case Put(String key, String value) -> shown && output.get().startsWith(value);
            case Append(String key, String value) -> shown && output.get().contains(value);
        };
    }

    @Override
    public Object partition(Request input) {
        return input.key();
    }

    @Override
    public String describe(Request input) {
        return switch (input) {
            case Get(String key) -> "get " + key;
            case Put(String key, String value) -> "put " + key + " \"" + value + '"';
            case Append(String key, String value) -> "append " + key + " \"" + value + '"';
        };
    }

    @Override
    public String describeOutput(Request input, String output) {
        return input instanceof Get ? '"' + output + '"' : "ok";
    }

    @Override
    public String describeState(String state) {
        return '"' + state + '"';
    }
}
