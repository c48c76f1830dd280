package io.balsa.kv;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes RESP2 through a buffer of fixed size; a long value goes straight to the stream. Not for several threads. */
final class RespWriter {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final byte[] ABSENT = ascii("$-1\r\n");
    private static final byte[] OK = ascii("+OK\r\n");
    private static final int LONGEST_NUMBER = 20;

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int used;

    RespWriter(OutputStream out) {
        this.out = out;
    }

    void reply(KvReply reply) throws IOException {
        switch (reply) {
            case KvReply.Ok ok -> put(OK);
            case KvReply.Text text -> simple(text.text());
            case KvReply.Int number -> header(':', number.value());
            case KvReply.Bulk bulk -> bulk(bulk.value());
            case KvReply.Values values -> strings(values.values());
            case KvReply.Failure failure -> error(failure);
        }
    }

    /** An array of bulk strings: several values, or a command. */
    void strings(List<byte[]> strings) throws IOException {
        array(strings.size());
        for (final byte[] string : strings) {
            bulk(string);
        }
    }

    void array(int length) throws IOException {
        header('*', length);
    }

    /** @param value null: absent */
    void bulk(byte[] value) throws IOException {
        if (value == null) {
            put(ABSENT);
            return;
        }
        header('$', value.length);
        put(value);
        lineEnd();
    }

    void flush() throws IOException {
        drain();
        out.flush();
    }

    private void simple(String text) throws IOException {
        put(ascii("+" + text + "\r\n"));
    }

    private void error(KvReply.Failure failure) throws IOException {
        // A line break inside would end the reply early, and the rest would be read as another one.
        final String line = failure.message().replace('\r', ' ').replace('\n', ' ');
        put(("-" + failure.code() + " " + line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private void header(char type, long number) throws IOException {
        if (used + LONGEST_NUMBER + 3 > BUFFER_BYTES) {
            drain();
        }
        buffer[used++] = (byte) type;
        if (number >= 0 && number < 10) {
            buffer[used++] = (byte) ('0' + number);
        } else {
            final byte[] digits = Decimal.format(number);
            System.arraycopy(digits, 0, buffer, used, digits.length);
            used += digits.length;
        }
        lineEnd();
    }

    private void lineEnd() throws IOException {
        if (used + 2 > BUFFER_BYTES) {
            drain();
        }
        buffer[used++] = '\r';
        buffer[used++] = '\n';
    }

    private void put(byte[] bytes) throws IOException {
        if (used + bytes.length > BUFFER_BYTES) {
            drain();
        }
        if (bytes.length > BUFFER_BYTES) {
            out.write(bytes);
            return;
        }
        System.arraycopy(bytes, 0, buffer, used, bytes.length);
        used += bytes.length;
    }

    private void drain() throws IOException {
        out.write(buffer, 0, used);
        used = 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
