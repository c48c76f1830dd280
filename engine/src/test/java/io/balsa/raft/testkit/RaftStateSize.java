package io.balsa.raft.testkit;

/**
 * What the labs call the size of Raft's state, and set bounds to: of all that a server has on its disk, the encoded
 * entries that are still in the log beside the newest snapshot, and term and vote. The snapshot is not counted, nor
 * what a file system rounds up.
 */
public final class RaftStateSize {
    /** Term and vote. */
    public static final int FIXED_BYTES = Long.BYTES + Integer.BYTES;
    /** What an entry takes beside its command: as much as a record of the real log, which is more than on the wire. */
    private static final int ENTRY_OVERHEAD = 61;

    private RaftStateSize() {
    }

    /** What one entry adds. */
    public static int ofEntry(int commandBytes) {
        return ENTRY_OVERHEAD + commandBytes;
    }

    static long of(SimDisk disk) {
        final LogImage log = disk.image();
        long sum = FIXED_BYTES;
        for (long index = log.firstIndex(); index <= log.lastIndex(); index++) {
            sum += ofEntry(log.get(index).command().length);
        }
        return sum;
    }
}
