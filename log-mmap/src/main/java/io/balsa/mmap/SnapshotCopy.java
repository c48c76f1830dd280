package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Header;
import io.balsa.mmap.SnapshotFormat.Summary;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A snapshot in a file of its own, outside any node's directory, such as a backup. Its bytes are those that a node
 * holds; {@link SnapshotFormat} draws them.
 *
 * @param file      where it is
 * @param clusterId the group it was taken in
 * @param members   who belonged to that group
 * @param snapshot  what it holds
 */
public record SnapshotCopy(Path file, long clusterId, SortedSet<Integer> members, Snapshot snapshot) {
    private static final String REMEDY = "use another copy";

    public SnapshotCopy {
        members = new TreeSet<>(members);
    }

    /**
     * Looks at header and footer.
     *
     * @throws LogCorruptException when they are not those of a whole snapshot
     */
    public static SnapshotCopy of(Path file) throws IOException {
        try (SnapshotReader reader = SnapshotReader.open(file, Disk.REAL, REMEDY)) {
            return of(file, reader.summary());
        }
    }

    private static SnapshotCopy of(Path file, Summary summary) {
        return new SnapshotCopy(file, summary.header().clusterId(), summary.header().members(), summary.snapshot());
    }

    /**
     * The state in it, from the first byte to the last. Reading throws {@link LogCorruptException} where a checksum
     * fails, and comes to the end only where the content hash is right.
     */
    public InputStream open() throws IOException {
        return SnapshotReader.open(file, Disk.REAL, REMEDY);
    }

    /**
     * Writes a snapshot and makes it durable, save for its name. It equals what a node took only if all that is given
     * does: compare {@link #snapshot()}.
     *
     * @param file  is made anew, and is to be the caller's own; where this throws, what was written is left there
     * @param about its index, term and hash of the state are written; the rest follows from {@code state}
     */
    public static SnapshotCopy write(Path file, long clusterId, SortedSet<Integer> members, Snapshot about,
                                     StateMachine.View state) throws IOException {
        final Header header =
            new Header(clusterId, about.index(), about.term(), about.stateHash(), new TreeSet<>(members));
        final FileChannel channel = Disk.REAL.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
        try (PacedFile paced = new PacedFile(channel, Disk.REAL, SnapshotPace.unpaced(), () -> false)) {
            final SnapshotWriter writer = new SnapshotWriter(header, paced);
            state.writeTo(writer);
            return of(file, writer.finish());
        }
    }

    /**
     * Gives a file that {@link #write} made its name, for good. It may keep the one it had as well, for the caller to
     * delete.
     *
     * @throws FileAlreadyExistsException when another one has it, which stays as it is
     * @throws IOException                when it cannot be done: then there is no {@code target}, unless the message
     *                                    says that there is
     */
    public SnapshotCopy publish(Path target) throws IOException {
        return publish(target, Disk.REAL);
    }

    SnapshotCopy publish(Path target, Disk disk) throws IOException {
        link(target);
        try {
            disk.forceDirectory(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            withdraw(target, disk, e);
            throw e;
        }
        return new SnapshotCopy(target, clusterId, members, snapshot);
    }

    /** A rename would replace what has come to be there since somebody looked; a link does not. */
    private void link(Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException noLinksHere) {
            Files.move(file, target); // looks itself, and refuses, which is all that can be had there
        }
    }

    private static void withdraw(Path target, Disk disk, IOException why) throws IOException {
        try {
            disk.delete(target);
        } catch (IOException e) {
            final IOException there = new IOException(target + " is there and whole, but not for sure: " + why, why);
            there.addSuppressed(e);
            throw there;
        }
    }
}
