package io.balsa.raft;

import java.time.Duration;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StateMachine;

/**
 * How one node takes part in its group. Every bound is checked here; a node never starts with a configuration that
 * cannot work.
 *
 * @param nodeId            this node, one of {@code members}
 * @param members           the ids of all voters, 1 to 63 of them, 3, 5 or 7 in practice
 * @param electionTimeout   T: a follower that hears nothing campaigns after a time drawn from [T, 2T)
 * @param heartbeatInterval how often a leader speaks when it has nothing to say; at most a third of T
 * @param preVote           ask before campaigning (thesis §9.6); off only in tests
 * @param checkQuorum       a leader that hears no majority for T steps down (thesis §6.2); off only in tests
 * @param noOpPerTerm       a new leader opens its term with a no-op, so that earlier entries commit at once and reads
 *                          can be served; off only where a test fixes the indexes of commands
 * @param maxCommandBytes   a longer command is refused with {@link Outcome.Reason#TOO_LARGE}; at most
 *                          {@link RaftLog#MAX_COMMAND_BYTES}, and no more than this node's log takes
 * @param windowBytes       per follower, how many bytes of entries may be sent and not yet durable over there
 * @param proposalBytes     how many bytes of commands may wait for the loop thread; a power of two
 * @param maxPending        how many commands and reads may be under way at once
 * @param applyBudget       how long one duty cycle may spend applying entries (at least one is applied)
 * @param stateHashEvery    the members compare {@link StateMachine#stateHash() digests} of their states every so many
 *                          entries, and one that differs from a majority stops; equal on all members; 0: never
 * @param snapshotEveryBytes a snapshot is taken when the entries applied since the last one have this many bytes, as
 *                          they travel; 0: only when asked for
 * @param keepLogBytes      how much of the log before the newest snapshot is kept, for followers that lag behind
 * @param snapshotBytesPerSecond the pace at which a follower is sent a snapshot
 * @param diskStallTimeout  a leader whose own disk has made nothing durable for so long steps down; until then commits
 *                          go on through the followers
 * @param advertise         a short text shown to peers in their {@link RaftStatus}, such as this node's client address
 * @param unsafeRecovery    all members were told to go on with the longest log that is left, though entries that were
 *                          acknowledged may be lost; only under {@link io.balsa.raft.spi.Durability#MEMORY_QUORUM},
 *                          where a majority ended without a clean stop
 * @param thrifty           a node with little to do leaves the processor to others: it sleeps sooner and longer, so
 *                          that a commit takes some milliseconds more; off where latency counts
 */
public record RaftConfig(int nodeId, SortedSet<Integer> members, Duration electionTimeout, Duration heartbeatInterval,
                         boolean preVote, boolean checkQuorum, boolean noOpPerTerm, int maxCommandBytes,
                         int windowBytes, int proposalBytes, int maxPending, Duration applyBudget, int stateHashEvery,
                         long snapshotEveryBytes, long keepLogBytes, long snapshotBytesPerSecond,
                         Duration diskStallTimeout, String advertise, boolean unsafeRecovery,
                         boolean thrifty) {
    public RaftConfig {
        members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
        require(members.size() <= 63, "members: at most 63, not " + members.size());
        require(members.contains(nodeId), "nodeId " + nodeId + " is not among the members " + members);
        require(members.first() >= 0 && members.last() <= 0xFFFF, "member ids are 0 to 65535, not " + members);
        require(!electionTimeout.isNegative() && electionTimeout.toMillis() >= 10 && electionTimeout.toMinutes() < 10,
            "electionTimeout: 10 ms to 10 min, not " + electionTimeout);
        require(heartbeatInterval.toMillis() >= 1, "heartbeatInterval: at least 1 ms, not " + heartbeatInterval);
        require(heartbeatInterval.multipliedBy(3).compareTo(electionTimeout) <= 0,
            "heartbeatInterval " + heartbeatInterval + " is more than a third of electionTimeout " + electionTimeout);
        require(maxCommandBytes >= 1 && maxCommandBytes <= RaftLog.MAX_COMMAND_BYTES,
            "maxCommandBytes: 1 to " + RaftLog.MAX_COMMAND_BYTES + ", not " + maxCommandBytes);
        require(windowBytes >= 64 << 10, "windowBytes: at least 64 KiB, not " + windowBytes);
        require(Integer.bitCount(proposalBytes) == 1 && proposalBytes >= 8 * (maxCommandBytes + 64),
            "proposalBytes: a power of two, at least 8 times maxCommandBytes + 64, not " + proposalBytes);
        require(maxPending >= 1 && maxPending <= 1 << 20, "maxPending: 1 to 1048576, not " + maxPending);
        require(!applyBudget.isNegative(), "applyBudget: not negative");
        require(stateHashEvery >= 0, "stateHashEvery: not negative, and 0 for never");
        require(snapshotEveryBytes >= 0, "snapshotEveryBytes: not negative, and 0 for never by itself");
        require(keepLogBytes >= 0, "keepLogBytes: not negative");
        require(snapshotBytesPerSecond >= 1 << 20 && snapshotBytesPerSecond <= 1L << 40,
            "snapshotBytesPerSecond: 1 MiB to 1 TiB, not " + snapshotBytesPerSecond);
        require(diskStallTimeout.toMillis() >= 10 && diskStallTimeout.toHours() < 24,
            "diskStallTimeout: 10 ms to a day, not " + diskStallTimeout);
        require(advertise.length() <= 255, "advertise: at most 255 characters");
    }

    /** The defaults for node {@code nodeId} of {@code members}. */
    public static RaftConfig of(int nodeId, Iterable<Integer> members) {
        final TreeSet<Integer> ids = new TreeSet<>();
        members.forEach(ids::add);
        return new RaftConfig(nodeId, ids, Duration.ofMillis(300), Duration.ofMillis(50), true, true, true,
            RaftLog.MAX_COMMAND_BYTES, 4 << 20, 16 << 20, 1 << 16, Duration.ofNanos(500_000), 1024,
            256 << 20, 64 << 20, 64 << 20, Duration.ofSeconds(5), "", false, false);
    }

    public RaftConfig withTimeouts(Duration electionTimeout, Duration heartbeatInterval) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withRules(boolean preVote, boolean checkQuorum, boolean noOpPerTerm) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withLimits(int maxCommandBytes, int windowBytes, int proposalBytes, int maxPending) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withStateHashEvery(int stateHashEvery) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    /** See {@link #snapshotEveryBytes} and {@link #keepLogBytes}. */
    public RaftConfig withSnapshots(long snapshotEveryBytes, long keepLogBytes) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withSnapshotBytesPerSecond(long snapshotBytesPerSecond) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withDiskStallTimeout(Duration diskStallTimeout) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    public RaftConfig withAdvertise(String advertise) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    /** For one start of each member, and never otherwise: see {@link #unsafeRecovery}. */
    public RaftConfig withUnsafeRecovery(boolean unsafeRecovery) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    /** See {@link #thrifty}. */
    public RaftConfig withThrift(boolean thrifty) {
        return new RaftConfig(nodeId, members, electionTimeout, heartbeatInterval, preVote, checkQuorum, noOpPerTerm,
            maxCommandBytes, windowBytes, proposalBytes, maxPending, applyBudget, stateHashEvery, snapshotEveryBytes,
            keepLogBytes, snapshotBytesPerSecond, diskStallTimeout, advertise, unsafeRecovery, thrifty);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
