package io.balsa.mmap;

/**
 * Where the log begins, and where it will begin once the record that says so is durable: only then may anything before
 * be missing. Belongs to the loop thread.
 */
final class LogFront {
    /** The place where the announcing record itself comes to lie. */
    static final long OWN_PLACE = -1;

    private static final long NONE = Long.MAX_VALUE;

    private long firstIndex;
    private long baseTerm;

    // What the newest record says, where in the tail it lies, and from which place on files are needed then.
    private long announcedFirstIndex;
    private long announcedBaseTerm;
    private long recordPosition;
    private long recordEnd = NONE;
    private long neededFrom;
    private boolean due;

    LogFront(Recovered recovered) {
        moveTo(recovered.firstIndex() - 1, recovered.baseTerm());
    }

    long firstIndex() {
        return firstIndex;
    }

    long baseTerm() {
        return baseTerm;
    }

    /** Where the log begins, or will begin. */
    long announcedFirstIndex() {
        return announcedFirstIndex;
    }

    /** The log begins behind the entry {@code index} now. */
    void moveTo(long index, long term) {
        firstIndex = index + 1;
        baseTerm = term;
        announcedFirstIndex = firstIndex;
        announcedBaseTerm = term;
    }

    /** A record that lies in the tail from {@code position} to {@code end} says that the log begins behind an entry. */
    void announce(long position, long end, long index, long term, long needed) {
        announcedFirstIndex = index + 1;
        announcedBaseTerm = term;
        recordPosition = position;
        recordEnd = end;
        neededFrom = needed;
        due = false;
    }

    /** Must see every advance before the tail gives what is durable free. */
    void durable(long durable, Tail tail) {
        if (durable >= recordEnd) {
            recordEnd = NONE;
            due = true;
            if (neededFrom == OWN_PLACE) {
                neededFrom = tail.location(recordPosition);
            }
        }
    }

    /** Whether the log may begin where it was announced. */
    boolean isDue() {
        return due;
    }

    /** @return the place from which on files are needed from now on */
    long move() {
        due = false;
        moveTo(announcedFirstIndex - 1, announcedBaseTerm);
        return neededFrom;
    }
}
