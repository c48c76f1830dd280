package io.balsa.mmap;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.testkit.contract.RaftLogCompactionContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The memory-mapped log keeps the contract of a log. */
class MmapRaftLogTest extends RaftLogCompactionContract {
    @TempDir
    private Path temp;
    private Path dir;
    private final StalledDisk disk = new StalledDisk();
    private MmapStorage storage;
    private final List<MmapStorage> killed = new ArrayList<>();

    @Override
    protected RaftLog open() {
        if (dir == null) {
            dir = Directories.formatted(temp.resolve("node"));
        }
        if (storage != null) {
            storage.close();
        }
        storage = MmapStorage.open(dir, Directories.SMALL, disk);
        return storage.log();
    }

    @Override
    protected void crash() {
        killed.add(storage);
        storage = null;
        dir = Directories.asKilledNow(dir, temp.resolve("copy-" + killed.size()), disk);
    }

    @Override
    protected void holdForcesBack() {
        disk.stall();
    }

    @Override
    protected void awaitHeldForce() {
        disk.awaitHeld();
    }

    @Override
    protected void endHeldForce() {
        disk.letOneThrough();
    }

    @Override
    protected void letForcesEnd() {
        disk.goOn();
    }

    @Override
    protected void failForces() {
        Directories.awaitNextSegment(dir);
        disk.failAfter(0);
    }

    @Override
    protected void mendForces() {
        disk.failAfter(Integer.MAX_VALUE);
    }

    /** Nothing to do: this log takes the caller's word for it. */
    @Override
    protected void snapshot(long index, long term) {
    }

    @Override
    protected void setDiskFull(boolean full) {
        if (full) {
            Directories.awaitNextSegment(dir);
        }
        disk.full(full);
    }

    @AfterEach
    void closeAll() {
        disk.goOn(); // a test that failed may have left it held back
        storage.close();
        killed.forEach(MmapStorage::close);
    }
}
