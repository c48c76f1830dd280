package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Header;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
 * <p>A snapshot is written under another name, forced, and renamed: what bears a snapshot's name is whole. What the
 * disk did to it since is looked for when the store is opened: all of the newest is read, of others header and footer.
 *
 * <p>Four locks, taken in this order: a thread saves under one while another receives under the second; under the third
 * either makes its file the newest snapshot; under the fourth files that are kept open are read and closed.
 * {@link #newest} and {@link #open} need none: a client's virtual thread that waited for one while a disk hangs would
 * keep its carrier from all others.
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
    private final Object reading = new Object();
    /** Oldest first. Replaced by whoever is keeping, and changed in no other way. */
    private volatile List<Kept> kept = List.of();
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
        final List<Kept> found = new ArrayList<>();
        for (final Path file : SnapshotDirectory.list(directory).reversed()) {
            try (SnapshotReader reader = SnapshotReader.open(file, disk)) {
                final Snapshot snapshot = SnapshotDirectory.check(file, reader, clusterId).snapshot();
                if (found.isEmpty()) {
                    reader.verify(); // a server whose committed entries have rotted must not vote
                }
                found.addFirst(new Kept(snapshot, file));
            } catch (LogCorruptException damaged) {
                setAside(file, damaged);
            }
        }
        // A crash may have come after a rename and before its directory was forced.
        disk.forceDirectory(directory);
        if (!found.isEmpty()) {
            keepNewestOf(found);
        }
    }

    /**
     * It must not be taken for a snapshot again, but a person may want to know what happened to it. To the newest such
     * one alone: a disk that rots must not fill up with what it damaged.
     */
    private void setAside(Path file, LogCorruptException why) throws IOException {
        for (final Path former : SnapshotDirectory.setAside(directory)) {
            deleteQuietly(former);
        }
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

    /** Makes a forced file the newest snapshot, unless there is a newer one; in place of one of the same entry. */
    void keep(Path unfinished, Snapshot snapshot) throws IOException {
        synchronized (keeping) {
            requireOpen();
            if (newest.isPresent() && newest.get().index() > snapshot.index()) {
                deleteQuietly(unfinished);
                return;
            }
            final Path file = SnapshotDirectory.file(directory, snapshot);
            final Optional<Kept> former = kept.stream()
                .filter(one -> one.snapshot.index() == snapshot.index()).findFirst();
            try {
                disk.rename(unfinished, file);
                disk.forceDirectory(directory);
            } catch (IOException e) {
                if (former.isEmpty() || !former.get().file.equals(file)) {
                    // It would do no harm, but nothing would ever read it, nor delete it before the next start.
                    deleteQuietly(file);
                }
                throw e;
            }
            final List<Kept> all = new ArrayList<>(kept);
            former.ifPresent(one -> {
                all.remove(one);
                closeQuietly(one); // what is open is the file that was there before
                if (!one.file.equals(file)) {
                    deleteQuietly(one.file);
                }
            });
            all.add(new Kept(snapshot, file));
            keepNewestOf(all);
        }
    }

    private void keepNewestOf(List<Kept> all) {
        final int retired = Math.max(0, all.size() - KEPT);
        kept = List.copyOf(all.subList(retired, all.size()));
        newest = Optional.of(all.getLast().snapshot); // after what lets it be opened
        for (final Kept old : all.subList(0, retired)) {
            closeQuietly(old);
            deleteQuietly(old.file);
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

    private void closeQuietly(Kept snapshot) {
        synchronized (reading) {
            if (snapshot.channel != null) {
                try {
                    snapshot.channel.close();
                } catch (IOException e) {
                    LOGGER.log(System.Logger.Level.WARNING, snapshot.file + " cannot be closed: " + e);
                }
            }
        }
    }

    @Override
    public InputStream open(Snapshot snapshot) {
        final Path file = find(snapshot).file;
        try {
            final SnapshotReader reader = SnapshotReader.open(file, disk);
            try {
                SnapshotDirectory.check(file, reader, clusterId);
            } catch (LogCorruptException e) {
                reader.close();
                throw e;
            }
            return reader;
        } catch (NoSuchFileException e) {
            throw gone(snapshot); // retired since it was found
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
        synchronized (reading) {
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
        throw gone(snapshot);
    }

    private StorageException gone(Snapshot snapshot) {
        return new StorageException("snapshot of entry " + snapshot.index() + " is gone from " + directory
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
        } catch (RaftException unreadable) { // of a version that a newer leader writes; this node goes on without it
            throw new StorageException(unreadable.getMessage(), unreadable);
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
                kept.forEach(this::closeQuietly);
            }
        }
    }
}
