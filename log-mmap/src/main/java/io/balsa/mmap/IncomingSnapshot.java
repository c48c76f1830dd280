package io.balsa.mmap;

import io.balsa.raft.spi.SnapshotStore.Receiving;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/**
 * A snapshot on its way in: a file of the announced length, allocated before the first byte comes, so that a disk
 * without room says so before the network carried it all. Paced like one that is saved, since the log of a follower
 * has the same disk.
 */
final class IncomingSnapshot implements Receiving {
    private static final int COPY_BYTES = 64 << 10;

    private final SnapshotFiles files;
    private final Path file;
    private final Snapshot snapshot;
    private final PacedFile target;
    private final Object lock;
    private final ByteBuffer copied = SnapshotFormat.buffer(COPY_BYTES);
    private boolean over;

    private IncomingSnapshot(SnapshotFiles files, Path file, Snapshot snapshot, PacedFile target, Object lock) {
        this.files = files;
        this.file = file;
        this.snapshot = snapshot;
        this.target = target;
        this.lock = lock;
    }

    /** @param lock held by whoever closes the storage, so that nothing is written after that */
    static IncomingSnapshot begin(SnapshotFiles files, Path directory, Snapshot snapshot, Disk disk, SnapshotPace pace,
                                  BooleanSupplier stopped, Object lock) {
        final Path file = SnapshotDirectory.receiving(directory, snapshot);
        try {
            disk.preallocateIfRoom(file, snapshot.length());
            final FileChannel channel = disk.open(file, StandardOpenOption.WRITE);
            return new IncomingSnapshot(files, file, snapshot, new PacedFile(channel, disk, pace, stopped), lock);
        } catch (IOException e) {
            files.deleteQuietly(file);
            throw failed(file, e);
        }
    }

    private static StorageException failed(Path file, IOException e) {
        return new StorageException("snapshot " + file + " cannot be received: " + e
            + "; check the disk's space and health", e);
    }

    boolean goesOnWith(Snapshot announced) {
        return !over && snapshot.equals(announced);
    }

    @Override
    public long position() {
        return target.position();
    }

    @Override
    public void write(DirectBuffer source, int offset, int length) {
        synchronized (lock) {
            requireGoingOn();
            if (length > snapshot.length() - target.position()) {
                throw new IllegalArgumentException(length + " bytes after " + target.position() + " of a snapshot of "
                    + snapshot.length());
            }
            try {
                int done = 0;
                while (done < length) {
                    final int taken = Math.min(COPY_BYTES, length - done);
                    source.getBytes(offset + done, copied.clear(), taken);
                    target.write(copied.flip());
                    done += taken;
                }
            } catch (IOException e) {
                discard();
                throw failed(file, e);
            }
        }
    }

    @Override
    public boolean complete() {
        synchronized (lock) {
            requireGoingOn();
            try {
                return target.position() == snapshot.length() && finish();
            } catch (IOException e) {
                throw failed(file, e);
            } finally {
                discard();
            }
        }
    }

    private boolean finish() throws IOException {
        target.force();
        target.close();
        if (!files.isWhole(file, snapshot)) {
            return false;
        }
        files.keep(file, snapshot);
        return true;
    }

    private void requireGoingOn() {
        if (over) {
            throw new IllegalStateException("snapshot " + file + " is no longer being received; begin again");
        }
    }

    @Override
    public void discard() {
        synchronized (lock) {
            if (over) {
                return;
            }
            over = true;
            try {
                target.close();
            } catch (IOException nothingToLose) {
                // what was written is deleted in the next line
            } finally {
                files.deleteQuietly(file);
            }
        }
    }
}
