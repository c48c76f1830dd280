package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy gets its name when it is whole, and takes nobody else's. */
class SnapshotCopyTest {
    @TempDir
    private Path dir;
    private Path target;
    private SnapshotCopy copy;

    @BeforeEach
    void write() throws IOException {
        target = dir.resolve("backup");
        copy = written("one", 7);
    }

    private SnapshotCopy written(String name, long index) throws IOException {
        return SnapshotCopy.write(dir.resolve(name), Snapshots.CLUSTER, Snapshots.MEMBERS,
            new Snapshot(index, 2, 0, 0, 0), out -> out.write(Snapshots.state(index)));
    }

    @Test
    void whatIsPublishedIsTheSame() throws IOException {
        assertEquals(copy.snapshot(), copy.publish(target).snapshot());
        assertEquals(copy.snapshot(), SnapshotCopy.of(target).snapshot());
        try (var state = SnapshotCopy.of(target).open()) {
            assertArrayEquals(Snapshots.state(7), state.readAllBytes());
        }
    }

    @Test
    void aNameThatSomebodyTookMeanwhileStaysTheirs() throws IOException {
        written("other", 8).publish(target);
        assertThrows(FileAlreadyExistsException.class, () -> copy.publish(target));
        assertEquals(8, SnapshotCopy.of(target).snapshot().index());
        assertTrue(Files.exists(copy.file()), "nothing is lost");
    }

    @Test
    void aNameThatCannotBeMadeDurableIsTakenBack() {
        final StepDisk disk = new StepDisk();
        disk.failNext("force directory " + dir.getFileName());
        assertThrows(IOException.class, () -> copy.publish(target, disk));
        assertFalse(Files.exists(target));
    }

    @Test
    void aNameThatCannotBeTakenBackIsSaidToBeThere() {
        final Disk disk = new PlainDisk() {
            @Override
            public void forceDirectory(Path directory) throws IOException {
                throw new IOException("planted: input/output error");
            }

            @Override
            public boolean delete(Path file) throws IOException {
                throw new IOException("planted: read-only file system");
            }
        };
        final IOException failed = assertThrows(IOException.class, () -> copy.publish(target, disk));
        assertTrue(failed.getMessage().startsWith(target + " is there and whole, but not for sure"),
            failed.getMessage());
        assertTrue(Files.exists(target));
    }
}
