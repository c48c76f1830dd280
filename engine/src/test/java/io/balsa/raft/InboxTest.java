package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import io.balsa.raft.core.TermRuns;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What comes from a network may be for somebody else, from the past, or cut short: it is dropped and counted. */
class InboxTest {
    private static final long PEER_BOOT = 1L << 32 | 2;
    private static final long OUR_BOOT = 1L << 32 | 1;

    private final Loopback network = new Loopback(3, 1 << 12);
    private final RingLog log = new RingLog(64, 1 << 13);
    private final RaftAgent<Long> agent = new RaftAgent<>(RaftConfig.of(1, List.of(1, 2, 3))
        .withLimits(1 << 13, 1 << 16, 1 << 17, 64), new MemoryStorage(1, log), network.port(1),
        (index, term, command, offset, length) -> index, Runnable::run, new SplittableRandom(1), 0);
    private final RingLog peersLog = new RingLog(64, 1 << 13);

    @BeforeEach
    void knowEachOther() {
        outbox(MemoryStorage.CLUSTER, PEER_BOOT, Links.UNKNOWN).hello(0, true);
        agent.doWork(1);
        assertEquals(0, agent.status().framesDropped());
        assertTrue(agent.status().peers().getFirst().connected());
        peersLog.append(1, (byte) 1, new UnsafeBuffer(new byte[10]), 0, 10);
        peersLog.append(1, (byte) 1, new UnsafeBuffer(new byte[1 << 13]), 0, 1 << 13);
    }

    private Outbox outbox(long cluster, long fromBoot, long toBoot) {
        final Links links = new Links(new int[] {1}, fromBoot, 1, 0);
        links.onHello(0, toBoot, Links.UNKNOWN, 1, Links.NO_CLAIM, Links.NO_CLAIM, "");
        return new Outbox(network.port(2), peersLog, links, new StateChecks(2, new int[] {1, 3}, 0), cluster, 2,
            fromBoot, 1_002, true, "here");
    }

    private static void sayEverything(Outbox peer) {
        peer.hello(0, true);
        peer.requestVote(0, 1, 0, 0, false);
        peer.vote(0, 1, false, false);
        peer.heartbeat(0, 1, 5, 0, 0, 0);
        peer.appendEntries(0, 1, 5, 0, 0, 0, 1);
        peer.appendEntries(0, 1, 5, 1, 1, 0, 2); // in three parts
        peer.appendSuccess(0, 1, 5, 0, 0);
        peer.appendRejection(0, 1, 5, 0, 0, new TermRuns() {
            @Override
            public int count() {
                return 2;
            }

            @Override
            public long termOf(int run) {
                return run + 1L;
            }

            @Override
            public long firstIndexOf(int run) {
                return run + 1L;
            }
        });
    }

    @Test
    @DisplayName("everything a peer says is understood")
    void everythingAPeerSaysIsUnderstood() {
        sayEverything(outbox(MemoryStorage.CLUSTER, PEER_BOOT, OUR_BOOT));
        agent.doWork(2);
        assertEquals(0, agent.status().framesDropped());
        assertEquals(2, agent.status().lastIndex());
    }

    @Test
    @DisplayName("another cluster, and former runs of either side, are dropped: nothing of them reaches the core")
    void whatDoesNotFitIsDropped() {
        sayEverything(outbox(MemoryStorage.CLUSTER + 1L, PEER_BOOT, OUR_BOOT));
        sayEverything(outbox(MemoryStorage.CLUSTER, PEER_BOOT - 1, OUR_BOOT));
        sayEverything(outbox(MemoryStorage.CLUSTER, PEER_BOOT, OUR_BOOT - 1));
        agent.doWork(2);
        assertEquals(3 * 10, agent.status().framesDropped());
        assertEquals(0, agent.status().lastIndex());
        assertEquals(0, agent.status().term());
    }

    @Test
    @DisplayName("a frame cut short at any byte is dropped, and nothing beyond its end is read")
    void aFrameCutShortAtAnyByteIsDropped() {
        final List<byte[]> frames = new ArrayList<>();
        sayEverything(outbox(MemoryStorage.CLUSTER, PEER_BOOT, OUR_BOOT));
        network.port(1).poll((buffer, offset, length) -> {
            final byte[] frame = new byte[length];
            buffer.getBytes(offset, frame);
            frames.add(frame);
        }, 100);
        assertEquals(10, frames.size());
        long dropped = 0;
        for (final byte[] frame : frames) {
            for (int length = 0; length < frame.length; length++) {
                network.port(2).offer(1, Transport.CONTROL, new UnsafeBuffer(frame, 0, length), 0, length);
                agent.doWork(2);
                agent.doWork(2); // the ring may have shown its end first
                dropped++;
                final int at = length;
                assertEquals(dropped, agent.status().framesDropped(),
                    () -> "template " + frame[2] + " cut to " + at + " of " + frame.length);
            }
        }
        assertEquals(0, agent.status().lastIndex());
    }

    @Test
    @DisplayName("entries are not taken while the disk has no room, in one frame or in parts; the leader is heard")
    void entriesAreNotTakenWhileTheDiskHasNoRoom() {
        final Outbox peer = outbox(MemoryStorage.CLUSTER, PEER_BOOT, OUR_BOOT);
        for (final RaftLog.Room full : List.of(RaftLog.Room.BUSY, RaftLog.Room.DISK_FULL)) {
            log.room = full;
            peer.appendEntries(0, 1, 5, 0, 0, 0, 1);
            peer.appendEntries(0, 1, 5, 0, 0, 0, 2);
            agent.doWork(2);
            assertEquals(0, agent.status().lastIndex());
            assertEquals(2, agent.status().leaderId());
        }
        log.room = RaftLog.Room.YES;
        peer.appendEntries(0, 1, 5, 0, 0, 0, 1);
        peer.appendEntries(0, 1, 5, 1, 1, 0, 2);
        agent.doWork(3);
        assertEquals(2, agent.status().lastIndex());
    }
}
