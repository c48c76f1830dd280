package io.balsa.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

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

        @Override
        public void giveBack(Path file, long from, long to) throws IOException {
            Journal.giveBack(file, from, to);
        }
    };

    void force(FileChannel channel, boolean metaData) throws IOException;

    /** Makes {@code file} occupy {@code bytes} bytes, so that writing to them cannot fail for lack of space. */
    void preallocate(Path file, long bytes) throws IOException;

    /** Lets go of the space of all whole pages between two places in a file, where there are zeros from now on. */
    void giveBack(Path file, long from, long to) throws IOException;

    /** @return whether there was such a file */
    default boolean delete(Path file) throws IOException {
        return Files.deleteIfExists(file);
    }

    default void forceDirectory(Path directory) throws IOException {
        SegmentFiles.forceDirectory(directory);
    }
}
