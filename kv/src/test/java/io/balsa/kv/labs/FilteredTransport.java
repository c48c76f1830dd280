package io.balsa.kv.labs;

import java.util.PriorityQueue;

import io.balsa.raft.spi.Transport;
import io.balsa.raft.testkit.SimNetwork;
import io.balsa.raft.wire.EnvelopeDecoder;
import io.balsa.raft.wire.MessageHeaderDecoder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes the faults of the labs' network above a real transport, which keeps order and repairs losses by itself: cuts,
 * drops and delays whole frames, by peer.
 */
final class FilteredTransport implements Transport {
    /** A frame that is kept back until its time. */
    private record Delayed(long dueNs, int to, int stream, byte[] frame) implements Comparable<Delayed> {
        @Override
        public int compareTo(Delayed other) {
            return Long.compare(dueNs - other.dueNs, 0);
        }
    }

    private final Transport transport;
    private final int self;
    private final Links links;
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>();
    private final EnvelopeDecoder envelope = new EnvelopeDecoder();

    FilteredTransport(Transport transport, int self, Links links) {
        this.transport = transport;
        this.self = self;
        this.links = links;
    }

    @Override
    public int maxFrameLength(int stream) {
        return transport.maxFrameLength(stream);
    }

    @Override
    public int offer(int to, int stream, DirectBuffer buffer, int offset, int length) {
        final long delayNs = links.onOffer(self, to, buffer, offset, length);
        if (delayNs == SimNetwork.Rule.LOST) {
            return ACCEPTED;
        }
        if (delayNs == 0) {
            return transport.offer(to, stream, buffer, offset, length);
        }
        final byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        delayed.add(new Delayed(System.nanoTime() + delayNs, to, stream, frame));
        return ACCEPTED;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return transport.poll((buffer, offset, length) -> {
            final int from = envelope.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH).from();
            if (links.onArrival(from, self, buffer, offset, length)) {
                handler.onFrame(buffer, offset, length);
            }
        }, limit);
    }

    @Override
    public int doWork() {
        int released = 0;
        while (!delayed.isEmpty() && delayed.peek().dueNs() - System.nanoTime() <= 0) {
            final Delayed frame = delayed.remove();
            transport.offer(frame.to(), frame.stream(), new UnsafeBuffer(frame.frame()), 0, frame.frame().length);
            released++;
        }
        return released + transport.doWork();
    }

    @Override
    public void close() {
        transport.close();
    }
}
