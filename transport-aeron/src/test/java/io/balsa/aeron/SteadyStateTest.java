package io.balsa.aeron;

import com.sun.management.ThreadMXBean;
import io.balsa.raft.spi.Transport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a transport costs once it runs: no garbage per frame, and nothing while idle. */
class SteadyStateTest {
    private static final int WARM_UP = 50_000;
    private static final int ROUND_TRIPS = 100_000;
    /** Aeron's timers allocate a little now and then; a frame that cost anything would cost 1.6 MB here. */
    private static final long TIMERS_BYTES = 64 << 10;

    @TempDir
    private Path directory;

    @Test
    void aRoundTripAllocatesNothing() {
        try (Group group = Group.start(2, directory, config -> config.withProfile(Profile.SMALL))) {
            group.connect();
            final PingPong game = new PingPong(group.node(0), group.node(1));
            game.play(WARM_UP);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long thread = Thread.currentThread().threadId();
            threads.getThreadAllocatedBytes(thread);

            final long before = threads.getThreadAllocatedBytes(thread);
            game.play(ROUND_TRIPS);
            final long allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertTrue(allocated < TIMERS_BYTES, allocated + " bytes for " + ROUND_TRIPS + " round trips");
            assertEquals(WARM_UP + ROUND_TRIPS, game.roundTrips);
        }
    }

    /** Some Aeron versions report work in every turn, so that a loop around them never rests. */
    @Test
    void anIdleTransportSaysSo() {
        try (Group group = Group.start(2, directory, config -> config.withProfile(Profile.SMALL))) {
            group.connect();
            group.turnFor(200);
            int busy = 0;
            for (int i = 0; i < 10_000; i++) {
                busy += group.node(0).doWork() > 0 ? 1 : 0;
                group.node(1).doWork();
            }
            assertTrue(busy < 500, busy + " of 10000 turns claimed work, with nothing to do");
        }
    }

    @Test
    void whatHappensIsCounted() {
        try (Group group = Group.start(2, directory, config -> config.withProfile(Profile.SMALL))) {
            group.connect();
            final AeronTransport.Counters before = group.node(0).counters();
            assertTrue(before.sent() >= Transport.STREAMS, before.toString());
            assertEquals(group.heard[0], before.received());

            final UnsafeBuffer frame = new UnsafeBuffer(new byte[1_000]);
            int accepted = 0;
            while (group.node(0).offer(1, Transport.CONTROL, frame, 0, 1_000) == Transport.ACCEPTED) {
                accepted++;
            }
            final AeronTransport.Counters after = group.node(0).counters();
            assertEquals(before.sent() + accepted, after.sent());
            assertEquals(1, after.backPressured() - before.backPressured());
            assertEquals(before.notConnected(), after.notConnected());
            assertEquals(0, after.errors(), after.toString());
            assertTrue(after.lastError().isEmpty());
        }
    }

    /** Two nodes on one thread, one frame between them at a time. */
    private static final class PingPong {
        private final AeronTransport first;
        private final AeronTransport second;
        private final UnsafeBuffer ping = new UnsafeBuffer(new byte[64]);
        private final Transport.FrameHandler echo = this::echo;
        private final Transport.FrameHandler count = this::count;
        private int roundTrips;

        PingPong(AeronTransport first, AeronTransport second) {
            this.first = first;
            this.second = second;
        }

        void play(int rounds) {
            final int end = roundTrips + rounds;
            while (roundTrips < end) {
                final int before = roundTrips;
                offer(first, 1, ping, 0, ping.capacity());
                while (roundTrips == before) {
                    first.doWork();
                    second.doWork();
                    second.poll(echo, 16);
                    second.doWork();
                    first.doWork();
                    first.poll(count, 16);
                }
            }
        }

        private void echo(DirectBuffer buffer, int offset, int length) {
            offer(second, 0, buffer, offset, length);
        }

        private void count(DirectBuffer buffer, int offset, int length) {
            roundTrips++;
        }

        private static void offer(AeronTransport from, int to, DirectBuffer buffer, int offset, int length) {
            final int outcome = from.offer(to, Transport.CONTROL, buffer, offset, length);
            assertTrue(outcome == Transport.ACCEPTED);
        }
    }
}
