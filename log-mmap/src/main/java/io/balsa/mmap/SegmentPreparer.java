package io.balsa.mmap;

import io.balsa.raft.spi.Threads;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Allocates the next segment while the present one is being filled. On a full disk it fails here, cleanly, and tries
 * again; a write to an allocated segment cannot run out of space, where a write to a sparse mapping kills with SIGBUS.
 *
 * <p>It also gives back what is not needed: segments before the log's front, the front of the oldest one, and the
 * unused end of those that are full. And it is the thread of {@link ZeroedAhead}.
 */
final class SegmentPreparer implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(SegmentPreparer.class.getName());
    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Path runDirectory;
    private final long segmentBytes;
    private final SegmentTable segments;
    private final Disk disk;
    private final ZeroedAhead zeros;
    private final DirectoryForces directories;
    private final Thread thread;
    private volatile Thread waiter;
    private volatile int wanted;
    private volatile int prepared;
    private volatile boolean refused;
    private volatile long needed;
    // What was done: segments before this one are cut off, the front is given back up to this place.
    private int completeBefore;
    private long givenBack;
    private boolean removalFailed;
    private volatile boolean stopped;

    SegmentPreparer(Path runDirectory, int segmentBytes, Recovered recovered, Disk disk, ZeroedAhead zeros,
                    DirectoryForces directories, String threadName) {
        this.runDirectory = runDirectory;
        this.segmentBytes = segmentBytes;
        this.segments = recovered.segments();
        this.disk = disk;
        this.zeros = zeros;
        this.directories = directories;
        this.thread = new Thread(this, threadName);
        thread.setDaemon(true);
        zeros.preparer(thread);
    }

    /** Allocates {@code segment} on the caller's thread, and from then on the next ones ahead of time. */
    void start(int segment) throws IOException {
        prepare(segment);
        prepared = segment;
        wanted = segment + 1;
        completeBefore = segment;
        thread.start();
    }

    /** Who is to be woken when a segment is ready. */
    void waiter(Thread waiting) {
        waiter = waiting;
    }

    /** Whether {@code segment} is allocated and forced. */
    boolean isReady(int segment) {
        return prepared >= segment;
    }

    /** Whether the segment after the one in use is allocated and forced. */
    boolean isNextReady() {
        // wanted first: it is raised when a prepared segment is taken, and prepared follows it
        final int segment = wanted;
        return prepared >= segment;
    }

    /** Whether the last attempt to allocate the wanted segment failed. */
    boolean isRefused() {
        return refused;
    }

    /** The segment before {@code segment} is in use now, so {@code segment} is wanted next. */
    void want(int segment) {
        wanted = segment;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        long retryNanos = FIRST_RETRY_NANOS;
        while (!stopped && !directories.failed()) {
            final int segment = wanted;
            final boolean failed = prepared < segment && !tryPrepare(segment);
            // One at a time: a segment that is wanted meanwhile comes first. And a full disk gets space this way.
            if (!directories.failed() && tidy()) {
                continue;
            }
            if (zeros.isDue()) {
                LockSupport.parkNanos(this, zeros.step());
            } else if (failed || removalFailed) {
                LockSupport.parkNanos(this, retryNanos);
                retryNanos = Math.min(2 * retryNanos, LAST_RETRY_NANOS);
            } else {
                retryNanos = FIRST_RETRY_NANOS;
                if (prepared >= wanted) {
                    LockSupport.park(this);
                }
            }
        }
    }

    private boolean tryPrepare(int segment) {
        try {
            prepare(segment);
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it is: were this thread to end, the log would say for ever that it is merely busy.
            if (!refused) {
                warn("the next segment cannot be allocated; the log will refuse entries when this one is full, and "
                    + "goes on when there is space", e);
            }
            refused = true;
            return false;
        }
        if (refused) {
            LOGGER.log(System.Logger.Level.INFO, "there is space for the log again in " + runDirectory);
        }
        prepared = segment;
        refused = false;
        LockSupport.unpark(waiter);
        return true;
    }

    private void prepare(int segment) throws IOException {
        final Path file = SegmentFiles.preparedFile(runDirectory, segment);
        try {
            disk.preallocateIfRoom(file, segmentBytes);
            try (FileChannel channel = disk.open(file, StandardOpenOption.WRITE)) {
                zeros.prepare(channel);
                disk.force(channel, true);
            }
            directories.force(runDirectory);
        } catch (IOException e) {
            // What was allocated before the disk was full helps nobody here and may help somebody else.
            try {
                disk.delete(file);
            } catch (IOException kept) {
                e.addSuppressed(kept);
            }
            throw e;
        }
    }

    /** Says what can wait, where it happened, and why; what cannot wait has poisoned the log and is said there. */
    private void warn(String what, Throwable why) {
        if (!directories.failed()) {
            LOGGER.log(System.Logger.Level.WARNING, what + ": " + runDirectory + ": " + why);
        }
    }

    /** What lies before this place may go. */
    void giveBackBefore(long place) {
        needed = place;
        LockSupport.unpark(thread);
    }

    /** @return whether there was something to give back, and it is done */
    private boolean tidy() {
        try {
            final long place = needed;
            final Optional<Map.Entry<Integer, Path>> oldest = segments.oldestBefore(IndexMap.segment(place));
            if (oldest.isPresent()) {
                remove(oldest.get().getKey(), oldest.get().getValue());
            } else if (completeBefore < wanted - 1) {
                cutOff(completeBefore);
                completeBefore++;
            } else if (givenBack != place && IndexMap.segment(place) < completeBefore) {
                giveFrontBack(segments.file(IndexMap.segment(place)), IndexMap.payload(place));
                givenBack = place;
            } else {
                return false;
            }
            removalFailed = false;
            return true;
        } catch (IOException | RuntimeException | Error e) {
            if (!removalFailed) {
                warn("space of the log that is not needed any more cannot be given back; it will be tried again", e);
            }
            removalFailed = true;
            return false;
        }
    }

    /** Oldest first, each durably gone before the next, so that what is left is the log's end at any moment. */
    private void remove(int segment, Path file) throws IOException {
        disk.delete(file);
        final Path directory = file.getParent();
        directories.force(directory);
        segments.remove(segment);
        if (!directory.equals(runDirectory) && !segments.holdsAnyOf(directory)) {
            disk.delete(directory);
            directories.force(directory.getParent());
        }
    }

    /** Gives the unused end of a segment back that is written to no more; if it is still there. */
    private void cutOff(int segment) throws IOException {
        final Path file = SegmentFiles.segmentFile(runDirectory, segment);
        if (Files.exists(file)) {
            try (FileChannel channel = disk.open(file, StandardOpenOption.WRITE)) {
                disk.truncate(channel, segments.end(segment));
            }
        }
    }

    /**
     * The oldest segment is kept for the rest of it; the space of its front is given back. Its header stays, so that a
     * recovery knows the file for what it is.
     */
    private void giveFrontBack(Path file, int end) throws IOException {
        disk.giveBack(file, SegmentSpace.BEGIN, end - SegmentView.WORD);
    }

    /** Ends the thread and gives the unused segment free. */
    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
        Threads.join(thread);
        final Path unused = SegmentFiles.preparedFile(runDirectory, prepared);
        try {
            zeros.close();
            disk.delete(unused);
        } catch (IOException e) {
            warn("an unused segment cannot be deleted; the next start does it", e);
        }
    }
}
