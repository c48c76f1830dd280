package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;

import io.balsa.mmap.MmapConfig;
import io.balsa.mmap.MmapStorage;
import io.balsa.mmap.SnapshotCopy;
import io.balsa.mmap.SnapshotPace;
import io.balsa.raft.spi.Storage;
import io.balsa.raft.spi.VoteStore;

/**
 * What a cluster made from a backup begins with: as if each member had been sent the backup by a leader and had
 * forgotten its log for it.
 *
 * @param clusterId of the new cluster, equal on all members
 * @param index     the last entry that the state stands for; the new log begins after it
 * @param term      that entry's term
 * @param founding  drawn when its first members were made; who has it can make the others
 */
public record RestoredCluster(long clusterId, long index, long term, long founding) {
    /**
     * A session's id is the index of the entry that opened it. The cluster that was backed up may have gone on and
     * opened sessions since, and so may others restored from the same file: their clients must not meet a session of
     * somebody else under their own number here. So each restored cluster counts on from a number of its own, far above
     * what the others will come to.
     */
    private static final long INDEXES_APART = 1_000_000_000_000L;
    private static final int PLACES = 1_000;

    static RestoredCluster from(SnapshotCopy backup, Map<Integer, Path> directories, SortedMap<Integer, String> members,
                                String clusterName, long founding) throws IOException {
        if (!members.keySet().containsAll(directories.keySet())) {
            throw new IllegalArgumentException("member " + directories.keySet() + " is not among " + members.keySet());
        }
        final long sameCluster = NodeParts.clusterId(clusterName, members);
        if (sameCluster == backup.clusterId()) {
            throw new IllegalArgumentException("'" + clusterName + "' with these members is the cluster that "
                + backup.file() + " is a backup of; give the new cluster another name");
        }
        final long clusterId = ByteBuffer.wrap(NodeParts.sha256(Long.toHexString(sameCluster) + " from "
            + Long.toHexString(backup.snapshot().contentHash()) + " by " + Long.toHexString(founding))).getLong();
        final long index = Math.addExact(backup.snapshot().index(),
            INDEXES_APART * (1 + Math.floorMod(clusterId, PLACES)));
        final RestoredCluster cluster = new RestoredCluster(clusterId, index, backup.snapshot().term(), founding);
        try (NewDirectories made = NewDirectories.begin(directories.values())) {
            for (final Map.Entry<Integer, Path> member : directories.entrySet()) {
                cluster.fill(made.unfinished(member.getValue()), member.getKey(), members, backup);
            }
            made.publish();
        }
        return cluster;
    }

    private void fill(Path dir, int id, SortedMap<Integer, String> members, SnapshotCopy backup) throws IOException {
        MmapStorage.format(dir, new Storage.Identity(clusterId, id, new SecureRandom().nextLong(), true));
        final MmapConfig sizes = MmapConfig.defaults();
        try (MmapStorage storage = MmapStorage.open(dir,
            new MmapConfig(sizes.segmentBytes(), sizes.tailBytes(), SnapshotPace.unpaced()));
             InputStream state = backup.open()) {
            storage.snapshots().save(index, term, backup.snapshot().stateHash(),
                new TreeSet<>(members.keySet()), state::transferTo);
            storage.votes().persist(term, VoteStore.NOBODY);
            storage.log().reset(index, term);
        }
        MembersFile.requireSame(dir, members.keySet());
    }
}
