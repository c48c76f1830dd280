package io.balsa.mmap;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A disk whose forces stall, fail, or run out of space when a test says so. */
final class StalledDisk implements Disk {
    private static final long DEADLINE_MILLIS = TimeUnit.SECONDS.toMillis(30);

    private boolean stalled;
    private int held;
    private int letThrough;
    private int forcesLeft = Integer.MAX_VALUE;
    private boolean full;
    private boolean broken;
    private boolean allocationsHeld;
    private boolean filesKept;
    private int givenBack;

    /** From now on forces do not return before {@link #goOn()}. */
    synchronized void stall() {
        stalled = true;
    }

    synchronized void goOn() {
        stalled = false;
        notifyAll();
    }

    /** Waits until a force of data stalls. */
    synchronized void awaitHeld() {
        await(() -> held > 0);
    }

    /** Lets the one force of data that stalls return, and waits until the next one stalls. */
    synchronized void letOneThrough() {
        letThrough = 1;
        notifyAll();
        await(() -> letThrough == 0 && held > 0);
    }

    private void await(BooleanSupplier condition) {
        final long deadline = System.currentTimeMillis() + DEADLINE_MILLIS;
        while (!condition.getAsBoolean()) {
            final long left = deadline - System.currentTimeMillis();
            if (left <= 0) {
                throw new AssertionError("what a test waits for does not happen");
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** After {@code forces} more every force fails. */
    synchronized void failAfter(int forces) {
        forcesLeft = forces;
    }

    /** Whether there is no space for another segment. */
    synchronized void full(boolean isFull) {
        full = isFull;
    }

    /** Whether allocating a segment fails in a way that nobody foresaw. */
    synchronized void broken(boolean isBroken) {
        broken = isBroken;
    }

    /** Whether allocating a segment takes until it is said that it does not. */
    synchronized void holdAllocations(boolean hold) {
        allocationsHeld = hold;
        notifyAll();
    }

    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        awaitLetThrough(!metaData);
        Disk.REAL.force(channel, metaData);
    }

    @Override
    public void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to) throws IOException {
        awaitLetThrough(true);
        Disk.REAL.forcePart(channel, mapped, from, to);
    }

    /** @param ofData not of a segment that is being prepared or begun */
    private synchronized void awaitLetThrough(boolean ofData) throws IOException {
        held += ofData ? 1 : 0;
        notifyAll();
        while (stalled && !(ofData && letThrough > 0)) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        if (ofData) {
            held--;
            letThrough = 0;
            notifyAll();
        }
        if (forcesLeft == 0) {
            throw new IOException("planted failure");
        }
        forcesLeft--;
    }

    /** Whether files cannot be deleted. */
    synchronized void keepFiles(boolean keep) {
        filesKept = keep;
    }

    @Override
    public boolean delete(Path file) throws IOException {
        synchronized (this) {
            if (filesKept) {
                throw new IOException(file + ": planted: cannot be deleted");
            }
        }
        return Disk.REAL.delete(file);
    }

    /** How often the front of a file was given back. */
    synchronized int givenBack() {
        return givenBack;
    }

    @Override
    public void giveBack(Path file, long from, long to) throws IOException {
        Disk.REAL.giveBack(file, from, to);
        synchronized (this) {
            givenBack++;
        }
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        synchronized (this) {
            await(() -> !allocationsHeld);
            if (full) {
                throw new IOException(file + ": planted: no space left on device");
            }
            if (broken) {
                throw new InternalError("planted: a fault nobody foresaw");
            }
        }
        Disk.REAL.preallocate(file, bytes);
    }
}
