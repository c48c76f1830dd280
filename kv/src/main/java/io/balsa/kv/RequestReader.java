package io.balsa.kv;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.InlineCommandRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;

/**
 * Turns a client's bytes into requests. What is declared too long is refused when its length is read: its bytes pass by
 * and are not kept, and the connection stays usable.
 */
final class RequestReader {
    /**
     * @param words    the command's name and its arguments
     * @param refusal  null, or why this command must not be executed; then {@code words} is empty
     * @param bytes    how long it is
     * @param reserved what it holds of the {@link ReadBudget}
     */
    record RawRequest(List<byte[]> words, KvReply.Failure refusal, int bytes, int reserved) {
    }

    private static final byte[] EMPTY = {};

    private final RespDecoder decoder = new RespDecoder(true);
    private final ReadBudget budget;
    private final BulkAssembly bulk = new BulkAssembly();
    private final ArrayDeque<RawRequest> complete = new ArrayDeque<>();
    private List<byte[]> words = new ArrayList<>();
    private int wordsMissing;
    private long bytes;
    private int reserved;
    private KvReply.Failure refusal;
    private ProtocolException broken;

    RequestReader(ReadBudget budget) {
        this.budget = budget;
    }

    /** Takes what was read from the socket. */
    void feed(byte[] data, int length) {
        if (broken != null) {
            return;
        }
        decoder.feed(data, length);
        try {
            for (RedisMessage part = decoder.next(); part != null; part = decoder.next()) {
                try {
                    take(part);
                } finally {
                    ReferenceCountUtil.release(part);
                }
            }
        } catch (ProtocolException e) {
            broken = e;
        }
    }

    /**
     * The next whole request, or null when more bytes are needed.
     *
     * @throws ProtocolException once every request before the error was handed out
     */
    RawRequest next() throws ProtocolException {
        final RawRequest request = complete.poll();
        if (request == null && broken != null) {
            throw broken;
        }
        return request;
    }

    /** Gives back what a request took from the budget for large ones, once it has been answered. */
    void release(RawRequest request) {
        budget.release(request.reserved);
    }

    void close() {
        RawRequest left = complete.poll();
        while (left != null) {
            release(left);
            left = complete.poll();
        }
        budget.release(reserved);
        reserved = 0;
        decoder.close();
    }

    private void take(RedisMessage part) throws ProtocolException {
        switch (part) {
            case InlineCommandRedisMessage inline -> takeInline(inline.content());
            case ArrayHeaderRedisMessage header -> startCommand(header);
            case BulkStringHeaderRedisMessage header -> startWord(header);
            case FullBulkStringRedisMessage whole -> {
                requireWordExpected();
                if (whole.isNull()) {
                    throw new ProtocolException("Protocol error: a null is no argument");
                }
                bytes += Limits.ARGUMENT_OVERHEAD;
                endWord(EMPTY);
            }
            case BulkStringRedisContent piece -> {
                final byte[] word = bulk.add(piece);
                if (word != null) {
                    endWord(word);
                }
            }
            default -> throw new ProtocolException("Protocol error: expected an array of bulk strings");
        }
    }

    private void takeInline(String line) throws ProtocolException {
        if (wordsMissing > 0) {
            throw new ProtocolException("Protocol error: expected '$'");
        }
        if (line.isBlank()) {
            return;
        }
        if (line.indexOf('"') >= 0 || line.indexOf('\'') >= 0) {
            throw new ProtocolException("Protocol error: quotes do not work in an inline command; send an array");
        }
        final List<byte[]> inline = new ArrayList<>();
        for (final String word : line.trim().split("\\s+", Limits.ARGUMENTS)) {
            inline.add(word.getBytes(StandardCharsets.UTF_8));
        }
        complete.add(new RawRequest(inline, null, line.length(), 0));
    }

    private void startCommand(ArrayHeaderRedisMessage header) throws ProtocolException {
        if (wordsMissing > 0) {
            throw new ProtocolException("Protocol error: expected '$', got '*'");
        }
        if (header.length() > Limits.ARGUMENTS + Limits.ENVELOPE_WORDS) {
            throw new ProtocolException("Protocol error: an array of " + header.length() + " words, the limit is "
                + (Limits.ARGUMENTS + Limits.ENVELOPE_WORDS));
        }
        wordsMissing = (int) Math.max(0, header.length());
        words = new ArrayList<>(Math.min(wordsMissing, 16)); // a declared count is not yet a reason to take memory
        bytes = 0;
        refusal = null;
    }

    private void startWord(BulkStringHeaderRedisMessage header) throws ProtocolException {
        requireWordExpected();
        final int length = header.bulkStringLength();
        bytes += length + Limits.ARGUMENT_OVERHEAD;
        if (refusal == null) {
            check(length);
        }
        if (refusal == null) {
            bulk.keep(length);
        } else {
            bulk.discard();
        }
    }

    private void check(int length) {
        if (length > Limits.VALUE_BYTES) {
            refuse(KvReply.Code.TOOLARGE, "an argument of " + length + " bytes, the limit is " + Limits.VALUE_BYTES);
        } else if (bytes > Limits.COMMAND_BYTES + Limits.ENVELOPE_BYTES) {
            refuse(KvReply.Code.TOOLARGE, Command.tooLong());
        } else if (bytes > ReadBudget.SMALL_BYTES) {
            final int more = (int) bytes - reserved;
            if (budget.reserve(more)) {
                reserved += more;
            } else {
                refuse(KvReply.Code.OVERLOADED, "too many large commands are under way at this node; not executed");
            }
        }
    }

    private void requireWordExpected() throws ProtocolException {
        if (wordsMissing == 0) {
            throw new ProtocolException("Protocol error: expected '*'");
        }
    }

    private void endWord(byte[] word) {
        if (refusal == null) {
            words.add(word);
        }
        if (--wordsMissing == 0) {
            finish();
        }
    }

    private void finish() {
        complete.add(refusal == null
            ? new RawRequest(words, null, (int) bytes, reserved)
            : new RawRequest(List.of(), refusal, 0, 0));
        reserved = 0; // it goes with the request
        words = new ArrayList<>();
    }

    private void refuse(KvReply.Code code, String message) {
        refusal = new KvReply.Failure(code, message);
        words.clear();
        budget.release(reserved);
        reserved = 0;
    }
}
