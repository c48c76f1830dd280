package io.balsa.mmap;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.testkit.contract.MemoryQuorumLogContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The memory-mapped log keeps the contract of a log whose entries count in memory. */
class MmapMemoryQuorumLogTest extends MemoryQuorumLogContract {
    @TempDir
    private Path temp;
    private Path dir;
    private final StalledDisk disk = new StalledDisk();
    private final List<MmapStorage> opened = new ArrayList<>();

    @Override
    protected RaftLog open() {
        if (dir == null) {
            dir = temp.resolve("node");
            MmapStorage.format(dir, Directories.IDENTITY.with(Durability.MEMORY_QUORUM));
        }
        opened.add(MmapStorage.open(dir, Directories.SMALL, disk));
        return opened.getLast().log();
    }

    @Override
    protected void crash() {
        dir = Directories.asKilledNow(dir, temp.resolve("copy-" + opened.size()), disk);
    }

    @Override
    protected void work() {
        Directories.pause();
    }

    @Override
    protected void holdForcesBack() {
        disk.stall();
    }

    @Override
    protected void letForcesEnd() {
        disk.goOn();
    }

    @AfterEach
    void closeAll() {
        disk.goOn();
        opened.forEach(MmapStorage::close);
    }
}
