package io.balsa.kv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.redis.FixedRedisMessagePool;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;

/**
 * Netty's RESP decoder, fed by hand: bytes in, parts of messages out. A long value comes in pieces as it arrives, so
 * nothing here ever holds more than was fed and one unfinished line.
 */
final class RespDecoder {
    /** Nothing but an inline command is a long line. */
    private static final int MAX_LINE_BYTES = 64 << 10;

    private final EmbeddedChannel channel;
    private int bytesSinceLastMessage;
    private ProtocolException broken;

    RespDecoder(boolean inlineCommands) {
        channel = new EmbeddedChannel(
            new RedisDecoder(MAX_LINE_BYTES, FixedRedisMessagePool.INSTANCE, inlineCommands));
    }

    /** Takes bytes; they are copied. */
    void feed(byte[] bytes, int length) {
        if (broken != null) {
            return;
        }
        // Copied because the decoder keeps what it cannot use yet, while the caller reads on into its array.
        final ByteBuf fed = Unpooled.copiedBuffer(bytes, 0, length);
        try {
            if (channel.writeInbound(fed)) {
                bytesSinceLastMessage = 0;
            }
        } catch (CodecException e) {
            broken = new ProtocolException("Protocol error: " + reason(e));
        }
        bytesSinceLastMessage += length;
        if (broken == null && channel.inboundMessages().isEmpty() && bytesSinceLastMessage > MAX_LINE_BYTES) {
            broken = new ProtocolException("Protocol error: a line longer than " + MAX_LINE_BYTES + " bytes");
        }
    }

    /**
     * The next part, or null when more bytes are needed. The caller releases it.
     *
     * @throws ProtocolException once everything before the error was handed out
     */
    RedisMessage next() throws ProtocolException {
        final RedisMessage message = channel.readInbound();
        if (message == null && broken != null) {
            throw broken;
        }
        return message;
    }

    void close() {
        for (Object left = channel.readInbound(); left != null; left = channel.readInbound()) {
            ReferenceCountUtil.release(left);
        }
        channel.finishAndReleaseAll();
    }

    private static String reason(CodecException e) {
        final Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("not RESP");
    }
}
