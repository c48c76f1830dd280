package io.balsa.mmap;

/**
 * How fast a snapshot goes to the disk, where the log forces its entries meanwhile. It is written in steps, each forced
 * and followed by a rest.
 *
 * @param stepBytes      what is forced at once: an entry may have to wait for that long. 4 KiB to 64 MiB
 * @param restFactor     the least rest after a step, in times of how long the step took: a slow disk gets longer rests
 * @param bytesPerSecond steps follow each other no faster than this
 */
public record SnapshotPace(int stepBytes, double restFactor, long bytesPerSecond) {
    private static final int SMALLEST = 4 << 10;
    private static final int LARGEST = 64 << 20;
    private static final double NANOS = 1e9;

    public SnapshotPace {
        if (stepBytes < SMALLEST || stepBytes > LARGEST) {
            throw new IllegalArgumentException(
                "stepBytes: from " + SMALLEST + " to " + LARGEST + ", not " + stepBytes);
        }
        if (!(restFactor >= 0)) {
            throw new IllegalArgumentException("restFactor: 0 or more, not " + restFactor);
        }
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytesPerSecond: 1 or more, not " + bytesPerSecond);
        }
    }

    /** 256 KiB at a time, 64 MiB a second: measured to leave the log's forces nearly as they are. */
    public static SnapshotPace defaults() {
        return new SnapshotPace(256 << 10, 1, 64 << 20);
    }

    /** As fast as the disk takes it, for a node that has nothing else to do. */
    public static SnapshotPace unpaced() {
        return new SnapshotPace(4 << 20, 0, Long.MAX_VALUE);
    }

    long restNanos(long bytes, long tookNanos) {
        return (long) Math.max(tookNanos * restFactor, bytes * NANOS / bytesPerSecond - tookNanos);
    }
}
