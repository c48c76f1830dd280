package io.balsa.mmap;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes names in the directories of a log durable, for all of its threads. A failed force may have lost whatever
 * changed in that directory since the one before, and the next one would succeed without it: a segment that another
 * thread has just begun could lose its name. So one failure ends them all, and the log with them.
 */
final class DirectoryForces {
    private final Disk disk;
    private final Progress progress;
    private volatile IOException failure;

    DirectoryForces(Disk disk, Progress progress) {
        this.disk = disk;
        this.progress = progress;
    }

    /** @throws IOException when it failed, or did so before; the log is poisoned then */
    synchronized void force(Path directory) throws IOException {
        if (failure != null) {
            throw new IOException(directory + ": not forced, since that failed before: " + failure.getMessage(),
                failure);
        }
        try {
            disk.forceDirectory(directory);
        } catch (IOException e) {
            failure = e;
            progress.poison(directory + ": the names in it could not be made durable: " + e
                + "; stop this node and check the disk", e);
            throw e;
        }
    }

    /** Whether one failed: then the log is over, and there is nothing to try again. */
    boolean failed() {
        return failure != null;
    }
}
