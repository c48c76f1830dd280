package io.balsa.raft.testkit;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

import io.balsa.raft.RaftConfig;
import io.balsa.raft.spi.Durability;

/**
 * What a seed decides before the first event: the group, its configuration, its world and its load.
 *
 * @param tickNs        how often an idle node runs its duty cycle
 * @param pendingBytes  how many bytes of unforced commands a log holds
 * @param meanOfferNs   mean time between operations of clients
 * @param readShare     how many of them are reads
 * @param snapshotEveryBytes often so small that a run takes hundreds; 0 in one run of four
 * @param chaosNs       how long faults last before the group must recover
 * @param durability    when an entry counts
 */
record Plan(long seed, List<Integer> members, Duration electionTimeout, Duration heartbeat, boolean preVote,
            boolean checkQuorum, int maxCommandBytes, int windowBytes, int maxPending, int controlFrame,
            int appendFrame, int controlWindow, int appendWindow, long tickNs, long pendingBytes, long meanOfferNs,
            double readShare, int burst, long snapshotEveryBytes, long keepLogBytes, long chaosNs,
            Faults faults, Durability durability) {

    /** Often enough that most runs compare their states many times. */
    private static final int STATE_HASH_EVERY = 8;
    private static final int[] APPEND_FRAMES = {192, 1376, 1376, 8 << 10, 64 << 10};

    static Plan draw(long seed, RandomGenerator random, List<Integer> groupSizes, Durability durability) {
        final int nodes = groupSizes.get(random.nextInt(groupSizes.size()));
        final long timeoutMs = 20L + random.nextInt(180);
        final long timeoutNs = timeoutMs * 1_000_000;
        // Short frames keep entries apart that would otherwise travel, arrive and become durable together.
        final int appendFrame = APPEND_FRAMES[random.nextInt(APPEND_FRAMES.length)];
        // Mostly small, so that a run is many short stories; now and then big enough for hundreds of parts.
        final int maxCommandBytes = (appendFrame < 1024 ? 256 : random.nextInt(3) == 0 ? 256 << 10 : 4 << 10) - 64;
        // an idle log takes the longest frame and the longest command there is
        final long pendingBytes = Math.max(maxCommandBytes, appendFrame) + (1L << (10 + random.nextInt(10)));
        final RandomGenerator sizes = new SplittableRandom(Mix.in(seed, 1)); // of its own: older seeds stay as they are
        final long snapshotEvery = sizes.nextInt(4) == 0 ? 0 : 50L << sizes.nextInt(10);
        final long keepLog = sizes.nextInt(2) == 0 ? 0 : 50L << sizes.nextInt(8);
        return new Plan(seed, IntStream.range(0, nodes).boxed().toList(), Duration.ofMillis(timeoutMs),
            Duration.ofMillis(Math.max(1, timeoutMs / (3 + random.nextInt(8)))),
            random.nextInt(3) != 0, random.nextInt(4) != 0, maxCommandBytes,
            (64 << 10) << random.nextInt(4), 1 << random.nextInt(11), 4 << 10,
            appendFrame, 16 << 10, (64 << 10) << random.nextInt(4),
            Math.max(500_000, timeoutNs / 80), pendingBytes,
            timeoutNs / (1 + random.nextInt(40)), random.nextDouble() * 0.5, 1 + random.nextInt(12),
            snapshotEvery, keepLog,
            timeoutNs * (20 + random.nextInt(60)),
            Faults.draw(random, timeoutNs).withSnapshots(Faults.Snapshots.draw(sizes)), durability);
    }

    SimWorld.Setup setup() {
        return new SimWorld.Setup(members.size(), this::configOf, maxCommandBytes, controlFrame, appendFrame,
            controlWindow, appendWindow, tickNs, pendingBytes, durability);
    }

    long timeoutNs() {
        return electionTimeout.toNanos();
    }

    private RaftConfig configOf(int node) {
        return RaftConfig.of(node, members).withTimeouts(electionTimeout, heartbeat)
            .withRules(preVote, checkQuorum, true)
            .withLimits(maxCommandBytes, windowBytes, 8 * (maxCommandBytes + 64), maxPending)
            .withStateHashEvery(STATE_HASH_EVERY)
            .withSnapshots(snapshotEveryBytes, keepLogBytes).withAdvertise("n" + node);
    }
}
