package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The operations that may fail on a real disk, so that a test can make them fail. */
interface Disk {
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

    /** Makes {@code file} occupy {@code bytes} bytes, so that writing to them cannot fail for lack of space. */
    void preallocate(Path file, long bytes) throws IOException;

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

    default void forceDirectory(Path directory) throws IOException {
        SegmentFiles.forceDirectory(directory);
    }
}
