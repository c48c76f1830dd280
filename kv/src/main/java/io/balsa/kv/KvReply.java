package io.balsa.kv;

import java.util.Arrays;
import java.util.List;

/** What an operation answers: the result of the state machine, and the value of a RESP reply. */
sealed interface KvReply {
    /** How many bytes of memory keeping this reply for a retry costs, about. */
    default int keptBytes() {
        return switch (this) {
            case Ok ok -> 0;
            case Text text -> 64 + text.text.length();
            case Int number -> 16;
            case Bulk bulk -> bulk.value == null ? 0 : 32 + bulk.value.length;
            case Values values -> values.values.stream().mapToInt(v -> v == null ? 8 : 24 + v.length).sum();
            case Failure failure -> 64 + failure.message.length();
        };
    }

    /** Done, nothing to say. */
    record Ok() implements KvReply {
        static final Ok OK = new Ok();
    }

    /** A short word on one line. */
    record Text(String text) implements KvReply {
    }

    /** A count, a length, a flag or a sum. */
    record Int(long value) implements KvReply {
        static final Int ZERO = new Int(0);
        static final Int ONE = new Int(1);
    }

    /** One value; null where there is none. The array is shared with the store: never changed. */
    @SuppressWarnings("ArrayRecordComponent") // shared on purpose; equality is by content below
    record Bulk(byte[] value) implements KvReply {
        static final Bulk ABSENT = new Bulk(null);

        @Override
        public boolean equals(Object other) {
            return other instanceof Bulk bulk && Arrays.equals(value, bulk.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }
    }

    /** Several values, null where there is none. */
    record Values(List<byte[]> values) implements KvReply {
        @Override
        public boolean equals(Object other) {
            return other instanceof Values theirs
                && Arrays.deepEquals(values.toArray(), theirs.values.toArray());
        }

        @Override
        public int hashCode() {
            return Arrays.deepHashCode(values.toArray());
        }
    }

    /** An error: on the wire {@code -CODE message}. */
    record Failure(Code code, String message) implements KvReply {
        static Failure error(String message) {
            return new Failure(Code.ERR, message);
        }
    }

    /** The first word of an error, which programs look at. */
    enum Code {
        /** The command is wrong, or wrong for the value it met. Final. */
        ERR,
        /** A limit is exceeded; nothing was executed. */
        TOOLARGE,
        /** The session has already executed this number and its reply is no longer kept. */
        STALE,
        /** The number does not follow the last one executed; nothing was executed. */
        SEQUENCE,
        /** The session is not known (any more); this attempt was not executed. */
        SESSIONEXPIRED,
        /** This node does not lead, and the connection asked not to be forwarded. Not executed. */
        NOTLEADER,
        /** Too much is under way. Not executed. */
        OVERLOADED,
        /** The leader's disk is full. Not executed. */
        DISKFULL,
        /** No leader took it in time. Not executed. */
        UNAVAILABLE,
        /** It may have been executed, or may yet be. */
        UNKNOWN,
        /** HELLO with a protocol version other than 2. */
        NOPROTO
    }
}
