package io.balsa.mmap;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the snapshots of a node's directory to their ends and checks every checksum. Takes no lock and changes nothing,
 * so it may be used beside a running node.
 */
public final class SnapshotVerify {
    private SnapshotVerify() {
    }

    /**
     * Verifies all that was finished.
     *
     * @param dir a node's directory
     * @return what is wrong with its snapshots, one line each; empty when all is well
     * @throws RaftException when the directory holds no server or cannot be read at all
     */
    public static List<String> verify(Path dir) {
        final long clusterId = SnapshotList.clusterOf(dir);
        final Path directory = SnapshotDirectory.of(dir);
        final List<String> problems = new ArrayList<>();
        try {
            for (final Path file : SnapshotDirectory.list(directory)) {
                SnapshotList.ifThere(file, () -> verify(file, clusterId, problems));
            }
            return problems;
        } catch (IOException e) {
            throw SnapshotList.unreadable(directory, e);
        }
    }

    /**
     * What an earlier start found damaged and kept.
     *
     * @param dir a node's directory
     * @return a line for each, empty when there is none
     * @throws RaftException when the directory holds no server or cannot be read at all
     */
    public static List<String> setAside(Path dir) {
        SnapshotList.clusterOf(dir);
        final Path directory = SnapshotDirectory.of(dir);
        try {
            return SnapshotDirectory.setAside(directory).stream().map(SnapshotList::saidOfSetAside).toList();
        } catch (IOException e) {
            throw SnapshotList.unreadable(directory, e);
        }
    }

    private static void verify(Path file, long clusterId, List<String> problems) throws IOException {
        try (SnapshotReader reader = SnapshotReader.open(file, Disk.REAL)) {
            SnapshotDirectory.check(file, reader, clusterId);
            reader.verify();
        } catch (LogCorruptException damage) {
            problems.add(damage.getMessage());
        }
    }
}
