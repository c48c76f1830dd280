package io.balsa.mmap;

import java.util.Objects;

/**
 * The sizes of one node's log, and the pace of its snapshots.
 *
 * @param segmentBytes one file of the log, allocated ahead: 256 KiB to 1 GiB, a power of two. An entry is at most an
 *                     eighth of it
 * @param tailBytes    memory for entries not yet durable and for the newest durable ones: 256 KiB to 1 GiB, a power of
 *                     two. An entry is at most an eighth of it
 * @param snapshotPace how fast snapshots are written beside the log
 */
public record MmapConfig(int segmentBytes, int tailBytes, SnapshotPace snapshotPace) {
    private static final int SMALLEST = 256 << 10;
    private static final int LARGEST = 1 << 30;

    public MmapConfig {
        requireSize("segmentBytes", segmentBytes);
        requireSize("tailBytes", tailBytes);
        Objects.requireNonNull(snapshotPace, "snapshotPace");
    }

    /** Of these sizes, with snapshots at the default pace. */
    public MmapConfig(int segmentBytes, int tailBytes) {
        this(segmentBytes, tailBytes, SnapshotPace.defaults());
    }

    /** Segments of 64 MiB, a tail of 16 MiB: entries of up to 2 MiB. */
    public static MmapConfig defaults() {
        return new MmapConfig(64 << 20, 16 << 20);
    }

    private static void requireSize(String name, int bytes) {
        if (bytes < SMALLEST || bytes > LARGEST || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                name + ": a power of two from " + SMALLEST + " to " + LARGEST + ", not " + bytes);
        }
    }
}
