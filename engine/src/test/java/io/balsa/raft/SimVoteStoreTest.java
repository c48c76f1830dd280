package io.balsa.raft;

import java.util.SplittableRandom;

import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.contract.VoteStoreContract;

/** The simulated vote store keeps the contract of the real one. */
class SimVoteStoreTest extends VoteStoreContract {
    private final SimDisk disk = new SimDisk(0, 1, 4 << 10, 64 << 10, new Schedule(), new SplittableRandom(1),
        Faults.none().disk(), SimDisk.Observer.NONE);

    @Override
    protected VoteStore open() {
        return disk.open().votes();
    }

    @Override
    protected void crash() {
        disk.crash();
    }

    @Override
    protected void failForces() {
        disk.failForces();
    }

    @Override
    protected void mendForces() {
        disk.setFaults(Faults.none().disk());
    }
}
