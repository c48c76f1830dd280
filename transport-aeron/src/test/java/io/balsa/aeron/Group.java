package io.balsa.aeron;

import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Nodes of one group in this JVM, all turned by the test's thread. */
final class Group implements AutoCloseable {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int POLL_LIMIT = 16;
    /** For what was offered too often to arrive. */
    private static final long SETTLING_MS = 20;

    final Map<Integer, Endpoint> members;
    final List<AeronTransport> nodes = new ArrayList<>();
    final long[] heard;

    private Group(Map<Integer, Endpoint> members) {
        this.members = members;
        heard = new long[members.size()];
    }

    static Group start(int count, Path directory, UnaryOperator<AeronConfig> options) {
        return start(count, directory, options, EmbeddedAeron.Tuning.NONE);
    }

    static Group start(int count, Path directory, UnaryOperator<AeronConfig> options, EmbeddedAeron.Tuning tuning) {
        final Group group = new Group(Loopback.members(count));
        try {
            for (int id = 0; id < count; id++) {
                group.nodes.add(AeronTransport.open(options.apply(Loopback.config(id, group.members, directory)),
                    InetAddress::getByName, tuning));
            }
        } catch (RuntimeException e) {
            group.close();
            throw e;
        }
        return group;
    }

    AeronTransport node(int id) {
        return nodes.get(id);
    }

    void turn() {
        for (int id = 0; id < nodes.size(); id++) {
            nodes.get(id).doWork();
            heard[id] += nodes.get(id).poll((buffer, offset, length) -> { }, POLL_LIMIT);
        }
    }

    void turnUntil(String what, BooleanSupplier happened) {
        turnUntil(what, DEADLINE_NS, happened);
    }

    void turnUntil(String what, long withinNs, BooleanSupplier happened) {
        final long deadlineNs = System.nanoTime() + withinNs;
        while (!happened.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "did not happen: " + what);
            turn();
        }
    }

    void turnFor(long milliseconds) {
        final long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        while (System.nanoTime() - endNs < 0) {
            turn();
        }
    }

    void connect() {
        connect(Transport.STREAMS);
    }

    /**
     * Until every node has heard every other on the first {@code streams} streams. Offers again and again: a frame
     * accepted for a connection that is about to time out never comes.
     */
    void connect(int streams) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
        for (int from = 0; from < nodes.size(); from++) {
            for (int to = 0; to < nodes.size(); to++) {
                for (int stream = 0; stream < streams && from != to; stream++) {
                    final AeronTransport sender = node(from);
                    final int peer = to;
                    final int on = stream;
                    final long before = heard[to];
                    turnUntil(to + " hears " + from + " on stream " + stream, () -> {
                        sender.offer(peer, on, frame, 0, frame.capacity());
                        return heard[peer] > before;
                    });
                }
            }
        }
        turnFor(SETTLING_MS);
    }

    @Override
    public void close() {
        nodes.forEach(AeronTransport::close);
    }
}
