package io.balsa.kv;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.LastBulkStringRedisContent;

/** Puts together one bulk string from its pieces, or lets them pass when nobody wants it. */
final class BulkAssembly {
    private static final byte[] DISCARDED = {};

    private byte[] bytes;
    private int filled;

    /** Starts a string of the declared length. */
    void keep(int length) {
        bytes = new byte[length];
        filled = 0;
    }

    /** Starts a string whose content is thrown away as it comes: no memory is taken for it. */
    void discard() {
        bytes = null;
    }

    /** Adds the next piece. @return the string when this was its last (empty if discarded), else null */
    byte[] add(BulkStringRedisContent piece) {
        if (bytes != null) {
            final ByteBuf content = piece.content();
            final int length = content.readableBytes();
            content.getBytes(content.readerIndex(), bytes, filled, length);
            filled += length;
        }
        if (!(piece instanceof LastBulkStringRedisContent)) {
            return null;
        }
        final byte[] whole = bytes == null ? DISCARDED : bytes;
        bytes = null;
        return whole;
    }
}
