package io.balsa.raft.spi;

import org.agrona.DirectBuffer;

/**
 * Carries frames between the nodes of one group. A frame arrives whole or not at all; it may be lost, late by seconds,
 * repeated, or sent by a former incarnation of a peer. Frames of one stream to one peer usually stay in order. What a
 * frame means, who sent it and whether it still fits is the engine's business, not the transport's.
 *
 * <p>All methods belong to the loop thread. None blocks.
 */
public interface Transport extends AutoCloseable {
    /** Small and urgent frames: votes, heartbeats, acknowledgements. */
    int CONTROL = 0;
    /** Log entries. Bulk here never delays {@link #CONTROL}. */
    int APPEND = 1;
    /** Snapshots, on a way of their own: bulk that may take minutes and delays neither of the others. */
    int SNAPSHOT = 2;
    /** How many streams there are. */
    int STREAMS = 3;

    /** {@link #offer}: the frame will be sent. It can still be lost, around a peer's stop or restart for a second. */
    int ACCEPTED = 1;
    /** {@link #offer}: the peer takes less than we offer; nothing was sent, try in a later cycle. */
    int BACK_PRESSURED = -1;
    /** {@link #offer}: nobody listens over there now; nothing was sent. */
    int NOT_CONNECTED = -2;

    /** The largest frame in bytes that {@link #offer} takes on this stream: constant, and at least 4 KiB. */
    int maxFrameLength(int stream);

    /**
     * Offers one frame to one peer. The bytes are copied before the call returns.
     *
     * @param to     a peer's node id
     * @param stream {@link #CONTROL}, {@link #APPEND} or {@link #SNAPSHOT}
     * @return {@link #ACCEPTED}, {@link #BACK_PRESSURED} or {@link #NOT_CONNECTED}
     * @throws IllegalArgumentException for an unknown peer, or a frame longer than {@link #maxFrameLength}
     */
    int offer(int to, int stream, DirectBuffer buffer, int offset, int length);

    /**
     * Delivers received frames, at most {@code limit} of each stream, {@link #CONTROL} first. The handler may call
     * {@link #offer} and {@link #doWork}. What it throws comes out of this call; that frame counts as delivered.
     *
     * @return how many were delivered
     */
    int poll(FrameHandler handler, int limit);

    /**
     * Lets the transport work: sends what was offered, receives into its own buffers, keeps connections alive. Delivers
     * nothing to the engine. Called at least once per duty cycle, and repeatedly while the loop must wait for a vote to
     * become durable.
     *
     * @return how much was done; 0 means idle
     * @throws TransportException when the transport has failed for good
     */
    int doWork();

    @Override
    void close();

    /** Receives one frame; the buffer is valid during the call only. */
    @FunctionalInterface
    interface FrameHandler {
        void onFrame(DirectBuffer buffer, int offset, int length);
    }
}
