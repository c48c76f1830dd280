package io.balsa.mmap;

import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.testkit.contract.SnapshotStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots in files keep the contract of a snapshot store. */
class SnapshotFilesContractTest extends SnapshotStoreContract {
    @TempDir
    private Path temp;
    private final StalledDisk disk = new StalledDisk();
    private final SnapshotFiles[] open = new SnapshotFiles[2];

    @Override
    protected SnapshotStore open(int member) throws IOException {
        final Path dir = Files.createDirectories(temp.resolve("node-" + member));
        open[member] = SnapshotFiles.open(dir, Directories.IDENTITY.clusterId(), SnapshotPace.unpaced(),
            member == 0 ? disk : Disk.REAL);
        return open[member];
    }

    @Override
    protected void crash() {
        open[0].close();
    }

    @Override
    protected void damageNewest() throws IOException {
        final Path newest = SnapshotDirectory.list(SnapshotDirectory.of(temp.resolve("node-0"))).getLast();
        Directories.flipBit(newest, Files.size(newest) / 2);
    }

    @Override
    protected void setDiskBroken(boolean broken) {
        disk.failAfter(broken ? 0 : Integer.MAX_VALUE);
        disk.full(broken);
    }

    @AfterEach
    void closeStores() {
        open[0].close();
        open[1].close();
    }
}
