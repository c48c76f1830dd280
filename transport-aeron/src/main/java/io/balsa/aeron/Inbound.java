package io.balsa.aeron;

import io.aeron.Aeron;
import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;

/** Frames of all peers on one stream. */
final class Inbound implements FragmentHandler {
    private final FrameCounters counters;
    private final FragmentAssembler assembler = new FragmentAssembler(this);
    private final long registrationId;
    private Subscription subscription;
    private Transport.FrameHandler handler;
    private int delivered;

    Inbound(Aeron client, String channel, int streamId, FrameCounters counters) {
        this.counters = counters;
        registrationId = client.asyncAddSubscription(channel, streamId, null, this::onGone);
    }

    /** Whether the subscription is there now; asked until it is. */
    boolean open(Aeron client) {
        subscription = client.getSubscription(registrationId);
        return subscription != null;
    }

    /**
     * A long frame comes as many fragments. They are polled until {@code limit} whole frames were delivered or none
     * is left: a caller that is told "nothing" may go to sleep, so half a frame must not end a poll.
     */
    int poll(Transport.FrameHandler handler, int limit) {
        this.handler = handler;
        delivered = 0;
        int fragments;
        do {
            fragments = subscription.poll(assembler, limit - delivered);
        } while (fragments > 0 && delivered < limit);
        return delivered;
    }

    @Override
    public void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
        delivered++;
        counters.received++;
        handler.onFrame(buffer, offset, length);
    }

    private void onGone(Image image) {
        assembler.freeSessionBuffer(image.sessionId());
    }
}
