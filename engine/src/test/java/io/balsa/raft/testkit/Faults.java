package io.balsa.raft.testkit;

import java.util.random.RandomGenerator;

/**
 * How bad the world is. Every rate is drawn afresh for each seed, many of them as zero: a simulator with fixed rates
 * keeps finding the same few bugs, because one fault drowns the patience another one needs.
 */
public record Faults(Network network, Disk disk, Strikes strikes, Snapshots snapshots) {
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000_000;

    /**
     * Chances are per frame, times in nanoseconds.
     *
     * @param longDelay    chance of a delay of up to {@code maxLongDelayNs} instead of the usual one
     * @param overtake     chance that a frame need not wait for its predecessors on the stream
     * @param refuse       chance that an offer is answered BACK_PRESSURED for no visible reason
     * @param notConnected chance that an offer to a node that is down or cut off is answered NOT_CONNECTED
     */
    public record Network(long minDelayNs, long maxDelayNs, double longDelay, long maxLongDelayNs, double loss,
                          double duplicate, double overtake, double refuse, double notConnected) {
    }

    /**
     * Chances are per operation, times in nanoseconds.
     *
     * @param stall       chance that a force takes up to {@code maxStallNs}
     * @param torn        chance that a crash leaves some prefix of the unforced operations on the disk
     * @param busy        chance that the log says BUSY for no visible reason
     * @param failedForce chance that a force fails for good
     * @param failedVote  chance that persisting a vote fails, with either the old or the new pair on the disk
     * @param fatalVote   chance that the process dies while it persists a vote
     */
    public record Disk(long minForceNs, long maxForceNs, double stall, long maxStallNs, double torn, double busy,
                       double failedForce, double failedVote, double fatalVote) {
    }

    /**
     * What befalls the snapshots of a server. Chances are per call.
     *
     * @param failed chance that a call fails and has no effect
     * @param fatal  chance that the process dies in it, before or after it took effect
     */
    public record Snapshots(double failed, double fatal) {
        /** Nothing does. */
        public static final Snapshots NONE = new Snapshots(0, 0);

        static Snapshots draw(RandomGenerator random) {
            return new Snapshots(rate(random, 0.3), rate(random, 0.05));
        }
    }

    /**
     * What strikes the group from outside, and how often: weights of the kinds, times in nanoseconds.
     *
     * @param killInside crash in the middle of a duty cycle, at one of the calls a node makes to its ports
     * @param newDisk    a server's disk is replaced by an empty one, of a minority of servers only
     * @param damage     a record on a server's disk is damaged, of a minority of servers only
     * @param clockJump  a server's clock jumps ahead
     * @param onLeader   chance that a strike picks the leader
     * @param hunt       chance that a freshly elected leader is struck within {@code huntWithinNs}
     * @param isolate    chance that this means to cut it off, which heals who was cut off before
     * @param blackout   chance that all processes crash with it
     * @param instant    chance that a process restarts at once
     */
    public record Strikes(long meanGapNs, int crash, int killInside, int cleanStop, int pause, int partition,
                          int oneWayCut, int bridge, int heal, int diskFull, int newDisk, int damage,
                          int clockJump, double onLeader, double hunt,
                          double isolate, double blackout, long huntWithinNs, double instant, long maxDownNs,
                          long maxPauseNs, long maxCutNs) {
    }

    /** A healthy world: short delays, no loss. */
    public static Faults none() {
        return new Faults(new Network(50 * MICROSECOND, 500 * MICROSECOND, 0, 1, 0, 0, 0, 0, 1),
            new Disk(100 * MICROSECOND, 1 * MILLISECOND, 0, 1, 0, 0, 0, 0, 0),
            new Strikes(Long.MAX_VALUE, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1),
            Snapshots.NONE);
    }

    /**
     * The world of one seed.
     *
     * @param timeoutNs the group's election timeout, against which all times are measured
     */
    public static Faults draw(RandomGenerator random, long timeoutNs) {
        final long delay = 20 * MICROSECOND + skewed(random, timeoutNs / 3);
        final Network network = new Network(delay / 4, delay, rate(random, 0.05), 2 + skewed(random, 10 * timeoutNs),
            rate(random, 0.3), rate(random, 0.2), rate(random, 0.3), rate(random, 0.2), random.nextDouble());
        final long force = 20 * MICROSECOND + skewed(random, timeoutNs);
        final Disk disk = new Disk(force / 8, force, rate(random, 0.05), 2 + skewed(random, 6 * timeoutNs),
            random.nextDouble(), rate(random, 0.1), rate(random, 0.002), rate(random, 0.01), rate(random, 0.2));
        if (random.nextInt(4) == 0) {
            return new Faults(network, disk, hunting(random, timeoutNs, 4 * (delay + force)), Snapshots.NONE);
        }
        final Strikes strikes = new Strikes(timeoutNs / 4 + skewed(random, 16 * timeoutNs), weight(random),
            weight(random), weight(random), weight(random), weight(random), weight(random), weight(random),
            1 + random.nextInt(4), weight(random), random.nextInt(4) / 3, random.nextInt(4) / 3, weight(random),
            random.nextDouble(), rate(random, 1),
            random.nextDouble(), rate(random, 0.5), 2 + skewed(random, timeoutNs),
            random.nextDouble() / 2, 2 + skewed(random, 10 * timeoutNs), 2 + skewed(random, 6 * timeoutNs),
            2 + skewed(random, 20 * timeoutNs));
        return new Faults(network, disk, strikes, Snapshots.NONE);
    }

    Faults withSnapshots(Snapshots other) {
        return new Faults(network, disk, strikes, other);
    }

    /**
     * Every leader is cut off within a few messages of its election, which heals the one before: each writes a little
     * that others have not got, or not yet forced when the power fails, and then comes back: the way into Figure 8.
     */
    private static Strikes hunting(RandomGenerator random, long timeoutNs, long withinNs) {
        return new Strikes(4 * timeoutNs, random.nextInt(2), random.nextInt(2), 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1,
            0.5 + random.nextDouble() / 2, random.nextDouble() / 2, 2 + skewed(random, withinNs), 0.5, timeoutNs,
            timeoutNs, 20 * timeoutNs);
    }

    /** One in three is zero, the others up to {@code max}, small ones more often. */
    private static double rate(RandomGenerator random, double max) {
        final double u = random.nextDouble();
        return random.nextInt(3) == 0 ? 0 : max * u * u;
    }

    private static long skewed(RandomGenerator random, long max) {
        final double u = random.nextDouble();
        return 1 + (long) (u * u * max);
    }

    private static int weight(RandomGenerator random) {
        return random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(5);
    }
}
