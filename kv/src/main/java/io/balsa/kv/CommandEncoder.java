package io.balsa.kv;

import io.balsa.kv.wire.CloseSessionEncoder;
import io.balsa.kv.wire.ExecuteEncoder;
import io.balsa.kv.wire.MessageHeaderEncoder;
import io.balsa.kv.wire.OpenSessionEncoder;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** Writes log commands (kv.xml) into one buffer that is used again and again. Not for several threads. */
final class CommandEncoder {
    private static final int INITIAL_BYTES = 256;
    private static final int KEPT_BYTES = 64 << 10;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final OpenSessionEncoder open = new OpenSessionEncoder();
    private final CloseSessionEncoder close = new CloseSessionEncoder();
    private final ExecuteEncoder execute = new ExecuteEncoder();
    private MutableDirectBuffer buffer = new ExpandableArrayBuffer(INITIAL_BYTES);

    /** Holds the command encoded last, from 0, until the next one. */
    DirectBuffer buffer() {
        return buffer;
    }

    /** Encodes the opening of a session. @return its length */
    int open() {
        open.wrapAndApplyHeader(buffer, 0, header);
        return header.encodedLength() + open.encodedLength();
    }

    /** Encodes the closing of a session. @return its length */
    int close(long client) {
        close.wrapAndApplyHeader(buffer, 0, header).client(client);
        return header.encodedLength() + close.encodedLength();
    }

    /** Encodes an operation under a session. @return its length */
    int execute(long client, long sequence, long acknowledged, Command command) {
        if (buffer.capacity() > KEPT_BYTES) {
            // One large value must not cost its connection that much memory for good.
            buffer = new ExpandableArrayBuffer(INITIAL_BYTES);
        }
        execute.wrapAndApplyHeader(buffer, 0, header)
            .client(client)
            .sequence(sequence)
            .acknowledged(acknowledged)
            .number(command.number())
            .op(command.op());
        final ExecuteEncoder.ArgumentsEncoder arguments = execute.argumentsCount(command.arguments().size());
        for (final byte[] argument : command.arguments()) {
            arguments.next().putBytes(argument, 0, argument.length);
        }
        return header.encodedLength() + execute.encodedLength();
    }
}
