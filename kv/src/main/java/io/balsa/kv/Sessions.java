package io.balsa.kv;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.agrona.collections.Long2ObjectHashMap;
import org.pcollections.TreePMap;

/**
 * Exactly-once execution (thesis §6.3), part of the replicated state: every decision here follows from log entries
 * alone, so all replicas expire the same sessions and give the same replies.
 *
 * <p>Everything is bounded: the sessions by number, the kept replies by number and bytes for each session and by bytes
 * for all. What does not fit any more is dropped oldest first, in the order of last use in the log.
 *
 * <p>The table is frozen in constant time, and costs a command nothing while no view is written: a session stays one
 * mutable object until the table was frozen, and is then copied by the first command that changes it. The view keeps
 * the old object.
 */
final class Sessions {
    /**
     * @param sessions        how many are known at once
     * @param replies         how many replies one session keeps; at least what a client has under way at once
     * @param replyBytes      their bytes; the newest reply is kept whatever its size
     * @param totalReplyBytes the bytes of the replies of all sessions
     */
    record Bounds(int sessions, int replies, long replyBytes, long totalReplyBytes) {
        /** The same on every node: they decide what is executed. */
        static final Bounds DEFAULT = new Bounds(16_384, 1_024, 1 << 20, 64 << 20);
    }

    private final Bounds bounds;
    private final Long2ObjectHashMap<Session> byClient = new Long2ObjectHashMap<>();
    /** The same again, for views: it changes only where a session is opened, closed, or copied for a view's sake. */
    private TreePMap<Long, Session> all = TreePMap.empty();
    private long freezes;
    private long uses;
    /** A ring through all sessions in the order of last use: {@code ends.newer} is the oldest. */
    final Session ends = new Session(0, 0, 0);
    /** Where to look for replies to drop: no older session keeps any. */
    private Session oldestKeeping = ends;
    private long totalReplyBytes;
    /** The sum of the sessions' digests, and of those of each two neighbours in the ring, which give the order. */
    private long digest;
    private Session executing;

    Sessions(Bounds bounds) {
        this.bounds = bounds;
        ends.older = ends;
        ends.newer = ends;
        digest = order(ends, ends);
    }

    long digest() {
        return digest;
    }

    int size() {
        return byClient.size();
    }

    /**
     * Opens a session. When the table is full, the session used least recently expires.
     *
     * @param index of the log entry, which is the new client's id: no id is ever used twice
     */
    KvReply open(long index) {
        if (byClient.size() == bounds.sessions) {
            remove(ends.newer);
        }
        add(new Session(index, 0, freezes));
        return new KvReply.Int(index);
    }

    /** Takes in a session that another table had, as the one used last. */
    void restore(long client, long lastSequence, List<KvReply> kept) {
        final Session session = new Session(client, lastSequence - kept.size(), freezes);
        for (final KvReply reply : kept) {
            session.executed(reply, Integer.MAX_VALUE, Long.MAX_VALUE); // the bounds were kept when it was executed
        }
        add(session);
    }

    /** All sessions as they are now. */
    Frozen freeze() {
        freezes++;
        return new Frozen(all);
    }

    /** The sessions of one moment: of each an object that is not changed any more, but for its neighbours. */
    record Frozen(TreePMap<Long, Session> sessions) {
        /** From the one used longest ago to the one used last. */
        List<Session> inOrderOfUse() {
            final List<Session> sorted = new ArrayList<>(sessions.values());
            sorted.sort(Comparator.comparingLong(session -> session.lastUse));
            return sorted;
        }
    }

    /** Forgets a session. Answers 1 if it was known, else 0. */
    KvReply close(long client) {
        final Session session = byClient.get(client);
        if (session == null) {
            return KvReply.Int.ZERO;
        }
        remove(session);
        return KvReply.Int.ONE;
    }

    /**
     * Decides whether a command is to be executed now.
     *
     * @return null: execute it, then call {@link #executed}; else the answer: a kept reply, or why there is none
     */
    KvReply admit(long client, long sequence, long acknowledged) {
        final Session known = byClient.get(client);
        if (known == null) {
            return new KvReply.Failure(KvReply.Code.SESSIONEXPIRED, "session " + client
                + " is not known, it expired or was closed; not executed this time");
        }
        final Session session = changeable(known);
        use(session);
        if (sequence > session.lastSequence() + 1) {
            return new KvReply.Failure(KvReply.Code.SEQUENCE, "session " + client + " expects "
                + (session.lastSequence() + 1) + ", not " + sequence + "; not executed");
        }
        count(session, -1);
        // An acknowledgement of what was not executed yet would be a lie: it counts up to what was.
        session.acknowledge(acknowledged);
        count(session, 1);
        if (sequence == session.lastSequence() + 1) {
            executing = session;
            return null;
        }
        final KvReply kept = session.reply(sequence);
        return kept != null ? kept : new KvReply.Failure(KvReply.Code.STALE, "session " + client + " executed "
            + sequence + " before, its reply is no longer kept; the last is " + session.lastSequence());
    }

    /** Keeps the reply of the command admitted last. */
    void executed(KvReply reply) {
        count(executing, -1);
        executing.executed(reply, bounds.replies, bounds.replyBytes);
        count(executing, 1);
        if (oldestKeeping == ends) {
            oldestKeeping = executing;
        }
        while (totalReplyBytes > bounds.totalReplyBytes && oldestKeeping != executing) {
            oldestKeeping = changeable(oldestKeeping);
            count(oldestKeeping, -1);
            oldestKeeping.acknowledge(oldestKeeping.lastSequence());
            count(oldestKeeping, 1);
            oldestKeeping = oldestKeeping.newer;
        }
    }

    private void add(Session session) {
        byClient.put(session.client, session);
        all = all.plus(session.client, session);
        count(session, 1);
        linkNewest(session);
    }

    /** The session, or where a view may hold on to it, a copy in its place. */
    private Session changeable(Session session) {
        if (session.freezes == freezes) {
            return session;
        }
        final Session copy = new Session(session, freezes);
        copy.older.newer = copy;
        copy.newer.older = copy;
        if (oldestKeeping == session) {
            oldestKeeping = copy;
        }
        byClient.put(copy.client, copy);
        all = all.plus(copy.client, copy);
        return copy;
    }

    private void use(Session session) {
        if (session.newer != ends) {
            unlink(session);
            linkNewest(session);
        }
    }

    private void remove(Session session) {
        unlink(session);
        byClient.remove(session.client);
        all = all.minus(session.client);
        count(session, -1);
    }

    /** Takes what a session adds to the totals out of them, before it changes, or in again. */
    private void count(Session session, int sign) {
        totalReplyBytes += sign * session.keptBytes();
        digest += sign * session.digest();
    }

    private void unlink(Session session) {
        if (oldestKeeping == session) {
            oldestKeeping = session.newer;
        }
        digest += order(session.older, session.newer) - order(session.older, session) - order(session, session.newer);
        session.older.newer = session.newer;
        session.newer.older = session.older;
    }

    private void linkNewest(Session session) {
        digest += order(ends.older, session) + order(session, ends) - order(ends.older, ends);
        session.older = ends.older;
        session.newer = ends;
        ends.older.newer = session;
        ends.older = session;
        session.lastUse = ++uses;
        if (oldestKeeping == ends) {
            oldestKeeping = session;
        }
    }

    private static long order(Session older, Session newer) {
        return Digest.of(older.client, newer.client);
    }
}
