package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.balsa.raft.spi.StateMachine;

/**
 * The store at one moment, and how it is written: the sessions from the one used longest ago to the one used last, then
 * the pairs in the order of their keys as unsigned bytes. Equal states are equal bytes.
 * <pre>
 *   "BKV"  format  sessions  session ...  pairs  pair ...  end of the stream
 *
 *   session:  client  lastSequence  kept  reply ...        kept replies, the last of them of lastSequence
 *   pair:     bytes  bytes                                 key, value
 *
 *   reply:    1                                            Ok
 *             2  bytes                                     Text, in UTF-8
 *             3  signed                                    Int
 *             4  value                                     Bulk
 *             5  values  value ...                         Values
 *             6  bytes  bytes                              Failure: the code's name, the message
 *
 *   bytes:    length  that many of them
 *   value:    0 for an absent one, else length + 1  that many bytes
 *   signed:   0, -1, 1, -2, ... as the numbers 0, 1, 2, 3, ...
 *   every number, these and lengths included, is of 1 to 10 bytes with 7 bits each, the lowest first; all but the last
 *   have their highest bit set
 * </pre>
 * What follows from this is left out: digests and sums are made anew. So are the bounds of {@link Sessions}, which are
 * the same on every node.
 */
record KvSnapshot(Sessions.Frozen sessions, KvView view) implements StateMachine.View {
    private static final byte[] MAGIC = {'B', 'K', 'V'};
    private static final int FORMAT = 1;

    /** A state that was read. */
    record Restored(Sessions sessions, KvView view) {
    }

    @Override
    public void writeTo(OutputStream stream) throws IOException {
        final SnapshotOutput out = new SnapshotOutput(stream);
        out.raw(MAGIC);
        out.number(FORMAT);
        final List<Session> ordered = sessions.inOrderOfUse();
        out.number(ordered.size());
        for (final Session session : ordered) {
            write(session, out);
        }
        out.number(view.map().size());
        for (final Map.Entry<byte[], byte[]> pair : view.map().entrySet()) {
            out.bytes(pair.getKey());
            out.bytes(pair.getValue());
        }
    }

    private static void write(Session session, SnapshotOutput out) throws IOException {
        out.number(session.client);
        out.number(session.lastSequence());
        out.number(session.lastSequence() + 1 - session.firstKept());
        for (long sequence = session.firstKept(); sequence <= session.lastSequence(); sequence++) {
            out.reply(session.reply(sequence));
        }
    }

    /** What a state amounts to. */
    record Counts(int sessions, int keys, long stateHash) {
    }

    /** Reads to the end of {@code stream}; needs a buffer beside the state it makes. */
    static Restored read(InputStream stream, Sessions.Bounds bounds) throws IOException {
        final SnapshotInput in = new SnapshotInput(stream);
        final Sessions sessions = readSessions(in, bounds);
        final SnapshotPairs pairs = new SnapshotPairs(in, in.count("pairs", Integer.MAX_VALUE));
        final KvView view = pairs.read();
        in.requireEnd();
        return new Restored(sessions, view);
    }

    /** Reads to the end of {@code stream} as {@link #read} does, and keeps no pair. */
    static Counts count(InputStream stream, Sessions.Bounds bounds) throws IOException {
        final SnapshotInput in = new SnapshotInput(stream);
        final Sessions sessions = readSessions(in, bounds);
        final int keys = in.count("pairs", Integer.MAX_VALUE);
        final long digest = new SnapshotPairs(in, keys).skim();
        in.requireEnd();
        return new Counts(sessions.size(), keys, KvStateMachine.stateHash(digest, sessions.digest()));
    }

    private static Sessions readSessions(SnapshotInput in, Sessions.Bounds bounds) throws IOException {
        in.requireRaw(MAGIC);
        final long format = in.number();
        if (format != FORMAT) {
            throw new MalformedStateException("the snapshot is in format " + format
                + ", this version reads format " + FORMAT
                + "; upgrade this node");
        }
        final Sessions sessions = new Sessions(bounds);
        final int count = in.count("sessions", bounds.sessions());
        for (int i = 0; i < count; i++) {
            final long client = in.number();
            final long lastSequence = in.number();
            final List<KvReply> kept = replies(in, bounds);
            if (kept.size() > lastSequence) {
                throw in.damaged("session " + client + " keeps " + kept.size() + " replies, but executed "
                    + lastSequence + " commands");
            }
            sessions.restore(client, lastSequence, kept);
        }
        return sessions;
    }

    private static List<KvReply> replies(SnapshotInput in, Sessions.Bounds bounds) throws IOException {
        final int count = in.count("replies of a session", bounds.replies());
        final List<KvReply> replies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            replies.add(in.reply());
        }
        return replies;
    }
}
