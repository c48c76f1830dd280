package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.testkit.FrameView;
import io.balsa.raft.testkit.SimSnapshots;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Node 1 of three, and what nodes 2 and 3 send it of snapshots, in any order that networks and elections allow. */
class SnapshotReceiverTest {
    private static final RingLog NO_LOG = new RingLog(1, 1);

    private final Loopback network = new Loopback(3, 8 << 10, 128 << 10);
    private final MemoryStorage storage = new MemoryStorage(1, new RingLog(64, 64));
    private final HeldTasks offLoop = new HeldTasks();
    private final Ledger ledger = new Ledger(0);
    private final SimSnapshots elsewhere = new SimSnapshots();
    private final List<String> said = new ArrayList<>();
    private RaftAgent<Long> node;
    private long nowNs;

    @BeforeEach
    void start() {
        node = new RaftAgent<>(RaftConfig.of(1, List.of(1, 2, 3)).withLimits(64, 64 << 10, 1 << 14, 16), storage,
            network.port(1), ledger, offLoop, new SplittableRandom(1), nowNs);
        peer(2, NO_LOG).hello(0, true);
        peer(3, NO_LOG).hello(0, true);
        cycle();
        said.clear();
    }

    private Outbox peer(int id, RaftLog log) {
        final Links links = new Links(new int[] {1}, 1L << 32 | id, 1, 0);
        links.onHello(0, storage.boot(), Links.UNKNOWN, 1, Links.NO_CLAIM, Links.NO_CLAIM, "");
        return new Outbox(network.port(id), log, links, new StateChecks(id, new int[] {1}, 0), MemoryStorage.CLUSTER,
            id, 1L << 32 | id, 1_000 + id, true, "");
    }

    private void cycle() {
        nowNs += 1_000_000;
        node.doWork(nowNs);
        for (int peer = 2; peer <= 3; peer++) {
            final int to = peer;
            network.port(peer).poll((buffer, offset, length) -> {
                final FrameView frame = new FrameView();
                frame.wrap(buffer, offset);
                said.add(to + ": " + frame.describe());
            }, 100);
        }
    }

    /** The state after so many entries, of this term, as some member wrote it down. */
    private Snapshot snapshotOf(int entries, long term) {
        final Ledger other = new Ledger(0);
        for (long index = 1; index <= entries; index++) {
            other.apply(index, term, new UnsafeBuffer(), 0, 0);
        }
        return elsewhere.save(entries, term, other.stateHash(), new TreeSet<>(List.of(1, 2, 3)),
            other.freeze().orElseThrow());
    }

    private void send(int from, long term, Snapshot snapshot, long position, int length) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[length]);
        elsewhere.read(snapshot, position, bytes, 0, length);
        peer(from, NO_LOG).installSnapshot(0, term, snapshot, position, bytes, 0, length);
        cycle();
    }

    private void ask(int from, long term, Snapshot snapshot) {
        send(from, term, snapshot, 0, 0);
    }

    private void sendAll(int from, long term, Snapshot snapshot, long position) {
        send(from, term, snapshot, position, (int) (snapshot.length() - position));
        cycle();
        cycle();
        cycle();
    }

    private void answered(String what) {
        assertTrue(said.stream().anyMatch(line -> line.startsWith(what)), () -> what + " was not said, but " + said);
    }

    @Test
    @DisplayName("T-17: a part of a snapshot of an old term is refused with the present one, and not touched")
    void anOldTermIsRefused() {
        peer(3, NO_LOG).heartbeat(0, 5, 1, 0, 0, 0);
        cycle();
        ask(2, 4, snapshotOf(10, 3));
        answered("2: SnapshotResult term=5");
        sendAll(2, 4, snapshotOf(12, 3), 0);
        assertEquals(0, node.status().snapshots().installed());
        assertFalse(storage.snapshots.isAllThere());
    }

    @Test
    @DisplayName("bytes that leave a gap, come twice, or go on beyond its end are not taken; it wants what it lacks")
    void onlyTheNextBytesAreTaken() {
        final Snapshot snapshot = snapshotOf(10, 1);
        ask(2, 1, snapshot);
        cycle();
        answered("2: SnapshotResult term=1 last=10 wants 0");
        send(2, 1, snapshot, 50, 20);
        send(2, 1, snapshot, 0, 40);
        send(2, 1, snapshot, 0, 40);
        cycle();
        said.clear();
        ask(2, 1, snapshot);
        answered("2: SnapshotResult term=1 last=10 wants 40");
        peer(2, NO_LOG).installSnapshot(0, 1, snapshot, 40, new UnsafeBuffer(new byte[4_000]), 0, 4_000);
        cycle();
        sendAll(2, 1, snapshot, 40);
        assertEquals(10, node.status().appliedIndex());
        assertEquals(10, ledger.entries().size());
    }

    @Test
    @DisplayName("a late message about an older snapshot of the same leader costs nothing of the newer one")
    void aLateMessageAboutAnOlderSnapshot() {
        final Snapshot older = snapshotOf(10, 1);
        final Snapshot newer = snapshotOf(20, 1);
        ask(2, 1, older);
        ask(2, 1, newer);
        cycle();
        send(2, 1, newer, 0, 100);
        cycle();
        send(2, 1, older, 0, 50);
        cycle();
        sendAll(2, 1, newer, 100);
        assertEquals(20, node.status().appliedIndex());
    }

    @Test
    @DisplayName("three leaders, the third with the snapshot of the first, while the disk is slow to begin any of them")
    void backToTheFirstWhileTheDiskIsSlow() {
        final Snapshot first = snapshotOf(10, 1);
        final Snapshot second = snapshotOf(11, 1);
        offLoop.hold();
        ask(2, 1, first);
        ask(3, 2, second);
        ask(2, 3, first);
        offLoop.runNext(); // the first attempt is ready, and overtaken
        cycle();
        send(2, 3, first, 0, (int) first.length());
        for (int tasks = 0; tasks < 10; tasks++) {
            offLoop.runNext();
            cycle();
        }
        offLoop.release();
        sendAll(2, 3, first, 0);
        assertEquals(10, node.status().appliedIndex());
        assertEquals(1, ledger.restored);
    }

    @Test
    @DisplayName("one that is overtaken by the log in the midst of it is given up, and the room for it")
    void overtakenByTheLog() {
        final Snapshot snapshot = snapshotOf(5, 1);
        ask(2, 1, snapshot);
        cycle();
        send(2, 1, snapshot, 0, (int) snapshot.length() - 1);
        cycle();
        final RingLog whole = new RingLog(64, 64);
        for (int i = 0; i < 8; i++) {
            whole.append(1, RaftLog.COMMAND, new UnsafeBuffer(new byte[8]), 0, 8);
        }
        peer(3, whole).appendEntries(0, 2, 2, 0, 0, 8, 8);
        for (int cycles = 0; cycles < 60; cycles++) {
            cycle();
            peer(3, whole).heartbeat(0, 2, 3 + cycles, 8, 1, 8);
        }
        assertEquals(8, node.status().appliedIndex());
        said.clear();
        final Snapshot other = snapshotOf(6, 1);
        send(3, 2, snapshot, 0, (int) snapshot.length());
        send(3, 2, other, 0, 10);
        cycle();
        assertEquals(0, node.status().snapshots().installed());
        assertFalse(said.toString().contains("SnapshotResult"), said.toString());
        assertEquals(0, storage.snapshots.receive(snapshot).position(), "nothing is kept of it");
    }
}
