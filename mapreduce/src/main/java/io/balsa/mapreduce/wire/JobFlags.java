package io.balsa.mapreduce.wire;

/**
 * How a job's tasks are handed out.
 *
 * @param fixedLease a task is handed out again when it is not done one lease after its claim, whatever its worker says:
 *                   the rule of the lab. Else workers renew their leases for as long as they live
 * @param backups    near its end a phase's late tasks are handed out twice
 */
public record JobFlags(boolean fixedLease, boolean backups) {
    private static final int FIXED_LEASE = 1;
    private static final int BACKUPS = 2;

    /** As one byte. */
    public int bits() {
        return (fixedLease ? FIXED_LEASE : 0) | (backups ? BACKUPS : 0);
    }

    /** What {@link #bits} made. */
    public static JobFlags of(int bits) {
        return new JobFlags((bits & FIXED_LEASE) != 0, (bits & BACKUPS) != 0);
    }
}
