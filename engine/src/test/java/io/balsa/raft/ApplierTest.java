package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.testkit.SimSnapshots;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Figure 2: "if commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to state machine". */
class ApplierTest {
    private static final UnsafeBuffer COMMAND = new UnsafeBuffer(new byte[8]);

    private final RingLog log = new RingLog(1024, 8);
    private final SimSnapshots store = new SimSnapshots();
    private final Snapshots snapshots = new Snapshots(RaftConfig.of(1, List.of(1)), log, store,
        new OffLoop(Runnable::run).new Lane());
    private final List<Long> applied = new ArrayList<>();
    private long nowNs;
    private long commitWhileApplying;
    private Applier<Long> applier;

    /** Each command takes one nanosecond; the budget of a batch is as given. */
    private Applier<Long> applier(long budgetNs) {
        applier = new Applier<>(log, store, snapshots, (index, term, command, offset, length) -> {
            nowNs++;
            applied.add(index);
            if (commitWhileApplying > 0) {
                applier.commitTo(commitWhileApplying);
            }
            return index;
        }, new StateChecks(1, new int[0], 0), new Baton(), () -> nowNs, budgetNs, Long.MAX_VALUE);
        applier.answerTo(new Proposals<>(RaftConfig.of(1, List.of(1)), null, log, null, new Slots(1),
            new Stages(() -> 0)));
        return applier;
    }

    private void logOf(int commands) {
        for (int i = 0; i < commands; i++) {
            log.append(1, RaftLog.COMMAND, COMMAND, 0, 8);
        }
    }

    private static List<Long> upTo(long index) {
        return LongStream.rangeClosed(1, index).boxed().toList();
    }

    @Test
    @DisplayName("T-39: the commit index moves on during a batch: each entry is applied in order, once")
    void theCommitIndexMovesOnDuringABatch() {
        logOf(300);
        applier(20).commitTo(100);
        commitWhileApplying = 300;
        int batches = 0;
        while (applier.doWork() > 0) {
            assertEquals(upTo(applier.appliedIndex()), applied, "what is said to be applied is what was applied");
            batches++;
        }
        assertEquals(upTo(300), applied);
        assertEquals(15, batches, "the budget ends a batch at every 20th entry");
    }

    @Test
    @DisplayName("nothing beyond the commit index is applied, though it is in the log")
    void nothingBeyondTheCommitIndexIsApplied() {
        logOf(5);
        applier(Long.MAX_VALUE / 2).doWork();
        assertEquals(List.of(), applied);
        applier.commitTo(3);
        assertEquals(3, applier.doWork());
        assertEquals(0, applier.doWork());
        assertEquals(upTo(3), applied);
    }

    @Test
    @DisplayName("a new process shows its new state machine everything again, from the first entry on")
    void aNewStateMachineIsShownEverythingAgain() {
        logOf(5);
        applier(Long.MAX_VALUE / 2).commitTo(4);
        assertEquals(4, applier.doWork());
        applied.clear();
        applier(Long.MAX_VALUE / 2).commitTo(5);
        assertEquals(5, applier.doWork());
        assertEquals(upTo(5), applied);
    }

    @Test
    @DisplayName("an entry that the state machine throws at is not passed over")
    void anEntryThatTheStateMachineThrowsAtIsNotPassedOver() {
        logOf(3);
        final Applier<Long> broken = new Applier<>(log, store, snapshots, (index, term, command, offset, length) -> {
            if (index == 2) {
                throw new IllegalStateException("cannot");
            }
            applied.add(index);
            return index;
        }, new StateChecks(1, new int[0], 0), new Baton(), () -> 0, 1_000, Long.MAX_VALUE);
        broken.answerTo(new Proposals<>(RaftConfig.of(1, List.of(1)), null, log, null, new Slots(1),
            new Stages(() -> 0)));
        broken.commitTo(3);
        assertThrows(RaftException.class, broken::doWork);
        assertThrows(RaftException.class, broken::doWork);
        assertEquals(List.of(1L), applied);
        assertEquals(1, broken.appliedIndex());
    }
}
