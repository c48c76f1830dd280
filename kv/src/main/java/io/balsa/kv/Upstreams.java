package io.balsa.kv;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Idle connections to other nodes, for any thread to borrow for one round. */
final class Upstreams implements AutoCloseable {
    private static final int MAX_IDLE = 64;

    private final Map<HostPort, ArrayDeque<RespConnection>> idle = new HashMap<>();
    private boolean closed;

    /** An idle connection, or else a new one. */
    RespConnection borrow(HostPort address, long deadlineNs) throws IOException {
        synchronized (this) {
            final ArrayDeque<RespConnection> free = idle.get(address);
            if (free != null && !free.isEmpty()) {
                return free.pop();
            }
        }
        return RespConnection.open(address, deadlineNs);
    }

    /** Takes back a connection that has no reply outstanding. */
    void giveBack(HostPort address, RespConnection connection) {
        synchronized (this) {
            final ArrayDeque<RespConnection> free = idle.computeIfAbsent(address, a -> new ArrayDeque<>());
            if (!closed && free.size() < MAX_IDLE) {
                free.push(connection);
                return;
            }
        }
        connection.close();
    }

    /** Forgets the idle connections to a node that one of them was lost to: they are likely dead as well. */
    void forget(HostPort address) {
        final ArrayDeque<RespConnection> dead;
        synchronized (this) {
            dead = idle.remove(address);
        }
        if (dead != null) {
            dead.forEach(RespConnection::close);
        }
    }

    @Override
    public void close() {
        final Map<HostPort, ArrayDeque<RespConnection>> left;
        synchronized (this) {
            closed = true;
            left = Map.copyOf(idle);
            idle.clear();
        }
        left.values().forEach(connections -> connections.forEach(RespConnection::close));
    }
}
