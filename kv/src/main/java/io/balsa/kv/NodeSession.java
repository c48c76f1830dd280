package io.balsa.kv;

/** A session this node opened for connections that bring none of their own. One connection uses it at a time. */
final class NodeSession {
    final long client;
    private long lastAssigned;
    private long acknowledged;

    NodeSession(long client) {
        this.client = client;
    }

    long acknowledged() {
        return acknowledged;
    }

    long assign() {
        return ++lastAssigned;
    }

    /** The reply of this number, and of all before it, is here. */
    void answered(long sequence) {
        acknowledged = sequence;
    }

    /**
     * Takes a number back that never was in the log, so that the next command can have it.
     *
     * @return false when a later one was given out as well: the session is of no use any more
     */
    boolean takeBack(long sequence) {
        if (sequence != lastAssigned) {
            return false;
        }
        lastAssigned--;
        return true;
    }
}
