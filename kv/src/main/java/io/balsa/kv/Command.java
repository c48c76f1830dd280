package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

    /** Whether it can stand in the log. */
    boolean fits() {
        long bytes = Limits.COMMAND_OVERHEAD;
        for (final byte[] argument : arguments) {
            bytes += argument.length + Limits.ARGUMENT_OVERHEAD;
        }
        return bytes <= Limits.COMMAND_BYTES && arguments.size() <= Limits.ARGUMENTS;
    }

    /** What to say of a command that does not fit. */
    static String tooLong() {
        return "a command of more than " + (Limits.COMMAND_BYTES - Limits.COMMAND_OVERHEAD) + " bytes, "
            + Limits.ARGUMENT_OVERHEAD + " more counted for each argument, or of more than " + Limits.ARGUMENTS
            + " arguments; make it several";
    }

    /** The command as RESP spells it. */
    List<byte[]> words() {
        final List<byte[]> words = new ArrayList<>(arguments.size() + 2);
        words.add(op.name().getBytes(StandardCharsets.US_ASCII));
        words.addAll(arguments);
        if (op == OpCode.INCRBY) {
            words.add(Decimal.format(number));
        }
        return words;
    }

    boolean isRead() {
        return switch (op) {
            case GET, EXISTS, STRLEN, MGET -> true;
            case SET, APPEND, DEL, CAS, CASABSENT, INCRBY, MSET, NULL_VAL -> false;
        };
    }
}
