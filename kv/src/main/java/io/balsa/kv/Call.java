package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What must be asked of the leader: of its log, or of its state machine once that may be read. */
sealed interface Call {
    /** An operation that goes through the log, under a session. */
    record Update(Command command) implements Call {
    }

    /** Opens a session; the answer is its client id. */
    record OpenSession() implements Call {
    }

    /** Closes a session. */
    record CloseSession(long client) implements Call {
    }

    /** A read of a frozen view, without the log. */
    sealed interface Look extends Call {
        /** @param readIndex all entries up to it are in the view, and all that was acknowledged before is among them */
        KvReply at(KvView view, long readIndex);

        /** The same question in RESP, for another node. */
        List<byte[]> words();
    }

    /** A read of named keys. It can go through the log as well. */
    record Point(Command command) implements Look {
        @Override
        public KvReply at(KvView view, long readIndex) {
            return view.read(command);
        }

        @Override
        public List<byte[]> words() {
            return command.words();
        }
    }

    /**
     * The keys of a prefix: {@code BALSA.RANGE prefix limit [after]}. The answer's first value is 1 when keys were left
     * out, else 0; the keys follow.
     *
     * @param after null: from the start
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Range(byte[] prefix, byte[] after, int limit) implements Look {
        @Override
        public KvReply at(KvView view, long readIndex) {
            final KvView.Range range = view.range(prefix, after, limit);
            final List<byte[]> values = new ArrayList<>(range.keys().size() + 1);
            values.add(Decimal.format(range.more() ? 1 : 0));
            values.addAll(range.keys());
            return new KvReply.Values(values);
        }

        @Override
        public List<byte[]> words() {
            final List<byte[]> words = new ArrayList<>(4);
            words.add("BALSA.RANGE".getBytes(StandardCharsets.US_ASCII));
            words.add(prefix);
            words.add(Decimal.format(limit));
            if (after != null) {
                words.add(after);
            }
            return words;
        }
    }

    /** How many keys there are. */
    record Size() implements Look {
        @Override
        public KvReply at(KvView view, long readIndex) {
            return new KvReply.Int(view.map().size());
        }

        @Override
        public List<byte[]> words() {
            return List.of("DBSIZE".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Up to which index a state must come to show all that was acknowledged before the question (thesis §6.4). */
    record ReadIndex() implements Look {
        @Override
        public KvReply at(KvView view, long readIndex) {
            return new KvReply.Int(readIndex);
        }

        @Override
        public List<byte[]> words() {
            return List.of("BALSA.READINDEX".getBytes(StandardCharsets.US_ASCII));
        }
    }
}
