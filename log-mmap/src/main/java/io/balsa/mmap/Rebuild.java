package io.balsa.mmap;

import io.balsa.mmap.record.RecordHeaderDecoder;
import io.balsa.mmap.record.SegmentHeaderDecoder;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Empties a node's directory that cannot be trusted any more and keeps of it what can: owner, term and vote.
 *
 * <p>The new standing is durable before anything is moved away, so that a directory that lost entries it acknowledged
 * is a voter's at no moment, whenever this is cut short.
 */
final class Rebuild {
    private static final System.Logger LOGGER = System.getLogger(Rebuild.class.getName());
    private static final String DAMAGED = "damaged";
    private static final String LOG = "log";
    private static final List<String> MOVED = List.of(LOG, "snapshots");
    /** The list of members is kept beside the log by whoever assembles a node. */
    private static final Set<String> KNOWN =
        Set.of("lock", "vote", "vote.new", LOG, "snapshots", DAMAGED, "members", "members.new");

    private final Path dir;
    private final long clusterId;
    private final int nodeId;
    private final Durability durability;
    private final Disk disk;

    private Rebuild(Path dir, long clusterId, int nodeId, Durability durability, Disk disk) {
        this.dir = dir;
        this.clusterId = clusterId;
        this.nodeId = nodeId;
        this.durability = durability;
        this.disk = disk;
    }

    /** Empties it, whatever it holds. */
    static Standing prepare(Path dir, long clusterId, int nodeId, Durability durability, Disk disk) {
        return locked(new Rebuild(dir, clusterId, nodeId, durability, disk),
            rebuild -> Optional.of(rebuild.prepare())).orElseThrow();
    }

    /** Empties it unless it is sound; empty if it is. */
    static Optional<Standing> prepareIfDamaged(Path dir, long clusterId, int nodeId, Durability durability,
                                               Disk disk) {
        return locked(new Rebuild(dir, clusterId, nodeId, durability, disk),
            rebuild -> rebuild.isSound() ? Optional.empty() : Optional.of(rebuild.prepare()));
    }

    /** What is done while nobody else can have the directory open. */
    @FunctionalInterface
    private interface Step {
        Optional<Standing> take(Rebuild rebuild) throws IOException;
    }

    private static Optional<Standing> locked(Rebuild rebuild, Step step) {
        final Path dir = rebuild.dir;
        try {
            rebuild.disk.createDirectories(dir);
            final DirectoryLock held = DirectoryLock.acquire(dir, rebuild.disk);
            try {
                return step.take(rebuild);
            } finally {
                held.close();
            }
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be prepared to be rebuilt: " + e
                + "; check its path, rights and space, and do it again", e);
        }
    }

    /**
     * Whether a start would find all that it needs: the log, and the newest snapshot to its end. What cannot be read is
     * lost; but what this process may not read is not, and nothing is emptied for that.
     */
    private boolean isSound() throws IOException {
        try {
            final long firstIndex =
                Recovery.scan(dir, VoteFile.read(dir, disk), disk).recovered().firstIndex();
            final Optional<Path> newest = SnapshotDirectory.newest(SnapshotDirectory.of(dir));
            return newest.isPresent() ? isSound(newest.get(), firstIndex) : firstIndex == 1;
        } catch (AccessDeniedException e) {
            throw e;
        } catch (LogCorruptException | IOException | InternalError unreadable) {
            return false;
        }
    }

    private boolean isSound(Path snapshot, long firstIndex) throws IOException {
        try (SnapshotReader reader = SnapshotReader.open(snapshot, disk)) {
            SnapshotDirectory.check(snapshot, reader, clusterId);
            reader.verify();
            return firstIndex - 1 <= reader.summary().header().index();
        }
    }

    private Standing prepare() throws IOException {
        final Path file = VoteFile.path(dir);
        final Optional<VoteFile.Slots> slots = Files.exists(file) ? Optional.of(slots()) : Optional.empty();
        final Optional<VoteFile.Slot> newest = slots.flatMap(VoteFile.Slots::newest);
        if (newest.isPresent()) {
            checkOwner(file, newest.get().identity().clusterId(), newest.get().identity().nodeId());
        } else {
            checkIsANodes();
        }
        checkSegments();

        // Whoever reads one slot only cannot know whether the other held a later vote. Nor can whoever reads a file
        // that has not seen the newest run.
        final long newestRun = SegmentFiles.newestRun(dir, disk);
        final boolean known = newest.isPresent() && slots.orElseThrow().bothSound()
            && newestRun <= newest.get().bootCounter();
        final VoteFile.Slot slot = newest.isPresent() ? kept(newest.get(), known, newestRun) : drawn();
        if (newest.isEmpty() && Files.exists(file)) {
            moveAside(file);
        }
        VoteFile.create(dir, slot, disk);
        for (final String name : MOVED) {
            final Path moved = dir.resolve(name);
            if (Files.isDirectory(moved) && !isEmpty(moved)) {
                moveAside(moved);
            }
        }
        disk.forceDirectory(dir);
        disk.forceDirectory(dir.toRealPath().getParent());
        return slot.identity().standing();
    }

    private VoteFile.Slots slots() throws IOException {
        try {
            return VoteFile.readSlots(dir, disk);
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException unreadable) {
            LOGGER.log(System.Logger.Level.WARNING, VoteFile.path(dir)
                + " cannot be read, so votes in it may be lost: " + unreadable);
            return VoteFile.readableSlots(dir, disk);
        }
    }

    private static VoteFile.Slot kept(VoteFile.Slot before, boolean known, long newestRun) {
        final Standing standing = switch (before.identity().standing()) {
            case VOTER, REBUILDING -> known ? Standing.REBUILDING : Standing.VOTE_LOST;
            case FOLLOWER, VOTE_LOST -> Standing.VOTE_LOST;
        };
        return before.next(before.currentTerm(), before.votedFor(), Math.max(before.bootCounter(), newestRun), 0)
            .with(standing);
    }

    private VoteFile.Slot drawn() {
        final Identity identity =
            new Identity(clusterId, nodeId, new SecureRandom().nextLong(), Standing.VOTE_LOST, durability);
        return new VoteFile.Slot(0, 0, VoteFile.NOBODY, identity, 0, 0);
    }

    private void checkOwner(Path file, long cluster, int node) {
        if (cluster != clusterId || node != nodeId) {
            throw new RaftException("%s belongs to cluster %x node %d, not to cluster %x node %d; give the "
                .formatted(file, cluster, node, clusterId, nodeId) + "directory of the node that is to be rebuilt");
        }
    }

    private void checkIsANodes() throws IOException {
        for (final Path file : disk.list(dir, "*")) {
            if (!KNOWN.contains(file.getFileName().toString())) {
                throw new RaftException("directory " + dir + " holds no server, but " + file.getFileName()
                    + "; give the directory of the node that is to be rebuilt, or an empty one");
            }
        }
    }

    /** The vote file may be gone or may have been replaced; the segments that can be read say whose they are, too. */
    private void checkSegments() throws IOException {
        for (final Map.Entry<Integer, Path> segment : SegmentFiles.list(dir, disk).entrySet()) {
            try (SegmentView view = SegmentView.open(segment.getValue(), segment.getKey(), disk)) {
                checkOwner(view);
            } catch (AccessDeniedException e) {
                throw e;
            } catch (IOException | InternalError unreadable) {
                LOGGER.log(System.Logger.Level.WARNING, segment.getValue()
                    + " cannot be read, so it does not say whose it is: " + unreadable);
            }
        }
    }

    private void checkOwner(SegmentView view) {
        final int payload = view.firstPayload();
        if (payload != SegmentView.NONE && view.isRecord(payload)
            && Records.templateId(view.buffer(), payload) == SegmentHeaderDecoder.TEMPLATE_ID) {
            final SegmentHeaderDecoder owner = new SegmentHeaderDecoder()
                .wrapAndApplyHeader(view.buffer(), payload, new RecordHeaderDecoder());
            checkOwner(view.file(), owner.clusterId(), owner.nodeId());
        }
    }

    private void moveAside(Path file) throws IOException {
        final Path damaged = dir.resolve(DAMAGED);
        disk.createDirectories(damaged);
        final Path target = damaged.resolve(file.getFileName());
        if (Files.exists(target)) {
            delete(target);
        }
        disk.rename(file, target);
        disk.forceDirectory(damaged);
    }

    private void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                disk.delete(file);
            }
        }
    }

    private boolean isEmpty(Path directory) throws IOException {
        return disk.list(directory, "*").isEmpty();
    }
}
