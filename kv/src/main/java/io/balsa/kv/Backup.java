package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

import io.balsa.mmap.SnapshotCopy;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.StateMachine;

/**
 * The whole store in one file: a snapshot that some member took, byte for byte. A backup that bears its name is whole,
 * verified and durable.
 */
public final class Backup {
    private static final String UNFINISHED = ".unfinished";
    /** As long as the client's commands wait for an answer that needs no snapshot. */
    private static final Duration QUESTION = Duration.ofSeconds(5);

    /**
     * What is in a backup.
     *
     * @param bytes     of the file
     * @param clusterId the cluster it was taken from
     * @param index     the last log entry whose effect it holds
     * @param term      that entry's term
     * @param keys      how many there are
     * @param sessions  how many clients' sessions are in it
     */
    public record Contents(Path file, long bytes, long clusterId, long index, long term, int keys, int sessions) {
        /** In one line. */
        @Override
        public String toString() {
            return "index " + index + " term " + term + " keys " + keys + " sessions " + sessions + " bytes " + bytes
                + " cluster " + Long.toHexString(clusterId) + " " + file;
        }
    }

    private Backup() {
    }

    /**
     * Has a node take a snapshot and fetches it. All that was acknowledged before this call is in it: the leader is
     * asked first what the node must show.
     *
     * @param file    must not exist; where this fails, it still does not
     * @param cluster where clients reach the nodes
     * @param node    the one to take and send the snapshot
     * @param timeout how long the snapshot may take to be written, and each piece of it to come
     * @throws KvException.Unavailable when the cluster has no leader or the node does not answer (any more)
     * @throws RaftException           when the node or this machine cannot do it
     */
    public static Contents save(Path file, List<String> cluster, String node, Duration timeout) {
        requireAbsent(file);
        final List<HostPort> nodes = cluster.stream().map(HostPort::parse).toList();
        final Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        try (ClientCalls calls = new ClientCalls(nodes, QUESTION.compareTo(timeout) < 0 ? QUESTION : timeout);
             SnapshotFetch fetch = SnapshotFetch.open(HostPort.parse(node), timeout)) {
            final SnapshotReply announced = fetch.take(readIndex(calls));
            final SnapshotCopy copy = SnapshotCopy.write(unfinished, announced.clusterId(), announced.members(),
                announced.snapshot(), out -> fetch.writeTo(out, announced.snapshot().index()));
            if (!copy.snapshot().equals(announced.snapshot())) {
                throw new RaftException("what came from " + node + " is not the snapshot it announced: content hash "
                    + Long.toHexString(copy.snapshot().contentHash()) + ", expected "
                    + Long.toHexString(announced.snapshot().contentHash()) + "; run it again");
            }
            contents(copy);
            return contents(copy.moveTo(file));
        } catch (IOException e) {
            throw new RaftException(unfinished + " cannot be written: " + e + "; check the disk's space and rights", e);
        } finally {
            deleteQuietly(unfinished);
        }
    }

    private static void requireAbsent(Path file) {
        if (Files.exists(file)) {
            throw new RaftException(file + " exists; choose another name, or remove it");
        }
    }

    private static long readIndex(ClientCalls calls) {
        if (calls.read(new Call.ReadIndex()) instanceof KvReply.Int index) {
            return index.value();
        }
        throw new RaftException("a node does not say what can be read of it; is it of another version?");
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // it is named as what it is, and the next backup of that name replaces it
        }
    }

    /**
     * Reads a backup to its end and checks everything that can be: each chunk's checksum, the content hash, that it is
     * a state of this store, and that state's digest.
     *
     * @throws LogCorruptException when it is damaged, or no backup
     * @throws RaftException       when it cannot be read
     */
    public static Contents verify(Path file) {
        try {
            return contents(SnapshotCopy.of(file));
        } catch (IOException e) {
            throw new RaftException(file + " cannot be read: " + e + "; check its path and rights", e);
        }
    }

    private static Contents contents(SnapshotCopy copy) throws IOException {
        final KvSnapshot.Counts counts;
        try (InputStream state = copy.open()) {
            counts = KvSnapshot.count(state, Sessions.Bounds.DEFAULT);
        } catch (MalformedStateException e) {
            throw new LogCorruptException(copy.file() + ": " + e.getMessage());
        }
        final long expected = copy.snapshot().stateHash();
        if (expected != StateMachine.NO_HASH && expected != counts.stateHash()) {
            throw new LogCorruptException(copy.file() + " holds a state whose digest is "
                + Long.toHexString(counts.stateHash()) + ", expected " + Long.toHexString(expected)
                + "; use another copy");
        }
        return new Contents(copy.file(), copy.snapshot().length(), copy.clusterId(), copy.snapshot().index(),
            copy.snapshot().term(), counts.keys(), counts.sessions());
    }

    /**
     * Makes directories of members of a new cluster, durably, each a voter that holds the backup's state. The members
     * of the new cluster must all be made from one file: the cluster's id follows from it, so that those made from
     * different files take no notice of each other.
     *
     * @param directories by member; they must not exist or be empty
     * @param members     all members of the new cluster and where their peers reach them
     * @param clusterName of the new cluster
     * @return what the new cluster begins with
     * @throws IllegalArgumentException when the name and the members are those of the cluster backed up, or a member
     *                                  is none
     * @throws LogCorruptException      when the backup is damaged: nothing was made
     * @throws RaftException            when it cannot be read, or a directory is in use or cannot be written
     */
    public static RestoredCluster restore(Path file, Map<Integer, Path> directories, SortedMap<Integer, String> members,
                                          String clusterName) {
        verify(file);
        try {
            return RestoredCluster.from(SnapshotCopy.of(file), directories, members, clusterName);
        } catch (IOException e) {
            throw new RaftException("the backup cannot be restored: " + e + "; check the disk's space and rights", e);
        }
    }
}
