package io.balsa.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A file written from its beginning to its end and forced in steps. What is written but not forced never exceeds a
 * step: a force of the log, on the same disk, would have to wait for a longer backlog.
 */
final class PacedFile implements AutoCloseable {
    private final FileChannel channel;
    private final Disk disk;
    private final SnapshotPace pace;
    private final BooleanSupplier stopped;
    private long position;
    private long forced;
    private long busyNanos;

    /** @param stopped whether the storage is being closed: then the next write fails instead of taking its time */
    PacedFile(FileChannel channel, Disk disk, SnapshotPace pace, BooleanSupplier stopped) {
        this.channel = channel;
        this.disk = disk;
        this.pace = pace;
        this.stopped = stopped;
    }

    FileChannel channel() {
        return channel;
    }

    long position() {
        return position;
    }

    void write(ByteBuffer source) throws IOException {
        final int end = source.limit();
        while (source.position() < end) {
            final long room = forced + pace.stepBytes() - position;
            source.limit((int) Math.min(end, source.position() + room));
            writeWithinStep(source);
            source.limit(end);
            if (position == forced + pace.stepBytes()) {
                force();
            }
        }
    }

    private void writeWithinStep(ByteBuffer source) throws IOException {
        if (stopped.getAsBoolean()) {
            throw new IOException("the storage is being closed");
        }
        final long start = System.nanoTime();
        while (source.hasRemaining()) {
            position += disk.write(channel, source, position);
        }
        busyNanos += System.nanoTime() - start;
    }

    /** Makes all that was written durable, then rests. After a failure the file must not be forced again. */
    void force() throws IOException {
        final long start = System.nanoTime();
        disk.force(channel, false);
        busyNanos += System.nanoTime() - start;
        rest(pace.restNanos(position - forced, busyNanos));
        forced = position;
        busyNanos = 0;
    }

    private void rest(long nanos) {
        final long end = System.nanoTime() + nanos;
        long left = nanos;
        while (left > 0 && !stopped.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, left);
            left = end - System.nanoTime();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
