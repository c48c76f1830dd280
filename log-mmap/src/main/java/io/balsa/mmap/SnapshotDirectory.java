package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Summary;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The names of snapshots in a node's directory. They sort by index. */
final class SnapshotDirectory {
    private static final String SUFFIX = ".snapshot";
    private static final String SAVING = ".saving";
    private static final String RECEIVING = ".receiving";
    private static final String DAMAGED = ".damaged";

    private SnapshotDirectory() {
    }

    static Path of(Path dir) {
        return dir.resolve("snapshots");
    }

    private static String stem(Snapshot snapshot) {
        return "%019d-%d-%016x".formatted(snapshot.index(), snapshot.term(), snapshot.contentHash());
    }

    static Path file(Path directory, Snapshot snapshot) {
        return directory.resolve(stem(snapshot) + SUFFIX);
    }

    /** What is being received, whose content is announced. */
    static Path receiving(Path directory, Snapshot snapshot) {
        return directory.resolve(stem(snapshot) + RECEIVING);
    }

    /** What is being saved, whose content is not known yet. */
    static Path saving(Path directory, long index, long term) {
        return directory.resolve("%019d-%d%s".formatted(index, term, SAVING));
    }

    /** Where a damaged file is kept aside, for a person to look at. */
    static Path damaged(Path file) {
        return file.resolveSibling(file.getFileName() + DAMAGED);
    }

    /** All finished snapshots, oldest first, sound or not. */
    static List<Path> list(Path directory) throws IOException {
        return list(directory, "*" + SUFFIX);
    }

    /** What a crash left of snapshots that were being saved or received. */
    static List<Path> leftovers(Path directory) throws IOException {
        return list(directory, "*{" + SAVING + "," + RECEIVING + "}");
    }

    /** What was found damaged and kept. */
    static List<Path> setAside(Path directory) throws IOException {
        return list(directory, "*" + DAMAGED);
    }

    private static List<Path> list(Path directory, String pattern) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        final List<Path> found = Disk.REAL.list(directory, pattern);
        found.sort(null);
        return found;
    }

    /**
     * What a file's header and footer say, having compared it with its name and with whose it must be.
     *
     * @throws LogCorruptException when it is not a whole snapshot of this cluster
     */
    static Summary check(Path file, SnapshotReader reader, long clusterId) {
        final Summary summary = reader.summary();
        if (summary.header().clusterId() != clusterId) {
            throw new LogCorruptException("snapshot %s belongs to cluster %x, this node to %x; remove it".formatted(
                file, summary.header().clusterId(), clusterId));
        }
        final String name = stem(summary.snapshot()) + SUFFIX;
        if (!file.getFileName().toString().equals(name)) {
            throw new LogCorruptException("snapshot " + file + " holds what is named " + name
                + "; give it back its name, or start this node with --rebuild to fetch its state from its peers");
        }
        return summary;
    }
}
