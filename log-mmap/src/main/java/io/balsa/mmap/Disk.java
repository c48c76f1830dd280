package io.balsa.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The operations that may fail on a real disk, so that a test can make them fail. Not among them is what Chronicle
 * Queue does itself: it maps a segment that was allocated here, and names it.
 */
interface Disk {
    /** File systems that never write over what a file holds. */
    Set<String> COPYING = Set.of("btrfs", "zfs", "bcachefs");

    Disk REAL = new Disk() {
        @Override
        public void force(FileChannel channel, boolean metaData) throws IOException {
            channel.force(metaData);
        }

        @Override
        public void preallocate(Path file, long bytes) throws IOException {
            Journal.preallocate(file, bytes);
        }
    };

    void force(FileChannel channel, boolean metaData) throws IOException;

    /** Maps the first {@code bytes} bytes of a file, to force parts of them. */
    default MappedByteBuffer map(FileChannel channel, long bytes) throws IOException {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
    }

    /**
     * Makes a part of a mapped file durable, and the pages at its ends as a whole, whoever wrote to it and how; as
     * surely as {@link #force} without metadata does the whole file.
     */
    default void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to) throws IOException {
        try {
            mapped.force(from, to - from);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Makes {@code file} occupy {@code bytes} bytes, so that writing to them cannot fail for lack of space. */
    void preallocate(Path file, long bytes) throws IOException;

    /** How many bytes more would fit where {@code file} lies, as far as the file system knows. */
    default long usableBytes(Path file) throws IOException {
        return Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
    }

    /**
     * As {@link #preallocate}, but takes nothing where there is not enough: an attempt that fails takes all there is
     * while it lasts, and so from whoever could make room.
     */
    default void preallocateIfRoom(Path file, long bytes) throws IOException {
        final long usable = usableBytes(file);
        if (usable < bytes) {
            throw new IOException(file + ": cannot allocate " + bytes + " bytes, " + usable + " are free");
        }
        preallocate(file, bytes);
    }

    default FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, options);
    }

    /** As {@link FileChannel#read(ByteBuffer, long)}. */
    default int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
        return channel.read(target, position);
    }

    /** As {@link FileChannel#write(ByteBuffer, long)}: may write a part only. */
    default int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
        return channel.write(source, position);
    }

    /**
     * Writes zeros where a record is to come later, one page at a time: of several the page cache would make one large
     * folio, and each force of a record in it would write all of that.
     */
    default void zero(FileChannel channel, ByteBuffer zeros, long position) throws IOException {
        while (zeros.hasRemaining()) {
            channel.write(zeros, position + zeros.position());
        }
    }

    /** Whether what is written over takes no space: not so where a file system copies on write. */
    default boolean writesInPlace(Path directory) throws IOException {
        return !COPYING.contains(Files.getFileStore(directory).type());
    }

    /** As {@link FileChannel#truncate(long)}. */
    default void truncate(FileChannel channel, long length) throws IOException {
        channel.truncate(length);
    }

    /** Gives a file another name in one step; durable once the directory is forced. */
    default void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Lets go of the space of all whole pages between two places in a file, where there are zeros from now on. */
    default void giveBack(Path file, long from, long to) throws IOException {
        Journal.giveBack(file, from, to);
    }

    /** @return whether there was such a file */
    default boolean delete(Path file) throws IOException {
        return Files.deleteIfExists(file);
    }

    /** Makes a directory that must not be there yet; durable once the one it lies in is forced. */
    default void createDirectory(Path directory) throws IOException {
        Files.createDirectory(directory);
    }

    /** Makes a directory, with those it lies in, where there is none. */
    default void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    /** What lies in a directory under names that match {@code glob}, in no order. */
    default List<Path> list(Path directory, String glob) throws IOException {
        final List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    default void forceDirectory(Path directory) throws IOException {
        SegmentFiles.forceDirectory(directory);
    }
}
