package io.balsa.raft.testkit;

import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.VoteStore;
import io.balsa.raft.testkit.checks.CommittedLog;

/**
 * The disk of one simulated server: it outlives its processes and holds exactly what was forced. Each
 * {@link #open} is one run of a process over it.
 */
public final class SimDisk implements CommittedLog.Disk {
    /** Watches what a node does to its disk. */
    public interface Observer {
        /** Watches nothing. */
        Observer NONE = new Observer() {
        };

        default void onAppend(int node, LogEntry entry) {
        }

        default void onTruncate(int node, LogImage log, long index) {
        }

        default void onPersistVote(int node, long term, int votedFor, long newTerm, int newVotedFor) {
        }

        /** The entry that was appended somewhere under this index and term, or null where nobody remembers. */
        default LogEntry find(long index, long term) {
            return null;
        }

        /** The state of a node's machine was written. */
        default void onSnapshot(int node, SnapshotStore.Snapshot snapshot) {
        }

        /** A force has ended well; {@code last} is the last entry on the disk now, or null. */
        default void onForced(int node, LogEntry last) {
        }
    }

    /** An append meets a failing force with a quarter of the chance of a force, see {@link SimLog}. */
    private static final double CERTAIN = 4;

    private final int nodeId;
    private final long clusterId;
    private long storeId;
    private Storage.Standing standing = Storage.Standing.VOTER;
    private Durability durability = Durability.FORCED;
    private boolean recoversUnsafely;
    private long logForceNs;
    private boolean damaged;
    private final int maxCommandLength;
    private final long pendingLimit;
    private final Schedule schedule;
    private final RandomGenerator random;
    private final Observer observer;
    private final LogImage image = new LogImage();
    /** What was on the disk before it was lost. */
    private LogImage lost = new LogImage();
    private final SimSnapshots snapshots = new SimSnapshots();
    private final LogImage snapshotImage = new LogImage();
    private SnapshotStore.Snapshot imagedSnapshot;
    private Faults.Disk faults;
    private Faults.Snapshots snapshotFaults = Faults.Snapshots.NONE;
    private boolean full;
    private long currentTerm;
    private int votedFor = VoteStore.NOBODY;
    private long boots;
    private SimLog openLog;

    public SimDisk(int nodeId, long clusterId, int maxCommandLength, long pendingLimit, Schedule schedule,
                   RandomGenerator random, Faults.Disk faults, Observer observer) {
        this.nodeId = nodeId;
        this.clusterId = clusterId;
        this.maxCommandLength = maxCommandLength;
        this.pendingLimit = pendingLimit;
        this.schedule = schedule;
        this.random = random;
        this.faults = faults;
        this.observer = observer;
        this.storeId = random.nextLong();
    }

    /** Of a group whose entries count so; before it is opened for the first time. */
    public void format(Durability whenEntriesCount) {
        durability = whenEntriesCount;
    }

    boolean countsInMemory() {
        return durability == Durability.MEMORY_QUORUM;
    }

    /** Whether its next processes are told to go on with the longest log that is left. */
    void recoverUnsafely(boolean told) {
        recoversUnsafely = told;
    }

    boolean recoversUnsafely() {
        return recoversUnsafely;
    }

    /**
     * Opens the disk for a new process.
     *
     * @param wake called when the log has news for its process
     * @param hold called with nanoseconds that the process spends waiting for a vote to be forced
     */
    Storage open(KillSwitch killSwitch, Runnable wake, LongConsumer hold) {
        if (damaged) {
            throw new LogCorruptException("a record of n" + nodeId + "'s log is damaged; replace the disk");
        }
        boots++;
        final long boot = (boots << 32) | (random.nextInt() & 0xFFFF_FFFFL);
        final SimLog log = new SimLog(this, schedule, random, killSwitch, wake);
        final VoteStore votes = new Votes(killSwitch, hold);
        final Storage.Identity identity = new Storage.Identity(clusterId, nodeId, storeId, standing, durability);
        openLog = log;
        return new Opened(identity, boot, votes, log, new ProcessSnapshots(this, killSwitch));
    }

    private record Opened(Identity identity, long boot, VoteStore votes, RaftLog log, SnapshotStore snapshots)
        implements Storage {
        @Override
        public void close() {
            log.close();
        }
    }

    /** Opens the disk for a process that is never killed. */
    public Storage open() {
        return open(new KillSwitch(), () -> { }, ns -> { });
    }

    /** The log of the present process, or of the last one. */
    SimLog openLog() {
        return openLog;
    }

    /** What was snapshotted, by all processes of this server. */
    public SimSnapshots snapshots() {
        return snapshots;
    }

    /** The entry of this index and term. */
    LogEntry entry(long index, long term) {
        final LogEntry known = observer.find(index, term);
        return known == null ? new LogEntry(index, term) : known;
    }

    /** Whether a durable snapshot stands for the log's entries up to this index. */
    boolean standsFor(long index, LogImage log) {
        return snapshots.newest().filter(snapshot -> snapshot.index() >= index
            && (snapshot.index() > log.lastIndex() || log.get(snapshot.index()).term() == snapshot.term()))
            .isPresent();
    }

    /** Whether the entry and all before it would survive a crash at this moment. */
    @Override
    public boolean durablyHolds(LogEntry entry) {
        return snapshotImage().holds(entry)
            || (openLog == null ? image.holds(entry) : openLog.durablyHolds(entry));
    }

    /** The entries that the newest snapshot stands for. */
    private LogImage snapshotImage() {
        final SnapshotStore.Snapshot newest = snapshots.newest().orElse(null);
        if (newest != imagedSnapshot) {
            imagedSnapshot = newest;
            snapshotImage.clear();
            if (newest != null) {
                snapshotImage.resetTo(entry(newest.index(), newest.term()));
            }
        }
        return snapshotImage;
    }

    /** What a process that opened this disk now would take as its log. */
    private LogImage surviving() {
        final LogEntry covered = snapshotImage().last();
        return covered == null || image.holds(covered) ? image : snapshotImage;
    }

    /** Whether the server may say that it has the entry: for good, or in its process's memory where that counts. */
    @Override
    public boolean counts(LogEntry entry) {
        return durablyHolds(entry) || (countsInMemory() && openLog != null && openLog.memory().holds(entry));
    }

    @Override
    public boolean votesFor(LogEntry entry) {
        return ((isVoter() || recoversUnsafely) && counts(entry)) || lost.holds(entry);
    }

    /** A process ends without having marked a clean stop: where entries count in memory, it may have lost some. */
    void endsUncleanly(LogImage memory) {
        if (countsInMemory() && isVoter()) {
            lost = memory.copy();
            standing = Storage.Standing.REBUILDING;
        }
    }

    /** A bit flips in a record on the disk of a process that is down: whoever opens it next must notice. */
    void damage() {
        damaged = true;
    }

    boolean isVoter() {
        return standing == Storage.Standing.VOTER;
    }

    /** Whether it may become one by being rebuilt. */
    boolean awaitsReadmission() {
        return standing == Storage.Standing.REBUILDING || standing == Storage.Standing.VOTE_LOST;
    }

    boolean isDamaged() {
        return damaged;
    }

    /** The disk of a process that is down is replaced by an empty one, which nobody bootstraps: it is no voter's. */
    void replace() {
        loseLog();
        loseVotes();
        standing = Storage.Standing.FOLLOWER;
    }

    /**
     * What is left of the disk of a process that is down is prepared to be rebuilt from the peers.
     *
     * @param withoutVotes term and vote are lost as well; else only the log is
     */
    void rebuild(boolean withoutVotes) {
        final boolean neverKnewVotes = standing == Storage.Standing.FOLLOWER || standing == Storage.Standing.VOTE_LOST;
        loseLog();
        if (withoutVotes || neverKnewVotes) {
            loseVotes();
            standing = Storage.Standing.VOTE_LOST;
        } else {
            standing = Storage.Standing.REBUILDING;
        }
    }

    /** All that a disk holds, as of some moment. */
    public record Copy(LogImage log, long currentTerm, int votedFor, long boots, Storage.Standing standing) {
    }

    /** All that is forced now. Not for a disk with snapshots. */
    Copy copy() {
        if (snapshots.newest().isPresent()) {
            throw new IllegalStateException("n" + nodeId + " has snapshots, which a copy leaves out");
        }
        return new Copy(image.copy(), currentTerm, votedFor, boots, standing);
    }

    /** The disk of a process that is down becomes again what it was. */
    void putBack(Copy copy) {
        loseLog();
        for (long index = 1; index <= copy.log().lastIndex(); index++) {
            image.append(copy.log().get(index));
        }
        currentTerm = copy.currentTerm();
        votedFor = copy.votedFor();
        boots = copy.boots();
        standing = copy.standing();
    }

    private void loseLog() {
        if (isVoter()) {
            lost = surviving().copy();
        }
        image.clear();
        snapshots.clear();
        damaged = false;
    }

    private void loseVotes() {
        currentTerm = 0;
        votedFor = VoteStore.NOBODY;
        boots = 0;
        storeId = random.nextLong();
    }

    /** The process dies: unforced operations are lost; sometimes a prefix of them, even all, had reached the disk. */
    public void crash() {
        final int unforced = openLog.unforced();
        final boolean torn = random.nextDouble() < faults.torn();
        openLog.crash(torn ? random.nextInt(unforced + 1) : 0);
        snapshots.endsProcess();
        openLog = null;
    }

    /** A process closed its storage in good order. */
    void closed() {
        snapshots.endsProcess();
        openLog = null;
    }

    /** Whether the disk takes no more entries. */
    public void setFull(boolean full) {
        this.full = full;
    }

    /** Every force fails from now on. */
    public void failForces() {
        faults = new Faults.Disk(faults.minForceNs(), faults.maxForceNs(), 0, 1, 0, 0, CERTAIN, 1, 0);
    }

    public void setFaults(Faults.Disk faults) {
        this.faults = faults;
    }

    void setSnapshotFaults(Faults.Snapshots faults) {
        snapshotFaults = faults;
    }

    Faults.Snapshots snapshotFaults() {
        return snapshotFaults;
    }

    boolean drawSnapshotFault(double chance) {
        return random.nextDouble() < chance;
    }

    /** Whether the present process had a force fail. */
    boolean hasFailed() {
        return openLog != null && openLog.hasFailed();
    }

    /** From now on a force of the log takes this long; votes and snapshots take what they took. */
    void slowDownLog(long forceNs) {
        logForceNs = forceNs;
    }

    long drawLogForceTime() {
        return logForceNs > 0 ? logForceNs : drawForceTime();
    }

    long drawForceTime() {
        final long usual = random.nextLong(faults.minForceNs(), faults.maxForceNs() + 1);
        return random.nextDouble() < faults.stall() ? usual + random.nextLong(faults.maxStallNs()) : usual;
    }

    Faults.Disk faults() {
        return faults;
    }

    Observer observer() {
        return observer;
    }

    boolean isFull() {
        return full;
    }

    int nodeId() {
        return nodeId;
    }

    int maxCommandLength() {
        return maxCommandLength;
    }

    long pendingLimit() {
        return pendingLimit;
    }

    /** What is forced. */
    LogImage image() {
        return image;
    }

    long currentTerm() {
        return currentTerm;
    }

    int votedFor() {
        return votedFor;
    }

    /** Term and vote as one process sees them; there is nothing between it and the disk. */
    private final class Votes implements VoteStore {
        private final KillSwitch killSwitch;
        private final LongConsumer hold;
        private boolean failed;

        private Votes(KillSwitch killSwitch, LongConsumer hold) {
            this.killSwitch = killSwitch;
            this.hold = hold;
        }

        @Override
        public long currentTerm() {
            return currentTerm;
        }

        @Override
        public int votedFor() {
            return votedFor;
        }

        @Override
        public void demote(long bootCounter) {
            standing = Storage.Standing.VOTE_LOST;
            boots = Math.max(boots, bootCounter);
        }

        @Override
        public void promote(long newTerm, int newVotedFor) {
            persist(newTerm, newVotedFor);
            standing = Storage.Standing.VOTER;
        }

        @Override
        public void persist(long newTerm, int newVotedFor) {
            killSwitch.onCall();
            if (failed) {
                throw new StorageException("a vote of n" + nodeId + " could not be forced before; replace the disk");
            }
            if (newTerm < currentTerm) {
                throw new IllegalArgumentException("term " + newTerm + " after " + currentTerm);
            }
            observer.onPersistVote(nodeId, currentTerm, votedFor, newTerm, newVotedFor);
            final boolean fails = random.nextDouble() < faults.failedVote();
            final boolean dies = random.nextDouble() < faults.fatalVote() && killSwitch.mayFire();
            if ((!fails && !dies) || random.nextBoolean()) {
                currentTerm = newTerm;
                votedFor = newVotedFor;
            }
            if (dies) {
                killSwitch.fire();
            }
            if (fails) {
                failed = true;
                throw new StorageException("vote of n" + nodeId + " could not be forced; replace the disk");
            }
            hold.accept(drawForceTime());
        }
    }
}
