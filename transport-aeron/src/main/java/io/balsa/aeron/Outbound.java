package io.balsa.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.RegistrationException;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;

import java.util.concurrent.TimeUnit;

/** Frames to one peer on one stream: a publication that is made again whenever Aeron gives it up. */
final class Outbound {
    /** Between attempts to make a publication. */
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);
    /** ADMIN_ACTION means that a term has just been rotated: the same offer works at once. */
    private static final int RETRIES = 3;
    private static final long NOT_ASKED = Aeron.NULL_VALUE;

    private final Aeron client;
    private final int streamId;
    private final boolean onDemand;
    private final FrameCounters counters;
    private String channel;
    private long registrationId = NOT_ASKED;
    private long nextAtNs;
    private ExclusivePublication publication;
    /** Whether a frame was offered since the last {@link #restIfIdle()}. */
    private boolean wanted;

    /**
     * @param onDemand make the publication when a frame is offered, which is then refused: one that is open costs a
     *                 system call in every turn of the loop, and its log takes memory
     */
    Outbound(Aeron client, int streamId, boolean onDemand, FrameCounters counters) {
        this.client = client;
        this.streamId = streamId;
        this.onDemand = onDemand;
        this.counters = counters;
    }

    /** Names the peer's channel; until then every frame is refused. */
    void channel(String channel, long nowNs) {
        this.channel = channel;
        nextAtNs = nowNs;
    }

    boolean isOpen() {
        return publication != null;
    }

    /** Whether {@link #open} has something to do. */
    boolean isMissing() {
        return publication == null && (wanted || !onDemand);
    }

    /** Gives up a publication made on demand when no frame was offered since the last call. */
    void restIfIdle() {
        if (onDemand && publication != null) {
            if (!wanted) {
                publication.close();
                publication = null;
            }
            wanted = false;
        }
    }

    /**
     * Makes the publication, in several calls; none waits.
     *
     * @return how much was done
     * @throws RegistrationException when the driver refused; the next attempt is after a pause
     */
    int open(long nowNs) {
        if (channel == null || !isMissing()) {
            return 0;
        }
        if (registrationId == NOT_ASKED) {
            if (nowNs - nextAtNs < 0) {
                return 0;
            }
            registrationId = client.asyncAddExclusivePublication(channel, streamId);
            return 1;
        }
        try {
            publication = client.getExclusivePublication(registrationId);
        } catch (RegistrationException e) {
            registrationId = NOT_ASKED;
            nextAtNs = nowNs + PAUSE_NS;
            throw e;
        }
        if (publication == null) {
            return 0;
        }
        registrationId = NOT_ASKED;
        return 1;
    }

    int offer(DirectBuffer buffer, int offset, int length) {
        wanted = true;
        if (publication == null) {
            counters.notConnected++;
            return Transport.NOT_CONNECTED;
        }
        long position = publication.offer(buffer, offset, length);
        for (int retry = 0; position == Publication.ADMIN_ACTION && retry < RETRIES; retry++) {
            position = publication.offer(buffer, offset, length);
        }
        return position > 0 ? accepted() : refused(position);
    }

    private int accepted() {
        counters.sent++;
        return Transport.ACCEPTED;
    }

    private int refused(long cause) {
        if (cause == Publication.BACK_PRESSURED) {
            counters.backPressured++;
            return Transport.BACK_PRESSURED;
        }
        if (cause == Publication.ADMIN_ACTION) {
            counters.adminAction++;
            return Transport.BACK_PRESSURED;
        }
        if (cause != Publication.NOT_CONNECTED) {
            // CLOSED or MAX_POSITION_EXCEEDED: this one is used up, doWork() makes another.
            publication.close();
            publication = null;
            counters.reopened++;
        }
        counters.notConnected++;
        return Transport.NOT_CONNECTED;
    }
}
