package io.balsa.raft;

import java.util.SplittableRandom;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.contract.MemoryQuorumLogContract;

/** The simulated log keeps the contract of the real one where entries count in memory. */
class SimMemoryQuorumLogTest extends MemoryQuorumLogContract {
    private final Schedule schedule = new Schedule();
    private final SimDisk disk = new SimDisk(0, 1, 4 << 10, 64 << 10, schedule, new SplittableRandom(1),
        new Faults.Disk(20_000, 200_000, 0.1, 5_000_000, 0.5, 0, 0, 0, 0), SimDisk.Observer.NONE);

    @Override
    protected RaftLog open() {
        disk.format(Durability.MEMORY_QUORUM);
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
    }

    @Override
    protected void letForcesEnd() {
    }
}
