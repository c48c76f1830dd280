package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.LogEntry;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.contract.RaftLogCompactionContract;

/** The simulated log keeps the contract of the real one; its crashes leave torn rests. */
class SimLogTest extends RaftLogCompactionContract {
    private final Schedule schedule = new Schedule();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Faults.Disk faults = new Faults.Disk(20_000, 200_000, 0.1, 5_000_000, 0.5, 0, 0, 0, 0);
    private final SimDisk disk = new SimDisk(0, 1, 4 << 10, 64 << 10, schedule, random, faults, new SimDisk.Observer() {
            @Override
            public void onForced(int node, LogEntry last) {
                forces++;
            }
        });
    private int forces;

    @Override
    protected RaftLog open() {
        return disk.open().log();
    }

    @Override
    protected void crash() {
        disk.crash();
    }

    @Override
    protected void work() {
        schedule.runNext(schedule.now() + 1_000_000);
    }

    /** Nothing to do: a force ends when virtual time goes on. */
    @Override
    protected void holdForcesBack() {
        assertEquals(0, schedule.pending(), "nothing else is under way");
    }

    @Override
    protected void awaitHeldForce() {
        work(); // the log's thread looks, and takes what is there
    }

    @Override
    protected void endHeldForce() {
        final int before = forces;
        while (forces == before) {
            work();
        }
    }

    @Override
    protected void letForcesEnd() {
        // time goes on with work()
    }

    @Override
    protected void failForces() {
        disk.failForces();
    }

    @Override
    protected void mendForces() {
        disk.setFaults(faults);
    }

    @Override
    protected void snapshot(long index, long term) {
        disk.snapshots().save(index, term, StateMachine.NO_HASH, new TreeSet<>(List.of(0)), out -> { });
    }

    @Override
    protected void setDiskFull(boolean full) {
        disk.setFull(full);
    }
}
