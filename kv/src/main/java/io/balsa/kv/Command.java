package io.balsa.kv;

import java.util.List;

import io.balsa.kv.wire.OpCode;

/**
 * One operation on the store.
 *
 * @param arguments keys and values as {@link OpCode} says; never changed
 * @param number    what INCRBY adds; else 0
 */
record Command(OpCode op, List<byte[]> arguments, long number) {
    Command(OpCode op, List<byte[]> arguments) {
        this(op, arguments, 0);
    }

    byte[] key() {
        return arguments.get(0);
    }

    boolean isRead() {
        return switch (op) {
            case GET, EXISTS, STRLEN, MGET -> true;
            case SET, APPEND, DEL, CAS, CASABSENT, INCRBY, MSET, NULL_VAL -> false;
        };
    }
}
