package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Reads what {@link SnapshotOutput} wrote, and trusts none of it: a length that cannot be is not allocated. */
final class SnapshotInput {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final String REMEDY = "; restore another snapshot, or this one from a sound copy";

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int limit;
    /** How many bytes were read before those in the buffer. */
    private long before;

    SnapshotInput(InputStream in) {
        this.in = in;
    }

    void requireRaw(byte[] expected) throws IOException {
        final byte[] found = raw(expected.length);
        if (!Arrays.equals(found, expected)) {
            throw new MalformedStateException("this is no snapshot of the key/value store: it begins with "
                + HexFormat.of().formatHex(found) + ", not with " + HexFormat.of().formatHex(expected) + REMEDY);
        }
    }

    void requireEnd() throws IOException {
        if (next < limit || fill()) {
            throw damaged("it goes on after its last pair");
        }
    }

    long number() throws IOException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            final byte part = part();
            number |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return number;
            }
        }
        throw damaged("a number does not end");
    }

    /** @param what is counted, for the message where there are more than can be */
    int count(String what, int most) throws IOException {
        final long count = number();
        if (count < 0 || count > most) {
            throw damaged(Long.toUnsignedString(count) + " " + what + " are more than the " + most + " there can be");
        }
        return (int) count;
    }

    byte[] bytes() throws IOException {
        return raw(count("bytes in a row", Limits.COMMAND_BYTES));
    }

    KvReply reply() throws IOException {
        final byte kind = part();
        return switch (kind) {
            case 1 -> KvReply.Ok.OK;
            case 2 -> new KvReply.Text(text());
            case 3 -> integer(number());
            case 4 -> bulk(value());
            case 5 -> values();
            case 6 -> new KvReply.Failure(code(text()), text());
            default -> throw damaged("there is no reply of kind " + kind);
        };
    }

    private static KvReply integer(long folded) {
        final long value = folded >>> 1 ^ -(folded & 1);
        if (value == 0) {
            return KvReply.Int.ZERO;
        }
        return value == 1 ? KvReply.Int.ONE : new KvReply.Int(value);
    }

    private static KvReply bulk(byte[] value) {
        return value == null ? KvReply.Bulk.ABSENT : new KvReply.Bulk(value);
    }

    private KvReply values() throws IOException {
        final int count = count("values of one reply", Limits.ARGUMENTS);
        final List<byte[]> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value());
        }
        return new KvReply.Values(values);
    }

    private byte[] value() throws IOException {
        final int lengthPlusOne = count("bytes in a row", Limits.COMMAND_BYTES + 1);
        return lengthPlusOne == 0 ? null : raw(lengthPlusOne - 1);
    }

    private KvReply.Code code(String name) throws IOException {
        for (final KvReply.Code code : KvReply.Code.values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        throw damaged("there is no error of the name " + name);
    }

    private String text() throws IOException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] raw(int length) throws IOException {
        final byte[] bytes = new byte[length];
        int copied = 0;
        while (copied < length) {
            if (next == limit && !fill()) {
                throw endsEarly();
            }
            final int part = Math.min(length - copied, limit - next);
            System.arraycopy(buffer, next, bytes, copied, part);
            copied += part;
            next += part;
        }
        return bytes;
    }

    private byte part() throws IOException {
        if (next == limit && !fill()) {
            throw endsEarly();
        }
        return buffer[next++];
    }

    private boolean fill() throws IOException {
        before += limit;
        next = 0;
        limit = Math.max(0, in.read(buffer, 0, buffer.length));
        return limit > 0;
    }

    private IOException endsEarly() {
        return new MalformedStateException("the snapshot ends after " + (before + limit) + " bytes, in the middle of "
            + "the state" + REMEDY);
    }

    IOException damaged(String what) {
        return new MalformedStateException("the snapshot is damaged before byte " + (before + next) + ": " + what
            + REMEDY);
    }
}
