package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Registers;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.SimNetwork;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The disk fails while the leader appends a command. First found by the simulator, as a node that never closed. */
class FailedAppendTest implements Completion<Long> {
    private final List<String> answers = new ArrayList<>();

    @Test
    void theNodeStopsAndWhoeverWaitsIsToldThatTheOutcomeIsUnknown() {
        final Schedule schedule = new Schedule();
        final SplittableRandom random = new SplittableRandom(1);
        final SimDisk disk = new SimDisk(0, 1, 960, 64 << 10, schedule, random, Faults.none().disk(),
            SimDisk.Observer.NONE);
        final Storage storage = disk.open();
        final SimNetwork alone = new SimNetwork(1, new int[] {4 << 10, 32 << 10, 32 << 10},
            new int[] {1 << 16, 1 << 16, 1 << 16}, schedule, random, Faults.none().network(), SimNetwork.Observer.NONE);
        final RaftAgent<Long> agent = new RaftAgent<>(RaftConfig.of(0, List.of(0)).withLimits(960, 64 << 10, 8 << 10,
            8), storage, alone.connect(0), new Registers(), Runnable::run, random, 0);
        agent.doWork(1);
        assertEquals(Role.LEADER, agent.status().role());

        disk.failForces();
        assertEquals(RaftNode.ACCEPTED, agent.offer(new UnsafeBuffer(new byte[8]), 0, 8, this));
        assertThrows(StorageException.class, () -> agent.doWork(2));
        assertEquals(List.of(), answers);
        assertTimeoutPreemptively(Duration.ofSeconds(10), agent::close);
        assertEquals(List.of("indeterminate STOPPED"), answers);
    }

    @Override
    public void onCommitted(long index, Long reply) {
        answers.add("committed " + index);
    }

    @Override
    public void onRejected(Outcome.Reason reason, int leaderHint) {
        answers.add("rejected " + reason);
    }

    @Override
    public void onIndeterminate(Outcome.Cause cause) {
        answers.add("indeterminate " + cause);
    }
}
