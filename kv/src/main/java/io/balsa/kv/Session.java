package io.balsa.kv;

/** One client's part of the replicated state: what it executed last, and the replies it may still ask for again. */
final class Session {
    private static final int INITIAL_SLOTS = 2;
    /** A session that once had much under way gives its memory back, since most sessions are idle. */
    private static final int KEPT_SLOTS = 64;
    /** What a kept reply costs beside its own bytes: many small ones must not pass for nothing. */
    private static final int SLOT_BYTES = 24;

    final long client;
    /** How often the table had been frozen when this object was made. Frozen since, it belongs to a view as well. */
    final long freezes;
    /** Neighbours in the order of last use; they change under a view too, which goes by {@link #lastUse}. */
    Session older;
    Session newer;
    /** Greater than that of all sessions used before; a number of this process, no two members need agree on it. */
    long lastUse;
    private long lastSequence;
    /** The replies of {@code firstKept..lastSequence}, each at its sequence modulo the length, a power of two. */
    private KvReply[] replies;
    /** Their digests, each with its sequence number, at the same places; and the sum of them. */
    private long[] replyDigests;
    private long keptDigest;
    private long firstKept;
    private long keptBytes;

    /** @param lastSequence executed before, all of whose replies are gone; 0 for a new session */
    Session(long client, long lastSequence, long freezes) {
        this.client = client;
        this.freezes = freezes;
        this.lastSequence = lastSequence;
        this.firstKept = lastSequence + 1;
        this.replies = new KvReply[INITIAL_SLOTS];
        this.replyDigests = new long[INITIAL_SLOTS];
    }

    /** The same session in an object that no view knows of. The digests go over to it: views do not look at them. */
    Session(Session frozen, long freezes) {
        this.client = frozen.client;
        this.freezes = freezes;
        this.older = frozen.older;
        this.newer = frozen.newer;
        this.lastUse = frozen.lastUse;
        this.lastSequence = frozen.lastSequence;
        this.replies = frozen.replies.clone();
        this.replyDigests = frozen.replyDigests;
        this.keptDigest = frozen.keptDigest;
        this.firstKept = frozen.firstKept;
        this.keptBytes = frozen.keptBytes;
    }

    long lastSequence() {
        return lastSequence;
    }

    /** The lowest sequence number whose reply is kept; {@code lastSequence + 1} when none is. */
    long firstKept() {
        return firstKept;
    }

    long keptBytes() {
        return keptBytes;
    }

    long digest() {
        return Digest.of(Digest.of(client, lastSequence), Digest.of(firstKept, keptDigest));
    }

    /** The reply of an executed sequence number, or null when it is no longer kept. */
    KvReply reply(long sequence) {
        return sequence < firstKept ? null : replies[slot(sequence)];
    }

    /** Keeps the reply of {@code lastSequence + 1}; the newest is kept whatever its size. */
    void executed(KvReply reply, int maxReplies, long maxBytes) {
        lastSequence++;
        if (lastSequence - firstKept == replies.length) {
            grow();
        }
        replies[slot(lastSequence)] = reply;
        replyDigests[slot(lastSequence)] = Digest.of(lastSequence, Digest.of(reply));
        keptDigest += replyDigests[slot(lastSequence)];
        keptBytes += SLOT_BYTES + reply.keptBytes();
        while (firstKept < lastSequence && (lastSequence - firstKept >= maxReplies || keptBytes > maxBytes)) {
            dropOldest();
        }
    }

    /** Drops the replies the client has: those of {@code acknowledged} and before. */
    void acknowledge(long acknowledged) {
        while (firstKept <= lastSequence && firstKept <= acknowledged) {
            dropOldest();
        }
        if (firstKept > lastSequence && replies.length > KEPT_SLOTS) {
            replies = new KvReply[INITIAL_SLOTS];
            replyDigests = new long[INITIAL_SLOTS];
        }
    }

    private void dropOldest() {
        final int slot = slot(firstKept);
        keptBytes -= SLOT_BYTES + replies[slot].keptBytes();
        replies[slot] = null;
        keptDigest -= replyDigests[slot];
        firstKept++;
    }

    private void grow() {
        final KvReply[] oldReplies = replies;
        final long[] oldDigests = replyDigests;
        replies = new KvReply[oldReplies.length * 2];
        replyDigests = new long[replies.length];
        for (long sequence = firstKept; sequence < lastSequence; sequence++) {
            final int old = (int) sequence & oldReplies.length - 1;
            replies[slot(sequence)] = oldReplies[old];
            replyDigests[slot(sequence)] = oldDigests[old];
        }
    }

    private int slot(long sequence) {
        return (int) sequence & replies.length - 1;
    }
}
