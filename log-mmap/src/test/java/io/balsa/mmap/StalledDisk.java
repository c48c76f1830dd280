package io.balsa.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A disk whose forces stall, fail, or run out of space when a test says so. */
final class StalledDisk implements Disk {
    private boolean stalled;
    private int forcesLeft = Integer.MAX_VALUE;
    private boolean full;

    /** From now on forces do not return before {@link #goOn()}. */
    synchronized void stall() {
        stalled = true;
    }

    synchronized void goOn() {
        stalled = false;
        notifyAll();
    }

    /** After {@code forces} more every force fails. */
    synchronized void failAfter(int forces) {
        forcesLeft = forces;
    }

    /** Whether there is no space for another segment. */
    synchronized void full(boolean isFull) {
        full = isFull;
    }

    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        awaitLetThrough();
        Disk.REAL.force(channel, metaData);
    }

    private synchronized void awaitLetThrough() throws IOException {
        while (stalled) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        if (forcesLeft == 0) {
            throw new IOException("planted failure");
        }
        forcesLeft--;
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        synchronized (this) {
            if (full) {
                throw new IOException(file + ": planted: no space left on device");
            }
        }
        Disk.REAL.preallocate(file, bytes);
    }
}
