package io.balsa.mmap;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.VoteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The durable state of one node in one directory; the package description draws it. {@link #format} makes a directory,
 * {@link #open} opens it for one process at a time.
 */
public final class MmapStorage implements Storage {
    /** What a directory may hold that was never formatted, or whose formatting was cut short. */
    private static final Set<String> UNFINISHED = Set.of("lock", "log", "vote.new");

    private final Identity identity;
    private final long boot;
    private final VoteFile votes;
    private final MmapRaftLog log;
    private final SnapshotFiles snapshots;
    private final DirectoryLock lock;
    private boolean closed;

    private MmapStorage(VoteFile votes, MmapRaftLog log, SnapshotFiles snapshots, DirectoryLock lock) {
        this.identity = votes.identity();
        // The random half tells two copies of one directory apart, which count alike.
        this.boot = (votes.bootCounter() << 32) | (ThreadLocalRandom.current().nextInt() & 0xFFFF_FFFFL);
        this.votes = votes;
        this.log = log;
        this.snapshots = snapshots;
        this.lock = lock;
    }

    /** Whether {@code dir} does not exist or holds nothing: the only directory that may be formatted. */
    public static boolean isEmpty(Path dir) {
        if (!Files.exists(dir)) {
            return true;
        }
        try {
            for (final Path file : Disk.REAL.list(dir, "*")) {
                if (!UNFINISHED.contains(file.getFileName().toString())) {
                    return false;
                }
            }
            return SegmentFiles.list(dir).isEmpty();
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be read: " + e + "; check its path and rights", e);
        }
    }

    /** Whether {@code dir} was formatted for a node. */
    public static boolean isFormatted(Path dir) {
        return Files.exists(VoteFile.path(dir));
    }

    /**
     * Makes {@code dir} the directory of a new server, durably: term 0, no vote, no entries.
     *
     * @throws RaftException when it is not empty or cannot be written
     */
    public static void format(Path dir, Identity identity) {
        format(dir, identity, Disk.REAL);
    }

    static void format(Path dir, Identity identity, Disk disk) {
        if (!isEmpty(dir)) {
            throw new RaftException("directory " + dir + " is not empty; choose another for a new server, or start "
                + "the server it belongs to");
        }
        try {
            disk.createDirectories(dir);
            final DirectoryLock held = DirectoryLock.acquire(dir, disk);
            try {
                disk.createDirectories(SegmentFiles.logDirectory(dir));
                VoteFile.create(dir, identity, disk);
                disk.forceDirectory(dir.toRealPath().getParent());
            } finally {
                held.close();
            }
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be written: " + e + "; check its path and rights", e);
        }
    }

    /** Whose directory this is, without opening it; empty where its vote file is missing or cannot say it any more. */
    public static Optional<Identity> identityOf(Path dir) {
        try {
            return isFormatted(dir)
                ? VoteFile.readableSlots(dir, Disk.REAL).newest().map(VoteFile.Slot::identity) : Optional.empty();
        } catch (IOException e) {
            throw new RaftException(VoteFile.path(dir) + " cannot be read: " + e + "; check the disk's health and the "
                + "file's rights", e);
        }
    }

    /**
     * Makes a directory that is damaged or was wiped ready to be rebuilt from the peers: opened next, it is empty, and
     * its standing is {@link Standing#REBUILDING} if term and vote are known for sure, else {@link Standing#VOTE_LOST}.
     * Log and snapshots are moved to {@code damaged/} in it, where they replace what an earlier call moved there.
     *
     * <p>For a node that is down. May be called again, also after a crash in the middle of it.
     *
     * @param clusterId the group that the node belongs to
     * @param nodeId    the node
     * @return the standing
     * @throws RaftException when somebody has the directory open, or it belongs to another group or node, or to none
     */
    public static Standing prepareRebuild(Path dir, long clusterId, int nodeId) {
        return prepareRebuild(dir, clusterId, nodeId, Disk.REAL);
    }

    static Standing prepareRebuild(Path dir, long clusterId, int nodeId, Disk disk) {
        return Rebuild.prepare(dir, clusterId, nodeId, Durability.FORCED, disk);
    }

    /**
     * As {@link #prepareRebuild}, unless the directory is sound: its log, and its newest snapshot to the end. What
     * cannot be read counts as damaged, but not what this process has no right to read.
     *
     * @return the standing; empty when the directory is sound, and was left as it is
     */
    public static Optional<Standing> rebuildIfDamaged(Path dir, long clusterId, int nodeId) {
        return rebuildIfDamaged(dir, clusterId, nodeId, Durability.FORCED);
    }

    /**
     * As above.
     *
     * @param durability when the group's entries count, where the directory does not say so any more
     */
    public static Optional<Standing> rebuildIfDamaged(Path dir, long clusterId, int nodeId, Durability durability) {
        return Rebuild.prepareIfDamaged(dir, clusterId, nodeId, durability, Disk.REAL);
    }

    static Optional<Standing> rebuildIfDamaged(Path dir, long clusterId, int nodeId, Disk disk) {
        return Rebuild.prepareIfDamaged(dir, clusterId, nodeId, Durability.FORCED, disk);
    }

    /**
     * Locks the directory, looks through the snapshots, reads and verifies the log, forces it, and starts the log's
     * threads. A snapshot that was damaged is kept aside as {@code *.damaged}.
     *
     * @throws RaftException       when a JVM flag is missing, the directory is not formatted, or somebody else has it
     *                             open
     * @throws LogCorruptException when durable data is damaged
     * @throws StorageException    when the disk fails or has no space for a segment
     */
    public static MmapStorage open(Path dir, MmapConfig config) {
        return open(dir, config, Disk.REAL);
    }

    static MmapStorage open(Path dir, MmapConfig config, Disk disk) {
        JvmFlags.check();
        Journal.quieten();
        if (!isFormatted(dir)) {
            if (isEmpty(dir)) {
                throw new RaftException("directory " + dir + " holds no server; format it for a new one");
            }
            throw new LogCorruptException(VoteFile.path(dir) + " is missing: this server's term and vote are lost; "
                + "start it with --rebuild, so that its peers make it a voter again");
        }
        DirectoryLock lock = null;
        VoteFile votes = null;
        SnapshotFiles snapshots = null;
        try {
            lock = DirectoryLock.acquire(dir, disk);
            votes = VoteFile.open(dir, disk);
            snapshots = SnapshotFiles.open(dir, votes.identity().clusterId(), config.snapshotPace(), disk);
            return new MmapStorage(votes, openLog(dir, config, votes, disk), snapshots, lock);
        } catch (IOException e) {
            release(snapshots, votes, lock);
            throw new StorageException("the log in " + dir + " cannot be opened: " + e
                + "; check the disk's space, health and rights", e);
        } catch (InternalError e) {
            // a page of a mapped file that the disk did not give, or had no space for
            release(snapshots, votes, lock);
            throw new StorageException("the log in " + dir + " cannot be read: " + e + "; check the disk's health and "
                + "space", e);
        } catch (RuntimeException | Error e) {
            release(snapshots, votes, lock);
            throw e;
        }
    }

    private static MmapRaftLog openLog(Path dir, MmapConfig config, VoteFile votes, Disk disk) throws IOException {
        disk.createDirectories(SegmentFiles.logDirectory(dir));
        final Recovery.Findings findings = Recovery.scan(dir, votes.slot(), disk);
        final Recovered recovered = findings.recovered();
        Housekeeping.force(dir, findings, disk);
        if (votes.identity().durability() == Durability.MEMORY_QUORUM && !findings.endsWithCleanStop()) {
            votes.distrust(); // before anything goes by which this would be seen
        }
        // Before anything is removed: the number promised must never be more than a crash right now would leave.
        votes.raiseBoot(recovered.lastRecordSeq());
        Housekeeping.tidy(dir, findings, disk);

        final Path runDirectory = SegmentFiles.runDirectory(dir, votes.bootCounter());
        disk.createDirectory(runDirectory);
        disk.forceDirectory(SegmentFiles.logDirectory(dir));
        return start(config, votes.identity(), runDirectory, recovered, disk);
    }

    private static MmapRaftLog start(MmapConfig config, Identity identity, Path runDirectory, Recovered recovered,
                                     Disk disk) throws IOException {
        final String name = "balsa-" + identity.nodeId();
        final int firstSegment = recovered.lastSegment() + 1;
        final Tail tail = new Tail(config.tailBytes());
        final Progress progress = new Progress();
        final DirectoryForces directories = new DirectoryForces(disk, progress);
        final ZeroedAhead zeros = new ZeroedAhead(disk, progress, config.segmentBytes(),
            disk.writesInPlace(runDirectory), System::nanoTime);
        final SegmentPreparer preparer = new SegmentPreparer(runDirectory, config.segmentBytes(), recovered, disk,
            zeros, directories, name + "-log-preparer");
        preparer.start(firstSegment);
        LogWriter writer = null;
        Journal journal = null;
        try {
            journal = new Journal(runDirectory, firstSegment, config.segmentBytes());
            writer = new LogWriter(identity, runDirectory, config, MmapRaftLog.maxRecordLength(config), tail, progress,
                journal, preparer, disk, zeros, directories, recovered);
            writer.begin();
            final ColdReader coldReader = new ColdReader(recovered.indexMap(), recovered.segments()::file, disk);
            final MmapRaftLog log = new MmapRaftLog(config, recovered, tail, progress, writer, preparer,
                coldReader, identity.durability(), name + "-log");
            log.start();
            return log;
        } catch (IOException | RuntimeException | Error e) {
            preparer.stop();
            if (writer != null) {
                writer.release();
            } else if (journal != null) {
                journal.close();
            }
            throw e;
        }
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public long boot() {
        return boot;
    }

    @Override
    public VoteStore votes() {
        return votes;
    }

    @Override
    public RaftLog log() {
        return log;
    }

    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    @Override
    public void close() {
        if (closed) {
            return; // who opened the directory since must not lose the lock on it
        }
        closed = true;
        try {
            log.close();
            if (log.closedCleanly()) {
                votes.noteDurableRecords(log.durableRecords());
            }
        } finally {
            release(snapshots, votes, lock);
        }
    }

    private static void release(SnapshotFiles snapshots, VoteFile votes, DirectoryLock lock) {
        try {
            if (snapshots != null) {
                snapshots.close();
            }
            if (votes != null) {
                votes.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            throw new StorageException("a lock could not be released: " + e.getMessage(), e);
        }
    }
}
