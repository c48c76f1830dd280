package io.balsa.raft.testkit;

import java.util.random.RandomGenerator;

import io.balsa.raft.wire.AppendResultDecoder;
import io.balsa.raft.wire.HelloDecoder;
import io.balsa.raft.wire.MessageHeaderDecoder;
import io.balsa.raft.wire.SnapshotResultDecoder;
import io.balsa.raft.wire.VoteDecoder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The labs' network, whose faults are those of remote calls: a request is delayed or dropped, and so, by other odds, is
 * the reply. Here a frame that asks is a request, a frame that answers is a reply.
 *
 * <p>The figures count requests and replies. A {@code Hello} opens a connection, which the labs' network does without:
 * it travels as a request does, and is counted apart.
 */
public final class LabNetwork implements SimNetwork.Rule {
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000_000;
    private static final long MIN_JITTER_NS = 20 * MICROSECOND;
    private static final long MAX_JITTER_NS = 250 * MICROSECOND;
    private static final int MAX_REQUEST_DELAY_MS = 26;
    private static final int DROPPED_PERCENT = 10;
    private static final int REORDERED_OF_900 = 600;
    private static final int MIN_REORDERING_MS = 200;
    private static final int MAX_REORDERING_MS = 2_000;

    private final RandomGenerator random;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final UnsafeBuffer arrived = new UnsafeBuffer(0, 0);
    private final long[] received;
    private boolean unreliable;
    private boolean longReordering;
    private long requests;
    private long greetings;
    private long bytes;

    public LabNetwork(int servers, RandomGenerator random) {
        this.random = random;
        this.received = new long[servers];
    }

    /** Delays requests by up to 26 ms, and loses one request in ten and one reply in ten. */
    public void setUnreliable(boolean unreliable) {
        this.unreliable = unreliable;
    }

    /** Delays two replies in three by 200 to 2200 ms, so that they overtake each other. */
    public void setLongReordering(boolean longReordering) {
        this.longReordering = longReordering;
    }

    /** How long a request travels now, in nanoseconds, or {@link SimNetwork.Rule#LOST}. */
    public long drawRequest() {
        final long jitter = drawJitter();
        if (!unreliable) {
            return jitter;
        }
        final long delay = random.nextLong(MAX_REQUEST_DELAY_MS * MILLISECOND + 1);
        return random.nextInt(100) < DROPPED_PERCENT ? LOST : jitter + delay;
    }

    /** How long a reply travels now, in nanoseconds, or {@link SimNetwork.Rule#LOST}. */
    public long drawReply() {
        final long jitter = drawJitter();
        if (unreliable && random.nextInt(100) < DROPPED_PERCENT) {
            return LOST;
        }
        if (longReordering && random.nextInt(900) < REORDERED_OF_900) {
            // two draws: mostly some hundred milliseconds, sometimes two seconds
            return jitter + (MIN_REORDERING_MS + random.nextInt(1 + random.nextInt(MAX_REORDERING_MS))) * MILLISECOND;
        }
        return jitter;
    }

    private long drawJitter() {
        return random.nextLong(MIN_JITTER_NS, MAX_JITTER_NS + 1);
    }

    @Override
    public long onOffer(int from, int to, DirectBuffer buffer, int offset, int length) {
        final int kind = header.wrap(buffer, offset).templateId();
        if (isReply(kind)) {
            return drawReply();
        }
        if (kind == HelloDecoder.TEMPLATE_ID) {
            greetings++;
        } else {
            requests++;
            bytes += length;
        }
        return drawRequest();
    }

    @Override
    public void onArrival(int from, int to, byte[] frame) {
        arrived.wrap(frame);
        final int kind = header.wrap(arrived, 0).templateId();
        if (isReply(kind)) {
            bytes += frame.length;
        } else if (kind != HelloDecoder.TEMPLATE_ID) {
            received[to]++;
        }
    }

    private static boolean isReply(int kind) {
        return kind == VoteDecoder.TEMPLATE_ID || kind == AppendResultDecoder.TEMPLATE_ID
            || kind == SnapshotResultDecoder.TEMPLATE_ID;
    }

    /** Requests sent, also to servers that cannot hear. */
    public long requests() {
        return requests;
    }

    /** Greetings sent. */
    public long greetings() {
        return greetings;
    }

    /** Bytes of all requests sent, and of the replies that arrived. */
    public long bytes() {
        return bytes;
    }

    /** Requests that arrived at this server. */
    public long received(int server) {
        return received[server];
    }
}
