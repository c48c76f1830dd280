package io.balsa.mmap;

import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Holds a node's directory for one {@link MmapStorage} among all processes. The operating system lets go of it. */
final class DirectoryLock implements AutoCloseable {
    // POSIX drops a process's lock when ANY descriptor of the file is closed. A second open in this JVM must therefore
    // be refused before it touches the lock file, or it would take the first one's lock away.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    static DirectoryLock acquire(Path dir, Disk disk) throws IOException {
        final Path directory = dir.toRealPath();
        if (!HELD.add(directory)) {
            throw new RaftException("directory " + dir + " is already open in this process; close it first");
        }
        FileChannel channel = null;
        try {
            channel = disk.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            final FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new RaftException("directory " + dir + " is in use by another process; "
                    + "stop that node or choose another directory");
            }
            return new DirectoryLock(directory, channel);
        } catch (IOException | RuntimeException e) {
            try {
                if (channel != null) {
                    channel.close();
                }
            } finally {
                HELD.remove(directory);
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(directory);
        }
    }
}
