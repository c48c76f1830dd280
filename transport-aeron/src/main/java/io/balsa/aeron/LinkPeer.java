package io.balsa.aeron;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;

/** What goes to one other end of {@link RequestLink}: parts wait here until they are taken. Loop thread only. */
final class LinkPeer {
    /** Nobody waits longer for an answer than it takes to ask again. */
    private static final long GIVE_UP_NS = TimeUnit.SECONDS.toNanos(3);
    /** A frame goes whole into one message of Aeron's. */
    private static final int PART = BufferPlan.MAX_CONTROL_FRAME - LinkFrame.HEADER;

    private final Outbound outbound;
    private final ArrayDeque<UnsafeBuffer> parts = new ArrayDeque<>();
    private long waitingSinceNs;

    LinkPeer(Outbound outbound) {
        this.outbound = outbound;
    }

    void add(long id, int kind, int ownPort, byte[] message, long nowNs) {
        if (parts.isEmpty()) {
            waitingSinceNs = nowNs;
        }
        int from = 0;
        do {
            final int length = Math.min(PART, message.length - from);
            parts.add(LinkFrame.part(id, kind, ownPort, message, from, length));
            from += length;
        } while (from < message.length);
    }

    /**
     * Hands over what is taken. What nobody takes for too long is dropped, whole messages or the rest of one: the
     * other end notices the gap by the mark of the next beginning, and whoever asked asks again.
     *
     * @return how much was done
     */
    int flush(long nowNs) {
        int work = outbound.open(nowNs);
        while (!parts.isEmpty()) {
            final UnsafeBuffer part = parts.peek();
            if (outbound.offer(part, 0, part.capacity()) != Transport.ACCEPTED) {
                if (nowNs - waitingSinceNs > GIVE_UP_NS) {
                    parts.clear();
                }
                return work + outbound.open(nowNs);
            }
            parts.remove();
            waitingSinceNs = nowNs;
            work++;
        }
        return work;
    }

    /** Called now and then: gives the publication up when nothing was sent since the last call. */
    boolean restsIfIdle() {
        if (parts.isEmpty()) {
            outbound.restIfIdle();
        }
        return parts.isEmpty() && !outbound.isOpen() && !outbound.isMissing();
    }
}
