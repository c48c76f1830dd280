package io.balsa.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/** Preallocated rings between nodes 1 to n, on one thread in turns or on one each. Frames can be lost or refused. */
final class Loopback {
    private static final int RING_BYTES = 1 << 20;
    /** Asks and brings nothing. */
    private static final int SHORT_FRAME = 256;

    private final int maxFrame;
    private final List<Port> ports = new ArrayList<>();

    Loopback(int nodes, int maxFrame) {
        this.maxFrame = maxFrame;
        for (int id = 1; id <= nodes; id++) {
            ports.add(new Port(id, nodes));
        }
    }

    Port port(int nodeId) {
        return ports.get(nodeId - 1);
    }

    /** From now on, frames between the two vanish, both ways. */
    void cut(int a, int b) {
        for (int stream = 0; stream < Transport.STREAMS; stream++) {
            port(a).loses[b - 1][stream] = true;
            port(b).loses[a - 1][stream] = true;
        }
    }

    void heal() {
        for (final Port port : ports) {
            for (final boolean[] loses : port.loses) {
                Arrays.fill(loses, false);
            }
        }
    }

    /** One node's end. */
    final class Port implements Transport {
        private final int id;
        private final ManyToOneRingBuffer[] inbound = new ManyToOneRingBuffer[STREAMS];
        private final MessageHandler onMessage = this::onMessage;
        private FrameHandler handler;

        /** By peer and stream: frames are accepted and lost. */
        final boolean[][] loses;
        /** By peer: the answer to every offer on APPEND, if it is not ACCEPTED. */
        final int[] appendAnswer;
        /** By peer: frames and bytes accepted on APPEND. */
        final long[] appendFrames;
        final long[] appendBytes;
        /** By peer: bytes accepted on SNAPSHOT. */
        final long[] snapshotBytes;
        /** By peer: in so many of the next frames with bytes of a snapshot a bit flips. */
        final int[] spoils;
        /** By peer: frames accepted on CONTROL; any thread may look. */
        final AtomicLongArray controlFrames;
        final AtomicLong cycles = new AtomicLong();
        volatile boolean closed;

        Port(int id, int nodes) {
            this.id = id;
            loses = new boolean[nodes][STREAMS];
            appendAnswer = new int[nodes];
            appendFrames = new long[nodes];
            appendBytes = new long[nodes];
            snapshotBytes = new long[nodes];
            spoils = new int[nodes];
            controlFrames = new AtomicLongArray(nodes);
            Arrays.fill(appendAnswer, ACCEPTED);
            for (int stream = 0; stream < STREAMS; stream++) {
                inbound[stream] = new ManyToOneRingBuffer(
                    new UnsafeBuffer(ByteBuffer.allocateDirect(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
            }
        }

        @Override
        public int maxFrameLength(int stream) {
            return maxFrame;
        }

        @Override
        public int offer(int to, int stream, DirectBuffer buffer, int offset, int length) {
            if (length > maxFrame || to == id) {
                throw new IllegalArgumentException("frame of " + length + " bytes to node " + to);
            }
            if (stream == APPEND && appendAnswer[to - 1] != ACCEPTED) {
                return appendAnswer[to - 1];
            }
            if (stream == SNAPSHOT && spoils[to - 1] > 0 && length > SHORT_FRAME) {
                spoils[to - 1]--;
                ((MutableDirectBuffer) buffer).putByte(offset + length - 1,
                    (byte) ~buffer.getByte(offset + length - 1));
            }
            if (!loses[to - 1][stream] && !port(to).inbound[stream].write(1, buffer, offset, length)) {
                return BACK_PRESSURED;
            }
            if (stream == APPEND) {
                appendFrames[to - 1]++;
                appendBytes[to - 1] += length;
            } else if (stream == SNAPSHOT) {
                snapshotBytes[to - 1] += length;
            } else {
                controlFrames.lazySet(to - 1, controlFrames.get(to - 1) + 1);
            }
            return ACCEPTED;
        }

        @Override
        public int poll(FrameHandler frames, int limit) {
            handler = frames;
            return inbound[CONTROL].read(onMessage, limit) + inbound[APPEND].read(onMessage, limit)
                + inbound[SNAPSHOT].read(onMessage, limit);
        }

        private void onMessage(int type, MutableDirectBuffer buffer, int offset, int length) {
            handler.onFrame(buffer, offset, length);
        }

        @Override
        public int doWork() {
            cycles.incrementAndGet();
            return 0;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
