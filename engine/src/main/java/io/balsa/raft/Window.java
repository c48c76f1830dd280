package io.balsa.raft;

/**
 * What is on its way to one follower: the bytes of entries sent and not yet durable over there. Full when they reach
 * the limit, so that one message always goes, however long.
 */
final class Window {
    private static final int MESSAGES = 1024;

    private final int limitBytes;
    private final long[] lastIndex = new long[MESSAGES];
    private final int[] bytes = new int[MESSAGES];
    private int first;
    private int count;
    private long inFlight;

    Window(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * Takes out what the follower holds, and everything if the leader went back to send it again.
     *
     * @param matchIndex   durable over there
     * @param prevLogIndex what the next message follows
     */
    void advance(long matchIndex, long prevLogIndex) {
        while (count > 0 && lastIndex[first] <= matchIndex) {
            inFlight -= bytes[first];
            first = (first + 1) % MESSAGES;
            count--;
        }
        if (count > 0 && lastIndex[(first + count - 1) % MESSAGES] > prevLogIndex) {
            clear();
        }
    }

    /** Forgets all: what an earlier leadership sent is none of this one's concern, and may never be acknowledged. */
    void clear() {
        count = 0;
        inFlight = 0;
    }

    boolean hasRoom() {
        return inFlight < limitBytes && count < MESSAGES;
    }

    void sent(long lastIndexSent, int length) {
        final int slot = (first + count) % MESSAGES;
        lastIndex[slot] = lastIndexSent;
        bytes[slot] = length;
        count++;
        inFlight += length;
    }
}
