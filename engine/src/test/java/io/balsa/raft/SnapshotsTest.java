package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.testkit.SimSnapshots;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a node writes its state down, what comes of it, and what it starts from afterwards. */
class SnapshotsTest {
    private final List<Ledger> ledgers = new ArrayList<>();

    /** Alone, so that all it does is its own. */
    private AgentGroup alone(long everyBytes) {
        return group(1, everyBytes);
    }

    private AgentGroup group(int nodes, long everyBytes) {
        for (int id = 1; id <= nodes; id++) {
            ledgers.add(new Ledger(0));
        }
        return new AgentGroup(nodes, 1024, 64, 64 << 10, id -> ledgers.get(id - 1),
            config -> config.withSnapshots(everyBytes, 0));
    }

    private Ledger ledger(int id) {
        return ledgers.get(id - 1);
    }

    private static void commits(AgentGroup group, RaftAgent<Long> leader, int commands) {
        final AgentGroup.Answers answers = AgentGroup.offer(leader, commands, 64);
        group.runsUntil(() -> answers.committed == commands, "they are committed");
    }

    private static long taken(AgentGroup group, int id) {
        final CompletableFuture<Long> taken = group.agent(id).takeSnapshot();
        group.runsUntil(taken::isDone, "a snapshot is taken");
        return taken.join();
    }

    private static String refusal(AgentGroup group, int id) {
        final CompletableFuture<Long> taken = group.agent(id).takeSnapshot();
        group.runsUntil(taken::isDone, "somebody answers");
        return assertThrows(CompletionException.class, taken::join).getCause().getMessage();
    }

    @Test
    @DisplayName("T-54: a snapshot taken under concurrent writes holds what replaying 1 to its index leads to")
    void aSnapshotUnderConcurrentWrites() throws IOException {
        final SplittableRandom random = new SplittableRandom(1);
        final AgentGroup group = alone(300);
        final RaftAgent<Long> node = group.elect(1);
        group.offLoop(1).hold();
        long seen = 0;
        for (int step = 0; step < 500; step++) {
            commits(group, node, 1 + random.nextInt(4));
            if (random.nextInt(3) == 0) { // the state that was frozen is written some commands later
                group.offLoop(1).runNext();
                group.cycle();
            }
            final long index = node.status().snapshots().index();
            if (index != seen) {
                seen = index;
                assertEquals(LongStream.rangeClosed(2, index).boxed().toList(), // 1 is the no-op
                    Ledger.entriesIn(new ByteArrayInputStream(group.snapshots(1).newestState().orElseThrow())));
                assertEquals(index + 1, group.log(1).firstIndex());
            }
        }
        assertTrue(node.status().snapshots().taken() > 50, node.status().snapshots().toString());
    }

    @Test
    @DisplayName("N01: every member takes its own, when its log has grown by so many bytes, and lets its log go")
    void everyMemberTakesItsOwn() {
        final AgentGroup group = group(3, 20 * (64 + Applier.ENTRY_BYTES));
        final RaftAgent<Long> leader = group.elect(1);
        for (int command = 0; command < 100; command++) {
            commits(group, leader, 1);
        }
        group.runsFor(500);
        for (int id = 1; id <= 3; id++) {
            final RaftStatus.Snapshots status = group.agent(id).status().snapshots();
            assertEquals(5, status.taken(), "node " + id);
            assertTrue(status.index() > 95, status.toString());
            assertEquals(status.index() + 1, group.log(id).firstIndex());
        }
    }

    @Test
    @DisplayName("a snapshot is taken on request; where nothing was applied since, no second one is written")
    void aSnapshotOnRequest() {
        final AgentGroup group = alone(0);
        commits(group, group.elect(1), 5);
        assertEquals(6, taken(group, 1));
        assertEquals(6, taken(group, 1));
        assertEquals(1, group.agent(1).status().snapshots().taken());
        commits(group, group.agent(1), 1);
        assertEquals(7, taken(group, 1));
        assertEquals(2, group.agent(1).status().snapshots().taken());
    }

    @Test
    @DisplayName("a state machine that offers no view is left alone: who asks is told, and its log grows on")
    void aMachineWithoutAView() {
        final AgentGroup group = alone(100);
        ledger(1).freezes = false;
        commits(group, group.elect(1), 20);
        for (int times = 0; times < 2; times++) {
            assertTrue(refusal(group, 1).contains("offers no view of its state"), "whoever asks is told, each time");
        }
        assertEquals(1, group.log(1).firstIndex());
    }

    private String closedWhileAsked(AgentGroup group) {
        final CompletableFuture<Long> asked = group.agent(1).takeSnapshot();
        group.runsFor(10);
        group.agent(1).close();
        return assertThrows(CompletionException.class, asked::join).getCause().getMessage();
    }

    @Test
    @DisplayName("a disk that fails at a snapshot harms nothing: who asked is told, and later it is tried again")
    void aDiskThatFails() {
        final AgentGroup group = alone(400);
        final RaftAgent<Long> node = group.elect(1);
        ledger(1).thrownByView = new IOException("no room");
        assertTrue(refusal(group, 1).contains("no room"));
        commits(group, node, 20);
        assertTrue(node.status().snapshots().failure().orElseThrow().contains("no room"));
        assertTrue(node.snapshotTrouble().startsWith("no snapshot was taken, the log grows on: "));
        assertEquals(1, group.log(1).firstIndex());
        ledger(1).thrownByView = null;
        commits(group, node, 10);
        group.runsUntil(() -> group.log(1).firstIndex() > 20, "it is tried again by itself");
        assertFalse(node.status().snapshots().failure().isPresent());
        assertEquals(null, node.snapshotTrouble());
    }

    @Test
    @DisplayName("a view, or a freeze, that throws stops the node: what it would leave to others is not its state")
    void aViewThatThrows() {
        final AgentGroup group = group(2, 0);
        group.nodesMayStop();
        group.elect(1);
        ledger(1).thrownByView = new IllegalStateException("half of it is gone");
        assertEquals("no snapshot was taken: the node is closed", refusal(group, 1));
        assertTrue(group.failureOf(1).startsWith("the state could not be written"), group.failureOf(1));
        ledger(2).thrownByFreeze = new IllegalStateException("cannot");
        refusal(group, 2);
        assertTrue(group.failureOf(2).startsWith("the state machine threw when it was to show its state"),
            group.failureOf(2));
    }

    @Test
    @DisplayName("a node that is closed while its state is written tells who asked; the writing ends by itself")
    void closedWhileWriting() {
        final AgentGroup group = alone(0);
        commits(group, group.elect(1), 5);
        group.offLoop(1).hold();
        assertEquals("no snapshot was taken: the node is closed", closedWhileAsked(group));
        group.offLoop(1).release();
        assertEquals(6, group.snapshots(1).newest().orElseThrow().index(), "it was on its way and is whole");
    }

    @Test
    @DisplayName("the log keeps what it has not made durable itself, though a snapshot stands for it")
    void theLogKeepsWhatIsNotDurable() {
        final AgentGroup group = group(3, 0);
        final RaftAgent<Long> leader = group.elect(1);
        group.log(1).stalled = true;
        commits(group, leader, 10);
        assertEquals(11, taken(group, 1));
        group.runsFor(100);
        assertEquals(1, group.log(1).firstIndex());
        group.log(1).stalled = false;
        group.runsUntil(() -> group.log(1).firstIndex() == 12, "then it goes");
        commits(group, leader, 10);
    }

    @Test
    @DisplayName("a request while one is being written waits for the next one, and does not keep the loop awake")
    void aRequestWhileOneIsWritten() {
        final AgentGroup group = alone(0);
        final RaftAgent<Long> node = group.elect(1);
        commits(group, node, 5);
        group.offLoop(1).hold();
        final CompletableFuture<Long> first = node.takeSnapshot();
        group.cycle();
        commits(group, node, 1);
        final CompletableFuture<Long> second = node.takeSnapshot();
        assertTrue(node.hasArrivals());
        group.cycle();
        assertFalse(node.hasArrivals(), "it has been seen");
        group.offLoop(1).release();
        group.runsUntil(second::isDone, "both are taken");
        assertEquals(6, first.join());
        assertEquals(7, second.join());
    }

    @Test
    @DisplayName("whoever asks a closed node is told at once")
    void askedWhenClosed() {
        final AgentGroup group = alone(0);
        final RaftAgent<Long> node = group.elect(1);
        node.close();
        assertEquals("no snapshot was taken: the node is closed",
            assertThrows(CompletionException.class, () -> node.takeSnapshot().getNow(-1L)).getCause().getMessage());
    }

    @Test
    @DisplayName("an entry as large as the trigger, applied when a snapshot of what follows has come, starts no loop")
    void noFreezeAfterAFreeze() {
        final SimSnapshots store = new SimSnapshots();
        final Ledger ledger = new Ledger(0);
        final Snapshots snapshots = new Snapshots(RaftConfig.of(1, List.of(1)).withSnapshots(100, 0),
            new RingLog(64, 64), store, new OffLoop(Runnable::run).new Lane());
        snapshots.installed(store.save(100, 1, ledger.stateHash(), new TreeSet<>(List.of(1)),
            ledger.freeze().orElseThrow()));
        snapshots.applied(120); // entry 80, whose call lasted all that time
        assertTrue(snapshots.isDue());
        snapshots.frozen(100, 1, ledger.stateHash(), ledger.freeze());
        assertFalse(snapshots.isDue(), "it would be frozen again and again, and nothing applied");
    }

    @Test
    @DisplayName("a process that ends between its snapshot and the compaction leaves that to the next one")
    void aCompactionIsMadeUpFor() {
        final AgentGroup group = alone(0);
        commits(group, group.elect(1), 5);
        group.snapshots(1).save(6, 1, ledger(1).stateHash(), new TreeSet<>(List.of(1)),
            ledger(1).freeze().orElseThrow());
        ledgers.set(0, new Ledger(0));
        group.restarts(1, ledger(1));
        group.runsUntil(() -> group.log(1).firstIndex() == 7, "the log goes up to the snapshot");
        group.runsUntil(() -> group.agent(1).status().appliedIndex() >= 6, "the state is there");
        assertEquals(List.of(2L, 3L, 4L, 5L, 6L), ledger(1).entries());
        assertEquals(List.of(), ledger(1).applied);
    }

    @Test
    @DisplayName("T-37: a crash between a received snapshot and the log's reset: applying goes on behind it, twice")
    void aCrashBeforeTheLogIsReset() {
        final Ledger sender = new Ledger(0);
        LongStream.rangeClosed(1, 40).forEach(index -> sender.apply(index, 1, new UnsafeBuffer(), 0, 0));
        MemoryStorage storage = new MemoryStorage(1, new RingLog(64, 64));
        for (int i = 0; i < 10; i++) {
            storage.log.append(1, RaftLog.COMMAND, new UnsafeBuffer(new byte[8]), 0, 8);
        }
        storage.votes.persist(2, 1);
        storage.snapshots.save(40, 2, sender.stateHash(), new TreeSet<>(List.of(1)), sender.freeze().orElseThrow());
        final RaftConfig config = RaftConfig.of(1, List.of(1)).withLimits(64, 64 << 10, 1 << 14, 16);
        long entries = 40;
        for (int life = 1; life <= 3; life++) {
            final Ledger ledger = new Ledger(0);
            final RaftAgent<Long> node = new RaftAgent<>(config, storage, new Loopback(1, 4 << 10).port(1), ledger,
                Runnable::run, new SplittableRandom(life), 0);
            long nowNs = 0;
            while (node.status().appliedIndex() < node.status().lastIndex() || node.status().term() < life + 2) {
                node.doWork(nowNs += 1_000_000);
            }
            final AgentGroup.Answers answers = AgentGroup.offer(node, 1, 8);
            while (answers.committed == 0) {
                node.doWork(nowNs += 1_000_000);
            }
            entries++;
            assertEquals(1, ledger.restored, "life " + life);
            assertEquals(entries, ledger.entries().size(), "all of the snapshot, and what came behind it");
            assertTrue(ledger.applied.getFirst() > 40, ledger.applied.toString());
            assertEquals(40, storage.snapshots.newest().orElseThrow().index());
            node.close();
            storage = storage.reopened();
        }
    }

    @Test
    @DisplayName("a state whose digest is not the one that was written, or that cannot be read, stops the node")
    void aStateThatIsNotRestoredWhole() {
        final AgentGroup group = alone(0);
        group.nodesMayStop();
        commits(group, group.elect(1), 5);
        taken(group, 1);
        final Ledger astray = new Ledger(0);
        astray.hashIsOffBy = 1;
        group.restarts(1, astray);
        group.runsFor(10);
        assertTrue(group.failureOf(1).startsWith("the state after entry 6 could not be restored from its snapshot "
            + "(its digest is "), group.failureOf(1));
        final Ledger cannot = new Ledger(0);
        cannot.thrownByRestore = new IOException("an older version wrote this");
        group.restarts(1, cannot);
        group.runsFor(10);
        assertTrue(group.failureOf(1).contains("an older version wrote this"), group.failureOf(1));
        group.snapshots(1).damageNewest();
        group.restarts(1, new Ledger(0));
        group.runsFor(10);
        assertTrue(group.failureOf(1).contains("is damaged"), group.failureOf(1));
    }

    @Test
    @DisplayName("a log that begins behind the newest snapshot is not started from: entries are lost")
    void aLogThatBeginsBehindItsSnapshot() {
        final MemoryStorage storage = new MemoryStorage(1, new RingLog(64, 64));
        storage.log.reset(9, 1);
        storage.votes.persist(1, 1);
        final RaftException refused = assertThrows(RaftException.class, () -> new RaftAgent<>(
            RaftConfig.of(1, List.of(1)).withLimits(64, 64 << 10, 1 << 14, 16), storage,
            new Loopback(1, 4 << 10).port(1), new Ledger(0), Runnable::run, new SplittableRandom(1), 0));
        assertTrue(refused.getMessage().startsWith("the log begins with entry 10, but the newest snapshot"),
            refused.getMessage());
    }
}
