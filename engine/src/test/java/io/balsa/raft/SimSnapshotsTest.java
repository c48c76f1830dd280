package io.balsa.raft;

import java.util.SplittableRandom;

import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.testkit.Faults;
import io.balsa.raft.testkit.Schedule;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.contract.SnapshotStoreContract;

/** The simulated snapshots keep the contract of the real ones. */
class SimSnapshotsTest extends SnapshotStoreContract {
    private final SimDisk[] disks = {newDisk(0), newDisk(1)};

    private static SimDisk newDisk(int member) {
        return new SimDisk(member, 1, 4 << 10, 64 << 10, new Schedule(), new SplittableRandom(member),
            Faults.none().disk(), SimDisk.Observer.NONE);
    }

    @Override
    protected SnapshotStore open(int member) {
        return disks[member].open().snapshots();
    }

    @Override
    protected void crash() {
        disks[0].crash();
    }

    @Override
    protected void damageNewest() {
        disks[0].snapshots().damageNewest();
    }

    @Override
    protected void setDiskBroken(boolean broken) {
        disks[0].snapshots().setBroken(broken);
    }
}
