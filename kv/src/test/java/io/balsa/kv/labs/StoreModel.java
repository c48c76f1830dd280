package io.balsa.kv.labs;

import java.util.Optional;

import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.KeyValue.Append;
import io.balsa.raft.testkit.linearizability.KeyValue.Get;
import io.balsa.raft.testkit.linearizability.KeyValue.Put;
import io.balsa.raft.testkit.linearizability.KeyValue.Request;
import io.balsa.raft.testkit.linearizability.Model;

/**
 * The store as its clients see it. An append is answered with the length of the value, which leaves hardly any order
 * open: many concurrent appends and one get would otherwise be more than a search can decide. Values grow to thousands
 * of characters while thousands are recorded, so that only their digests are kept.
 */
final class StoreModel implements Model<StoreModel.Digest, Request, StoreModel.Answer> {
    private final KeyValue words = new KeyValue();

    /** What a client is answered. */
    sealed interface Answer {
        /** To a put. */
        record Done() implements Answer {
        }

        /** To an append: how long the value is now. */
        record Length(long characters) implements Answer {
        }

        /** To a get. */
        record Value(Digest value) implements Answer {
        }
    }

    /**
     * A value without most of its characters.
     *
     * @param hash of all of them
     * @param tail the last few, for people
     */
    record Digest(long length, long hash, String tail) {
        private static final int TAIL = 40;
        private static final long FACTOR = 0x9E3779B97F4A7C15L;
        static final Digest EMPTY = new Digest(0, 0, "");

        static Digest of(String value) {
            return EMPTY.plus(value);
        }

        Digest plus(String suffix) {
            long sum = hash;
            for (int i = 0; i < suffix.length(); i++) {
                sum = sum * FACTOR + suffix.charAt(i) + 1;
            }
            final String end = suffix.length() >= TAIL ? suffix : tail.concat(suffix);
            return new Digest(length + suffix.length(), sum, end.substring(Math.max(0, end.length() - TAIL)));
        }

        @Override
        public String toString() {
            return length == tail.length() ? '"' + tail + '"' : "\"..." + tail + "\" (" + length + " characters)";
        }
    }

    @Override
    public Digest initialState() {
        return Digest.EMPTY;
    }

    @Override
    public Optional<Digest> step(Digest state, Request input, Answer output) {
        final Digest after = stepUnseen(state, input);
        final boolean possible = switch (output) {
            case Answer.Done() -> true;
            case Answer.Length(long characters) -> characters == after.length();
            case Answer.Value(Digest value) -> value.equals(state);
        };
        return possible ? Optional.of(after) : Optional.empty();
    }

    @Override
    public Digest stepUnseen(Digest state, Request input) {
        return switch (input) {
            case Get get -> state;
            case Put put -> Digest.of(put.value());
            case Append append -> state.plus(append.value());
        };
    }

    @Override
    public boolean mayNotice(Request open, Request other, Optional<Answer> output) {
        return !(open instanceof Get) && !(other instanceof Put) && output.isPresent();
    }

    @Override
    public Object partition(Request input) {
        return input.key();
    }

    @Override
    public String describe(Request input) {
        return words.describe(input);
    }

    @Override
    public String describeOutput(Request input, Answer output) {
        return switch (output) {
            case Answer.Done() -> "ok";
            case Answer.Length(long characters) -> characters + " characters";
            case Answer.Value(Digest value) -> value.toString();
        };
    }
}
