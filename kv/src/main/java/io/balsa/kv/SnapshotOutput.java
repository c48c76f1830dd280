package io.balsa.kv;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The words of {@link KvSnapshot}'s format, written to a stream that buffers them. */
final class SnapshotOutput {
    private final OutputStream out;

    SnapshotOutput(OutputStream out) {
        this.out = out;
    }

    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    void number(long number) throws IOException {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    void bytes(byte[] bytes) throws IOException {
        number(bytes.length);
        out.write(bytes);
    }

    void reply(KvReply reply) throws IOException {
        switch (reply) {
            case KvReply.Ok ok -> number(1);
            case KvReply.Text text -> {
                number(2);
                text(text.text());
            }
            case KvReply.Int integer -> {
                number(3);
                number(integer.value() << 1 ^ integer.value() >> 63);
            }
            case KvReply.Bulk bulk -> {
                number(4);
                value(bulk.value());
            }
            case KvReply.Values values -> {
                number(5);
                number(values.values().size());
                for (final byte[] value : values.values()) {
                    value(value);
                }
            }
            case KvReply.Failure failure -> {
                number(6);
                text(failure.code().name()); // by name, as in the digest: its place may change
                text(failure.message());
            }
        }
    }

    private void value(byte[] value) throws IOException {
        if (value == null) {
            number(0);
        } else {
            number(value.length + 1L);
            out.write(value);
        }
    }

    private void text(String text) throws IOException {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
