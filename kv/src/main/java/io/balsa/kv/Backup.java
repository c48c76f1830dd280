package io.balsa.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
    private static final Duration LOOK = Duration.ofSeconds(2);

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
        private Contents in(Path other) {
            return new Contents(other, bytes, clusterId, index, term, keys, sessions);
        }

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
     * @param file    must not exist; where this fails, it still does not, unless the message says that it does
     * @param cluster where clients reach the nodes
     * @param node    the one to take and send the snapshot
     * @param timeout how long the snapshot may take to be written, and each piece of it to come
     * @throws KvException.Unavailable when the cluster has no leader or the node does not answer (any more)
     * @throws RaftException           when the node or this machine cannot do it, or the node is of another cluster
     */
    public static Contents save(Path file, List<String> cluster, String node, Duration timeout) {
        requireAbsent(file);
        final List<HostPort> nodes = cluster.stream().map(HostPort::parse).toList();
        final Path unfinished = begin(file);
        try (ClientCalls calls = new ClientCalls(nodes, shorter(QUESTION, timeout));
             SnapshotFetch fetch = SnapshotFetch.open(HostPort.parse(node), timeout)) {
            final OptionalLong asked = clusterId(nodes, shorter(LOOK, timeout));
            requireSame(asked, node, clusterId(HostPort.parse(node), shorter(LOOK, timeout)));
            final SnapshotReply announced = fetch.take(readIndex(calls));
            requireSame(asked, node, OptionalLong.of(announced.clusterId()));
            final SnapshotCopy copy = SnapshotCopy.write(unfinished, announced.clusterId(), announced.members(),
                announced.snapshot(), out -> fetch.writeTo(out, announced.snapshot().index()));
            if (!copy.snapshot().equals(announced.snapshot())) {
                throw new RaftException("what came from " + node + " is not the snapshot it announced: content hash "
                    + Long.toHexString(copy.snapshot().contentHash()) + ", expected "
                    + Long.toHexString(announced.snapshot().contentHash()) + "; run it again");
            }
            final Contents contents = contents(copy).in(file);
            copy.publish(file);
            return contents;
        } catch (FileAlreadyExistsException e) {
            throw new RaftException(exists(file), e);
        } catch (IOException e) {
            throw unwritable(file, e);
        } finally {
            deleteQuietly(unfinished);
        }
    }

    /** Makes the file that is written to: nobody else's, and before a node writes its state down for nothing. */
    private static Path begin(Path file) {
        final Path unfinished = file.resolveSibling(file.getFileName() + "."
            + HexFormat.of().toHexDigits(new SecureRandom().nextLong()) + UNFINISHED);
        try {
            return Files.createFile(unfinished);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static RaftException unwritable(Path file, IOException e) {
        return new RaftException(file + " cannot be written: " + e + "; check the disk's space and rights", e);
    }

    private static void requireAbsent(Path file) {
        if (Files.exists(file)) {
            throw new RaftException(exists(file));
        }
    }

    private static String exists(Path file) {
        return file + " exists; choose another name, or remove it";
    }

    /** The cluster of the first that answers. */
    private static OptionalLong clusterId(List<HostPort> nodes, Duration patience) {
        return nodes.stream().map(node -> clusterId(node, patience)).filter(OptionalLong::isPresent).findFirst()
            .orElse(OptionalLong.empty());
    }

    /** What one cluster's leader has acknowledged says nothing of another's state. Who is silent is passed over. */
    private static void requireSame(OptionalLong asked, String node, OptionalLong its) {
        if (asked.isPresent() && its.isPresent() && asked.getAsLong() != its.getAsLong()) {
            throw new RaftException(node + " belongs to cluster " + Long.toHexString(its.getAsLong())
                + ", the others to " + Long.toHexString(asked.getAsLong()) + "; name nodes of one cluster");
        }
    }

    private static OptionalLong clusterId(HostPort node, Duration patience) {
        try {
            return ClientCalls.askOne(node, patience, "INFO") instanceof KvReply.Bulk info
                ? StatusText.clusterIdIn(new String(info.value(), StandardCharsets.UTF_8)) : OptionalLong.empty();
        } catch (KvException.Unavailable silent) {
            return OptionalLong.empty();
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
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
            // it is named as what it is, and no other backup writes to it
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
     * Makes the directories of members of a new cluster, durably, each a voter that holds the backup's state: all of
     * them, or the first ones, where the others are made elsewhere by {@link #restoreMore}. The cluster has an id that
     * no other has.
     *
     * @param directories by member; they must not exist or be empty. All are made or none, unless this process is
     *                    killed while it gives them their names
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
        return restoreMore(file, directories, members, clusterName, new SecureRandom().nextLong());
    }

    /**
     * Makes further members of a cluster that {@link #restore} began, before any of it has started. <b>A member of a
     * cluster that has started must never be made so</b>: it would vote as one that has promised nothing yet, and the
     * cluster could lose what it acknowledged. Such a member is rebuilt, see {@link KvNode.Options#rebuild()}.
     *
     * @param founding {@link RestoredCluster#founding()} of the first ones. Those made with another, from another
     *                 backup or with other members or name are of another cluster, and take no notice of each other
     * @see #restore
     */
    public static RestoredCluster restoreMore(Path file, Map<Integer, Path> directories,
                                              SortedMap<Integer, String> members, String clusterName, long founding) {
        verify(file);
        try {
            return RestoredCluster.from(SnapshotCopy.of(file), directories, members, clusterName, founding);
        } catch (IOException e) {
            throw new RaftException("the backup cannot be restored: " + e + "; check the disk's space and rights", e);
        }
    }
}
