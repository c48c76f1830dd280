package io.balsa.raft.labs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.LabGroup.Started;
import io.balsa.raft.testkit.LabService;
import io.balsa.raft.testkit.RaftStateSize;
import io.balsa.raft.testkit.Scripts;
import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.lab.AppliedLog;
import io.balsa.raft.testkit.lab.LabScenario;
import io.balsa.raft.testkit.lab.SimLabRun;
import io.balsa.raft.testkit.lab.SnapshotLab;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a lab scenario relies on: scripts take turns, servers do as they are told, and what goes wrong is found. */
@DisplayName("Labs: the harness")
class SimLabTest {
    private final AppliedLog applied = new AppliedLog();

    @Test
    @DisplayName("scripts run side by side in virtual time, one at a time, in the same order in every run")
    void scriptsTakeTurns() {
        final List<String> first = interleaving();
        assertEquals(List.of("main 0", "a 0", "b 0", "a 10", "b 15", "a 20", "main 25", "b 30"), first);
        assertEquals(first, interleaving());
    }

    private List<String> interleaving() {
        final List<String> seen = new ArrayList<>();
        play(3, 1, lab -> {
            final Fork a = lab.fork("a", () -> {
                for (int i = 0; i < 3; i++) {
                    seen.add("a " + Math.round(lab.nowMs()));
                    lab.sleep(10);
                }
            });
            final Fork b = lab.fork("b", () -> {
                for (int i = 0; i < 3; i++) {
                    seen.add("b " + Math.round(lab.nowMs()));
                    lab.sleep(15);
                }
            });
            seen.add("main " + Math.round(lab.nowMs()));
            lab.sleep(25);
            seen.add("main " + Math.round(lab.nowMs()));
            a.join();
            b.join();
            assertEquals(45, lab.nowMs());
        });
        return seen;
    }

    @Test
    @DisplayName("who waits at a gate goes on when it opens, or when its time is up")
    void gates() {
        play(3, 1, lab -> {
            final Scripts.Gate gate = lab.scripts().gate();
            final List<String> seen = new ArrayList<>();
            final Fork patient = lab.fork("patient", () ->
                seen.add("patient " + gate.await(1_000_000_000) + " " + Math.round(lab.nowMs())));
            final Fork hasty = lab.fork("hasty", () ->
                seen.add("hasty " + gate.await(50_000_000) + " " + Math.round(lab.nowMs())));
            lab.sleep(100);
            gate.open();
            patient.join();
            hasty.join();
            assertEquals(List.of("hasty false 50", "patient true 100"), seen);
            assertTrue(gate.await(1_000_000_000));
            assertEquals(100, lab.nowMs());
        });
    }

    @Test
    @DisplayName("what a forked script throws ends the test")
    void aFailureOfAForkEndsTheTest() {
        final Violation found = assertThrows(Violation.class, () -> play(3, 1, lab -> {
            lab.fork("hapless", () -> {
                lab.sleep(10);
                throw new IllegalStateException("as planned");
            });
            lab.sleep(20);
        }));
        assertTrue(found.getMessage().contains("hapless: as planned"), found.getMessage());
    }

    @Test
    @DisplayName("scripts that are left over are ended with the test, through their finally blocks")
    void leftOverScriptsAreEnded() {
        final List<String> seen = new ArrayList<>();
        play(3, 1, lab -> {
            lab.fork("endless", () -> {
                try {
                    while (true) {
                        lab.sleep(10);
                    }
                } finally {
                    seen.add("ended");
                }
            });
            lab.sleep(100);
        });
        assertEquals(List.of("ended"), seen);
    }

    @Test
    @DisplayName("a test that takes longer than it may fails")
    void theLimitHolds() {
        assertThrows(Violation.class, () -> play(3, 1, lab -> lab.sleep(120_001)));
    }

    @Test
    @DisplayName("Start names the index at once on the leader, and is refused elsewhere")
    void startNamesTheIndex() {
        play(3, 4, lab -> {
            lab.sleep(1_000);
            final double before = lab.nowMs();
            int leaders = 0;
            for (int server = 0; server < 3; server++) {
                final Started started = lab.start(server, new byte[] {1});
                leaders += started.leader() ? 1 : 0;
                assertEquals(lab.state(server).leader(), started.leader());
                assertEquals(started.leader() ? new Started(1, lab.state(server).term(), true) : Started.REFUSED,
                    started);
            }
            assertEquals(1, leaders);
            assertTrue(lab.nowMs() - before < 5, "it takes no longer than a look at the log");
            assertEquals(0, applied.at(1).servers(), "long before it is committed");
            lab.sleep(200);
            assertEquals(3, applied.at(1).servers());
        });
    }

    @Test
    @DisplayName("a crashed server is silent and forgets; restarted, it stays cut off until it is connected")
    void crashAndRestart() {
        play(3, 4, lab -> {
            lab.sleep(1_000);
            final int leader = lab.state(0).leader() ? 0 : lab.state(1).leader() ? 1 : 2;
            lab.start(leader, new byte[] {1});
            lab.sleep(300);
            lab.crash(leader);
            assertFalse(lab.isUp(leader));
            assertFalse(lab.isConnected(leader));
            assertEquals(Started.REFUSED, lab.start(leader, new byte[] {2}));
            lab.restart(leader);
            assertTrue(lab.isUp(leader));
            lab.sleep(1_000);
            final long received = lab.received(leader);
            assertEquals(2, applied.at(1).servers(), "its state machine begins anew, and it hears of no commit");
            lab.connect(leader);
            lab.sleep(1_000);
            assertTrue(lab.received(leader) > received);
            assertTrue(lab.status(leader).orElseThrow().lastIndex() >= 1, "its log was on its disk");
        });
    }

    @Test
    @DisplayName("the apply check finds a gap, a repetition, another command than elsewhere, and forgets at a restart")
    void theApplyCheck() {
        assertThrows(Violation.class, () -> apply(0, 2, "a"));
        apply(1, 1, "a");
        assertThrows(Violation.class, () -> applied.at(1));

        final AppliedLog other = new AppliedLog();
        final StateMachine<Long> first = other.machineOf(0);
        final StateMachine<Long> second = other.machineOf(1);
        first.apply(1, 1, text("a"), 0, 1);
        assertThrows(Violation.class, () -> second.apply(1, 1, text("b"), 0, 1));
        assertThrows(Violation.class, () -> first.apply(1, 1, text("a"), 0, 1));
        other.machineOf(0).apply(1, 1, text("a"), 0, 1);
    }

    @Test
    @DisplayName("the snapshot check finds values that nobody applied, a step back, and what was not on the disk")
    void theSnapshotCheck() throws IOException {
        final FakeSnapshots snapshots = new FakeSnapshots();
        final LabService<Long> service = applied.serviceOf(SnapshotLab.BASIC);
        final StateMachine<Long> first = service.start(0, snapshots);
        for (int index = 1; index <= 9; index++) {
            assertEquals(0, snapshots.asked);
            first.apply(index, 1, text("v" + index), 0, 2);
        }
        assertEquals(1, snapshots.asked);
        final byte[] afterNine = written(first);

        restore(service.start(1, new FakeSnapshots()), afterNine);
        assertEquals(new AppliedLog.Applied(2, "v9"), applied.at(9));
        final byte[] another = afterNine.clone();
        another[another.length - 1]++;
        assertThrows(Violation.class, () -> restore(service.start(2, new FakeSnapshots()), another));
        assertThrows(Violation.class, () -> restore(first, afterNine), "it has applied all of it");

        snapshots.onDisk = Optional.of(afterNine);
        restore(service.start(0, snapshots), afterNine);
        assertThrows(Violation.class, () -> service.start(0, snapshots).apply(10, 1, text("v"), 0, 1));
        final StateMachine<Long> late = service.start(0, snapshots);
        restore(late, afterNine);
        late.apply(10, 1, text("v"), 0, 1);
        assertThrows(Violation.class, late::freeze, "the snapshot was to be taken before");
        final StateMachine<Long> astray = service.start(1, snapshots);
        assertTrue(assertThrows(Violation.class, () -> restore(astray, another)).getMessage()
            .contains("on its disk is that after 9"));
    }

    /** A disk with a snapshot, and somebody who counts who asks for another. */
    private static final class FakeSnapshots implements LabService.Snapshots {
        private Optional<byte[]> onDisk = Optional.empty();
        private int asked;

        @Override
        public Optional<byte[]> newest() {
            return onDisk;
        }

        @Override
        public CompletableFuture<Long> take() {
            asked++;
            return CompletableFuture.completedFuture(0L);
        }
    }

    private static byte[] written(StateMachine<Long> machine) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        machine.freeze().orElseThrow().writeTo(out);
        return out.toByteArray();
    }

    private static void restore(StateMachine<Long> machine, byte[] state) throws IOException {
        machine.restore(new ByteArrayInputStream(state));
    }

    @Test
    @DisplayName("Raft's state is term, vote and the entries that are left once the log is cut back")
    void raftStateSize() {
        try (SimLab<Long> lab = new SimLab<>(SimLab.Options.of(1), 1, applied.serviceOf(SnapshotLab.BASIC), false)) {
            lab.sleep(1_000);
            assertEquals(RaftStateSize.FIXED_BYTES, lab.raftStateBytes(0));
            for (int i = 1; i <= 8; i++) {
                lab.start(0, new byte[20]);
            }
            lab.sleep(100);
            assertEquals(RaftStateSize.FIXED_BYTES + 8L * RaftStateSize.ofEntry(20), lab.raftStateBytes(0));
            lab.start(0, new byte[20]);
            lab.sleep(100);
            assertEquals(RaftStateSize.FIXED_BYTES, lab.raftStateBytes(0), "a snapshot stands for the nine");
            lab.start(0, new byte[20]);
            lab.sleep(100);
            assertEquals(RaftStateSize.FIXED_BYTES + RaftStateSize.ofEntry(20), lab.raftStateBytes(0));
        }
    }

    private void apply(int server, long index, String command) {
        applied.machineOf(server).apply(index, 1, text(command), 0, command.length());
    }

    private static UnsafeBuffer text(String command) {
        return new UnsafeBuffer(command.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    @DisplayName("a scenario that fails tells its seed, its time, and in its transcript what was said last")
    void aFailingScenarioTellsItsSeed() {
        final LabScenario impatient = new LabScenario("2A-00", "no leader within a millisecond", 3, tester -> {
            throw new Violation("as planned");
        });
        final SimLabRun run = new SimLabRun(impatient, 77, false);
        final Violation found = assertThrows(Violation.class, run::play);
        assertTrue(found.getMessage().contains("2A-00 no leader within a millisecond, seed 77"), found.getMessage());
        assertTrue(run.transcript().contains("as planned"));
    }

    @Test
    @DisplayName("one seed is one run, frame by frame")
    void oneSeedIsOneRun() {
        final long first = fingerprint(11);
        assertEquals(first, fingerprint(11));
        assertFalse(first == fingerprint(12));
    }

    private long fingerprint(long seed) {
        final long[] print = new long[1];
        play(5, seed, lab -> {
            lab.setUnreliable(true);
            lab.fork("client", () -> {
                for (int i = 0; i < 100; i++) {
                    lab.start(lab.random().nextInt(5), new byte[] {(byte) i});
                    lab.sleep(10);
                }
            });
            lab.sleep(3_000);
            lab.crash(lab.random().nextInt(5));
            lab.sleep(3_000);
            print[0] = lab.fingerprint();
        });
        return print[0];
    }

    private void play(int servers, long seed, Consumer<SimLab<Long>> script) {
        try (SimLab<Long> lab = new SimLab<>(SimLab.Options.of(servers), seed, applied::machineOf, false)) {
            script.accept(lab);
        }
    }
}
