package io.balsa.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The real disk, for a test to change one thing about. */
class PlainDisk implements Disk {
    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        REAL.force(channel, metaData);
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        REAL.preallocate(file, bytes);
    }
}
