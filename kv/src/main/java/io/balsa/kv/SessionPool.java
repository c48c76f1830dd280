package io.balsa.kv;

import java.util.ArrayDeque;

/** The sessions of this node that no connection uses now, every number of theirs answered. For any thread. */
final class SessionPool {
    private final int capacity;
    private final ArrayDeque<NodeSession> idle = new ArrayDeque<>();

    SessionPool(int capacity) {
        this.capacity = capacity;
    }

    /** The one used last, the least likely to have expired; or null. */
    synchronized NodeSession take() {
        return idle.poll();
    }

    /** One of them, the last used when it was taken, has expired: those used before it have as well. */
    synchronized void forget() {
        idle.clear();
    }

    synchronized void giveBack(NodeSession session) {
        if (idle.size() < capacity) {
            idle.push(session);
        }
    }
}
