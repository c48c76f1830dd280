package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Header;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots of one node, each a file of its own; {@link SnapshotFormat} draws it.
 *
 * <p>A snapshot is written under another name, forced, and renamed: what bears a snapshot's name is whole. So opening
 * looks at header, footer and length alone. What the disk did to the rest since shows while it is read.
 *
 * <p>Three locks, taken in this order: a thread saves under one while another receives under the second; the third
 * guards which snapshots there are, and the files kept open for reading them. {@link #newest} needs none.
 */
final class SnapshotFiles implements SnapshotStore, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(SnapshotFiles.class.getName());
    private static final int KEPT = 2;
    private static final int COPY_BYTES = 64 << 10;

    /** A snapshot that may be read; its file is opened when somebody does, and stays open until it goes. */
    private static final class Kept {
        private final Snapshot snapshot;
        private final Path file;
        private FileChannel channel;

        private Kept(Snapshot snapshot, Path file) {
            this.snapshot = snapshot;
            this.file = file;
        }
    }

    private final Path directory;
    private final long clusterId;
    private final SnapshotPace pace;
    private final Disk disk;
    private final Object saving = new Object();
    private final Object receiving = new Object();
    private final Object keeping = new Object();
    private final List<Kept> kept = new ArrayList<>();
    private final ByteBuffer copied = SnapshotFormat.buffer(COPY_BYTES);
    private IncomingSnapshot incoming;
    private volatile Optional<Snapshot> newest = Optional.empty();
    private volatile boolean closed;

    private SnapshotFiles(Path directory, long clusterId, SnapshotPace pace, Disk disk) {
        this.directory = directory;
        this.clusterId = clusterId;
        this.pace = pace;
        this.disk = disk;
    }

    /** @param dir the node's directory */
    static SnapshotFiles open(Path dir, long clusterId, SnapshotPace pace, Disk disk) throws IOException {
        final Path directory = SnapshotDirectory.of(dir);
        disk.createDirectories(directory);
        disk.forceDirectory(dir);
        final SnapshotFiles files = new SnapshotFiles(directory, clusterId, pace, disk);
        files.recover();
        return files;
    }

    private void recover() throws IOException {
        for (final Path leftover : SnapshotDirectory.leftovers(directory)) {
            disk.delete(leftover);
        }
        for (final Path file : SnapshotDirectory.list(directory)) {
            try (SnapshotReader reader = SnapshotReader.open(file, disk)) {
                kept.add(new Kept(SnapshotDirectory.check(file, reader, clusterId).snapshot(), file));
            } catch (LogCorruptException damaged) {
                setAside(file, damaged);
            }
        }
        // A crash may have come after a rename and before its directory was forced.
        disk.forceDirectory(directory);
        if (!kept.isEmpty()) {
            newest = Optional.of(kept.getLast().snapshot);
        }
        retire();
    }

    /** It must not be taken for a snapshot again, but a person may want to know what happened to it. */
    private void setAside(Path file, LogCorruptException why) throws IOException {
        final Path aside = SnapshotDirectory.damaged(file);
        disk.rename(file, aside);
        LOGGER.log(System.Logger.Level.WARNING, why.getMessage() + " (kept as " + aside.getFileName() + ")");
    }

    @Override
    public Optional<Snapshot> newest() {
        return newest;
    }

    @Override
    public Snapshot save(long index, long term, long stateHash, SortedSet<Integer> members, StateMachine.View view) {
        synchronized (saving) {
            requireOpen();
            final Path unfinished = SnapshotDirectory.saving(directory, index, term);
            try {
                final Header header = new Header(clusterId, index, term, stateHash, new TreeSet<>(members));
                final Snapshot snapshot = write(unfinished, header, view);
                keep(unfinished, snapshot);
                return snapshot;
            } catch (IOException e) {
                throw new StorageException("snapshot of entry " + index + " in " + directory + " cannot be saved: " + e
                    + "; the log stays as it is, check the disk's space and health", e);
            } finally {
                deleteQuietly(unfinished);
            }
        }
    }

    private Snapshot write(Path unfinished, Header header, StateMachine.View view) throws IOException {
        disk.delete(unfinished);
        try (PacedFile file = new PacedFile(disk.open(unfinished, StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE), disk, pace, () -> closed)) {
            final SnapshotWriter writer = new SnapshotWriter(header, file);
            try {
                view.writeTo(writer);
            } catch (RuntimeException e) {
                writer.checkDisk(); // a state written out of a lambda wraps what the disk said
                throw e;
            }
            return writer.finish().snapshot();
        }
    }

    /** Makes a forced file the newest snapshot, unless there is one that is as new. */
    void keep(Path unfinished, Snapshot snapshot) throws IOException {
        synchronized (keeping) {
            requireOpen();
            if (newest.isPresent() && newest.get().index() >= snapshot.index()) {
                deleteQuietly(unfinished);
                return;
            }
            final Path file = SnapshotDirectory.file(directory, snapshot);
            try {
                disk.rename(unfinished, file);
                disk.forceDirectory(directory);
            } catch (IOException e) {
                // It would do no harm, but nothing would ever read it, nor delete it before the next start.
                deleteQuietly(file);
                throw e;
            }
            kept.add(new Kept(snapshot, file));
            newest = Optional.of(snapshot);
            retire();
        }
    }

    private void retire() {
        while (kept.size() > KEPT) {
            final Kept oldest = kept.removeFirst();
            closeQuietly(oldest);
            deleteQuietly(oldest.file);
        }
    }

    /** What cannot be deleted takes space, and no more: the next start tries again. */
    void deleteQuietly(Path file) {
        try {
            disk.delete(file);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, file + " cannot be deleted: " + e + "; the next start tries again");
        }
    }

    private static void closeQuietly(Kept snapshot) {
        if (snapshot.channel != null) {
            try {
                snapshot.channel.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, snapshot.file + " cannot be closed: " + e);
            }
        }
    }

    @Override
    public InputStream open(Snapshot snapshot) {
        final Path file;
        synchronized (keeping) {
            file = find(snapshot).file;
        }
        try {
            final SnapshotReader reader = SnapshotReader.open(file, disk);
            try {
                SnapshotDirectory.check(file, reader, clusterId);
            } catch (LogCorruptException e) {
                reader.close();
                throw e;
            }
            return reader;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    @Override
    public void read(Snapshot snapshot, long from, MutableDirectBuffer target, int offset, int length) {
        if (from < 0 || length < 0 || from + length > snapshot.length()) {
            throw new IllegalArgumentException("bytes " + from + ".." + (from + length) + " of a snapshot of "
                + snapshot.length());
        }
        synchronized (keeping) {
            final Kept source = find(snapshot);
            try {
                copy(source, from, target, offset, length);
            } catch (IOException e) {
                throw unreadable(source.file, e);
            }
        }
    }

    private void copy(Kept source, long from, MutableDirectBuffer target, int offset, int length) throws IOException {
        if (source.channel == null || !source.channel.isOpen()) {
            source.channel = disk.open(source.file, StandardOpenOption.READ);
        }
        int done = 0;
        while (done < length) {
            copied.clear().limit(Math.min(COPY_BYTES, length - done));
            final int read = disk.read(source.channel, copied, from + done);
            if (read < 0) {
                throw new IOException("ends at " + (from + done) + " of " + source.snapshot.length() + " bytes");
            }
            target.putBytes(offset + done, copied, 0, read);
            done += read;
        }
    }

    private Kept find(Snapshot snapshot) {
        requireOpen();
        for (final Kept one : kept) {
            if (one.snapshot.equals(snapshot)) {
                return one;
            }
        }
        throw new StorageException("snapshot of entry " + snapshot.index() + " is gone from " + directory
            + "; take the newest one");
    }

    private static StorageException unreadable(Path file, IOException e) {
        return new StorageException("snapshot " + file + " cannot be read: " + e + "; check the disk's health", e);
    }

    private void requireOpen() {
        if (closed) {
            throw new StorageException("snapshots in " + directory + " are closed; open the storage again");
        }
    }

    @Override
    public Receiving receive(Snapshot snapshot) {
        synchronized (receiving) {
            requireOpen();
            if (incoming == null || !incoming.goesOnWith(snapshot)) {
                if (incoming != null) {
                    incoming.discard();
                }
                incoming = IncomingSnapshot.begin(this, directory, snapshot, disk, pace, () -> closed, receiving);
            }
            return incoming;
        }
    }

    /** Whether the bytes of a file are the snapshot that was announced, all of them. */
    boolean isWhole(Path file, Snapshot announced) throws IOException {
        try (SnapshotReader reader = SnapshotReader.open(file, disk)) {
            if (reader.summary().header().clusterId() != clusterId
                || !reader.summary().snapshot().equals(announced)) {
                return false;
            }
            reader.verify();
            return true;
        } catch (LogCorruptException damaged) {
            return false;
        }
    }

    /** Ends what is being saved or received, and waits until it has ended. */
    @Override
    public void close() {
        closed = true;
        synchronized (saving) {
            synchronized (receiving) {
                if (incoming != null) {
                    incoming.discard();
                }
                synchronized (keeping) {
                    kept.forEach(SnapshotFiles::closeQuietly);
                }
            }
        }
    }
}
