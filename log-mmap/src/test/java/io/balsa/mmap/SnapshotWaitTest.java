package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients fetch snapshots on virtual threads: while one waits for a disk that hangs, the others must not. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotWaitTest {
    @TempDir
    private Path dir;

    @Test
    void aSnapshotIsOpenedWhileTheDiskHangsInTheRenameOfTheNextOne() throws Exception {
        final CountDownLatch hangs = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final Disk disk = new PlainDisk() {
            @Override
            public void rename(Path from, Path to) throws IOException {
                hangs.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                super.rename(from, to);
            }
        };
        try (SnapshotFiles before = Snapshots.open(dir, Disk.REAL)) {
            Snapshots.save(before, 5);
        }
        try (SnapshotFiles store = Snapshots.open(dir, disk)) {
            final Thread saver = Thread.ofPlatform().daemon().start(() -> Snapshots.save(store, 9));
            hangs.await();
            final Snapshot newest = store.newest().orElseThrow();
            assertEquals(5, newest.index());
            assertArrayEquals(Snapshots.state(5), Snapshots.stateOf(store, newest));
            goOn.countDown();
            saver.join(TimeUnit.SECONDS.toMillis(30));
            Snapshots.assertNewest("gone on", store, 9L);
            assertArrayEquals(Snapshots.state(5), Snapshots.stateOf(store, newest), "the one before is kept");
        }
    }
}
