package io.balsa.mmap;

import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.contract.VoteStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The vote file keeps the contract of a vote store. */
class VoteFileContractTest extends VoteStoreContract {
    @TempDir
    private Path temp;
    private final StalledDisk disk = new StalledDisk();
    private VoteFile votes;

    @Override
    protected VoteStore open() throws IOException {
        if (votes == null) {
            VoteFile.create(temp, Directories.IDENTITY, Disk.REAL);
        }
        votes = VoteFile.open(temp, disk);
        return votes;
    }

    @Override
    protected void crash() throws IOException {
        votes.close();
    }

    @Override
    protected void failForces() {
        disk.failAfter(0);
    }

    @Override
    protected void mendForces() {
        disk.failAfter(Integer.MAX_VALUE);
    }

    @AfterEach
    void closeFile() throws IOException {
        votes.close();
    }
}
