package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import io.balsa.kv.wire.OpCode;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Commands as a scenario writes them, and as they stand in a log. */
final class Commands {
    private Commands() {
    }

    static Command command(OpCode op, String... arguments) {
        return new Command(op, Arrays.stream(arguments).map(Commands::bytes).toList());
    }

    static Command incrby(String key, long number) {
        return new Command(OpCode.INCRBY, List.of(bytes(key)), number);
    }

    static DirectBuffer open() {
        final CommandEncoder encoder = new CommandEncoder();
        return copy(encoder, encoder.open());
    }

    static DirectBuffer close(long client) {
        final CommandEncoder encoder = new CommandEncoder();
        return copy(encoder, encoder.close(client));
    }

    static DirectBuffer execute(long client, long sequence, long acknowledged, Command command) {
        final CommandEncoder encoder = new CommandEncoder();
        return copy(encoder, encoder.execute(client, sequence, acknowledged, command));
    }

    static KvReply bulk(String text) {
        return new KvReply.Bulk(bytes(text));
    }

    static KvReply number(long number) {
        return new KvReply.Int(number);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static DirectBuffer copy(CommandEncoder encoder, int length) {
        final byte[] bytes = new byte[length];
        encoder.buffer().getBytes(0, bytes);
        return new UnsafeBuffer(bytes);
    }
}
