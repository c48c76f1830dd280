package io.balsa.kv;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.netty.util.ReferenceCountUtil;

/** Reads a node's replies, in order, as the other side of {@link RespWriter}. */
final class ReplyReader {
    private static final int READ_BYTES = 16 << 10;
    private static final int MAX_VALUES = 1 << 20;

    private final RespDecoder decoder = new RespDecoder(false);
    private final BulkAssembly bulk = new BulkAssembly();
    private final byte[] read = new byte[READ_BYTES];
    private final InputStream in;
    private List<byte[]> values;
    private int valuesMissing;

    ReplyReader(InputStream in) {
        this.in = in;
    }

    /**
     * Waits for the next reply.
     *
     * @throws java.net.SocketTimeoutException when the socket's time-out passed; what has come of the reply is kept
     * @throws IOException                     when the connection ended; it is of no use any more
     */
    KvReply next() throws IOException {
        while (true) {
            for (RedisMessage part = decoder.next(); part != null; part = decoder.next()) {
                final KvReply reply;
                try {
                    reply = take(part);
                } finally {
                    ReferenceCountUtil.release(part);
                }
                if (reply != null) {
                    return reply;
                }
            }
            final int length = in.read(read);
            if (length < 0) {
                throw new EOFException("the node closed the connection");
            }
            decoder.feed(read, length);
        }
    }

    void close() {
        decoder.close();
    }

    private KvReply take(RedisMessage part) throws ProtocolException {
        return switch (part) {
            case SimpleStringRedisMessage text -> text.content().equals("OK")
                ? KvReply.Ok.OK : new KvReply.Text(text.content());
            case IntegerRedisMessage number -> new KvReply.Int(number.value());
            case ErrorRedisMessage error -> failure(error.content());
            case ArrayHeaderRedisMessage header -> start(header);
            case BulkStringHeaderRedisMessage header -> {
                if (header.bulkStringLength() > Limits.REPLY_BYTES) {
                    throw new ProtocolException("a reply of " + header.bulkStringLength() + " bytes");
                }
                bulk.keep(header.bulkStringLength());
                yield null;
            }
            case FullBulkStringRedisMessage whole -> value(whole.isNull() ? null : new byte[0]);
            case BulkStringRedisContent piece -> {
                final byte[] whole = bulk.add(piece);
                yield whole == null ? null : value(whole);
            }
            default -> throw new ProtocolException("a reply that is not RESP2");
        };
    }

    private KvReply start(ArrayHeaderRedisMessage header) throws ProtocolException {
        if (values != null || header.length() > MAX_VALUES) {
            throw new ProtocolException("an array inside an array, or of " + header.length() + " values");
        }
        if (header.length() <= 0) {
            return new KvReply.Values(List.of());
        }
        valuesMissing = (int) header.length();
        values = new ArrayList<>();
        return null;
    }

    private KvReply value(byte[] value) {
        if (values == null) {
            return value == null ? KvReply.Bulk.ABSENT : new KvReply.Bulk(value);
        }
        values.add(value);
        if (--valuesMissing > 0) {
            return null;
        }
        final KvReply reply = new KvReply.Values(values);
        values = null;
        return reply;
    }

    private static KvReply.Failure failure(String line) {
        final int space = line.indexOf(' ');
        final String word = space < 0 ? line : line.substring(0, space);
        for (final KvReply.Code code : KvReply.Code.values()) {
            if (code.name().equals(word)) {
                return new KvReply.Failure(code, space < 0 ? "" : line.substring(space + 1));
            }
        }
        return KvReply.Failure.error(line);
    }
}
