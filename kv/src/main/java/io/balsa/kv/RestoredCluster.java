package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.mmap.SnapshotCopy;
import io.balsa.mmap.SnapshotPace;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.VoteStore;

/**
 * What a cluster made from a backup begins with: as if each member had been sent the backup by a leader and had
 * forgotten its log for it.
 *
 * @param clusterId of the new cluster, equal on all members
 * @param index     the last entry that the state stands for; the new log begins after it
 * @param term      that entry's term
 */
public record RestoredCluster(long clusterId, long index, long term) {
    /**
     * A session's id is the index of the entry that opened it. The cluster that was backed up may have gone on and
     * opened sessions since, and so may others restored from the same file: their clients must not meet a session of
     * somebody else under their own number here. So each restored cluster counts on from a number of its own, far above
     * what the others will come to.
     */
    private static final long INDEXES_APART = 1_000_000_000_000L;
    private static final int PLACES = 1_000;
    private static final String UNFINISHED = ".restoring";

    static RestoredCluster from(SnapshotCopy backup, Map<Integer, Path> directories, SortedMap<Integer, String> members,
                                String clusterName) throws IOException {
        if (!members.keySet().containsAll(directories.keySet())) {
            throw new IllegalArgumentException("member " + directories.keySet() + " is not among " + members.keySet());
        }
        final long sameCluster = NodeParts.clusterId(clusterName, members);
        if (sameCluster == backup.clusterId()) {
            throw new IllegalArgumentException("'" + clusterName + "' with these members is the cluster that "
                + backup.file() + " is a backup of; give the new cluster another name");
        }
        for (final Path dir : directories.values()) {
            if (!MmapStorage.isEmpty(dir)) {
                throw new RaftException("directory " + dir + " is not empty; choose another for the new member");
            }
        }
        final long clusterId = ByteBuffer.wrap(NodeParts.sha256(Long.toHexString(sameCluster) + " from "
            + Long.toHexString(backup.snapshot().contentHash()))).getLong();
        final long index = Math.addExact(backup.snapshot().index(),
            INDEXES_APART * (1 + Math.floorMod(clusterId, PLACES)));
        final RestoredCluster cluster = new RestoredCluster(clusterId, index, backup.snapshot().term());
        for (final Map.Entry<Integer, Path> member : directories.entrySet()) {
            cluster.make(member.getValue().toAbsolutePath().normalize(), member.getKey(), members, backup);
        }
        return cluster;
    }

    /** All or nothing: what bears the directory's name is whole. A half one would pass for a new cluster's. */
    private void make(Path dir, int id, SortedMap<Integer, String> members, SnapshotCopy backup) throws IOException {
        final Path unfinished = dir.resolveSibling(dir.getFileName() + UNFINISHED);
        delete(unfinished);
        MmapStorage.format(unfinished, new Storage.Identity(clusterId, id, new SecureRandom().nextLong(), true));
        final MmapConfig sizes = MmapConfig.defaults();
        try (MmapStorage storage = MmapStorage.open(unfinished,
            new MmapConfig(sizes.segmentBytes(), sizes.tailBytes(), SnapshotPace.unpaced()));
             InputStream state = backup.open()) {
            storage.snapshots().save(index, term, backup.snapshot().stateHash(),
                new TreeSet<>(members.keySet()), state::transferTo);
            storage.votes().persist(term, VoteStore.NOBODY);
            storage.log().reset(index, term);
        }
        MembersFile.requireSame(unfinished, members.keySet());
        Files.createDirectories(dir.getParent());
        Files.move(unfinished, dir, StandardCopyOption.ATOMIC_MOVE); // over an empty one, if there is one
        try (FileChannel parent = FileChannel.open(dir.getParent(), StandardOpenOption.READ)) {
            parent.force(true);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
