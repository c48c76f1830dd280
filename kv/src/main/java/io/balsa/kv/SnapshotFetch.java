package io.balsa.kv;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import io.balsa.raft.spi.RaftException;

/** A connection over which one node takes a snapshot and hands it out, a piece at a time. Not for several threads. */
final class SnapshotFetch implements AutoCloseable {
    /** A node that is there accepts a connection and sends a piece well within this. */
    private static final Duration LONGEST_PIECE = Duration.ofSeconds(30);

    private final HostPort node;
    private final RespConnection connection;
    private final Duration timeout;

    private SnapshotFetch(HostPort node, RespConnection connection, Duration timeout) {
        this.node = node;
        this.connection = connection;
        this.timeout = timeout;
    }

    /** @param timeout how long the node may take to write the snapshot */
    static SnapshotFetch open(HostPort node, Duration timeout) {
        try {
            return new SnapshotFetch(node, RespConnection.open(node, deadline(shorter(timeout))), timeout);
        } catch (IOException e) {
            throw new KvException.Unavailable(node + " does not answer (" + ClientCalls.reason(e) + ")");
        }
    }

    /** @param atLeast an index that must be in it */
    SnapshotReply take(long atLeast) {
        final KvReply reply = ask(timeout, "BALSA.SNAPSHOT", Long.toString(atLeast));
        if (reply instanceof KvReply.Values values) {
            try {
                return SnapshotReply.of(values.values());
            } catch (IllegalArgumentException e) {
                throw unexpected(reply, e);
            }
        }
        throw unexpected(reply, null);
    }

    /** Writes the state in the snapshot that was taken. */
    void writeTo(OutputStream out, long index) throws IOException {
        long position = 0;
        while (true) {
            final KvReply reply = ask(shorter(timeout), "BALSA.FETCH", Long.toString(index), Long.toString(position));
            if (!(reply instanceof KvReply.Bulk piece) || piece.value() == null) {
                throw unexpected(reply, null);
            }
            if (piece.value().length == 0) {
                return;
            }
            out.write(piece.value());
            position += piece.value().length;
        }
    }

    /** What goes wrong here is the network's or the node's fault, and no {@link IOException}: that is the disk's. */
    private KvReply ask(Duration patience, String... words) {
        final KvReply reply;
        try {
            connection.send(List.of(words).stream().map(word -> word.getBytes(StandardCharsets.US_ASCII)).toList());
            connection.flush();
            reply = connection.receive(deadline(patience));
        } catch (IOException e) {
            throw new KvException.Unavailable(node + " did not send the snapshot to its end ("
                + ClientCalls.reason(e) + "); run it again, perhaps with another node");
        }
        if (!(reply instanceof KvReply.Failure failure)) {
            return reply;
        }
        throw failure.code() == KvReply.Code.UNAVAILABLE
            ? new KvException.Unavailable(node + ": " + failure.message())
            : new RaftException(node + ": " + failure.message());
    }

    private RaftException unexpected(KvReply reply, Throwable cause) {
        return new RaftException(node + " answered " + reply + "; is it of another version?", cause);
    }

    private static Duration shorter(Duration timeout) {
        return timeout.compareTo(LONGEST_PIECE) < 0 ? timeout : LONGEST_PIECE;
    }

    private static long deadline(Duration timeout) {
        return System.nanoTime() + timeout.toNanos();
    }

    @Override
    public void close() {
        connection.close();
    }
}
