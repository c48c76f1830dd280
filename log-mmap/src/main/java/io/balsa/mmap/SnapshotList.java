package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Summary;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * Says which snapshots lie in a node's directory, by their headers and footers. Takes no lock and changes nothing, so
 * it may be used beside a running node.
 */
public final class SnapshotList {
    /** A file in the directory of snapshots. */
    public sealed interface Item {
        Path file();

        /** How many bytes the file has. */
        long bytes();
    }

    /**
     * A snapshot that was finished. Its chunks may be damaged all the same: {@link SnapshotVerify} reads them.
     *
     * @param index   the last entry whose effect it holds
     * @param term    that entry's term
     * @param members who belonged to the group
     * @param chunks  in how many checksummed parts its state lies
     */
    public record Whole(Path file, long bytes, long index, long term, SortedSet<Integer> members, long chunks)
        implements Item {
    }

    /**
     * A snapshot that was finished once and is not whole now, or was kept aside for that.
     *
     * @param problem what is wrong with it, in one line
     */
    public record Damaged(Path file, long bytes, String problem) implements Item {
    }

    /** One that is being saved or received, or was when its node crashed: the next start deletes it. */
    public record Unfinished(Path file, long bytes) implements Item {
    }

    private SnapshotList() {
    }

    /**
     * All that lies there.
     *
     * @param dir a node's directory
     * @return oldest first: what is finished, then what was kept aside, then what is not finished
     * @throws RaftException when the directory holds no server or cannot be read at all
     */
    public static List<Item> list(Path dir) {
        final long clusterId = clusterOf(dir);
        final Path directory = SnapshotDirectory.of(dir);
        final List<Item> items = new ArrayList<>();
        try {
            for (final Path file : SnapshotDirectory.list(directory)) {
                ifThere(file, () -> items.add(look(file, clusterId)));
            }
            for (final Path file : SnapshotDirectory.setAside(directory)) {
                items.add(new Damaged(file, Files.size(file), saidOfSetAside(file)));
            }
            for (final Path file : SnapshotDirectory.leftovers(directory)) {
                ifThere(file, () -> items.add(new Unfinished(file, Files.size(file))));
            }
            return items;
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    static String saidOfSetAside(Path file) {
        return file + " was found damaged at an earlier start; delete it when nobody needs it any more";
    }

    static RaftException unreadable(Path directory, IOException e) {
        return new RaftException("directory " + directory + " cannot be read: " + e
            + "; check its path and rights, and the disk's health", e);
    }

    static long clusterOf(Path dir) {
        if (MmapStorage.isEmpty(dir)) {
            throw new RaftException("directory " + dir + " holds no server; give the directory of a node");
        }
        try {
            return VoteFile.read(dir).identity().clusterId();
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
    }

    private static Item look(Path file, long clusterId) throws IOException {
        try (SnapshotReader reader = SnapshotReader.open(file, Disk.REAL)) {
            final Summary summary = SnapshotDirectory.check(file, reader, clusterId);
            return new Whole(file, summary.length(), summary.header().index(), summary.header().term(),
                summary.header().members(), summary.footer().chunks());
        } catch (LogCorruptException damage) {
            return new Damaged(file, Files.size(file), damage.getMessage());
        }
    }

    /** What is done with one file. */
    @FunctionalInterface
    interface Look {
        void look() throws IOException;
    }

    /** A node that runs beside may delete the file in between. */
    static void ifThere(Path file, Look look) throws IOException {
        try {
            look.look();
        } catch (NoSuchFileException gone) {
            if (Files.exists(file)) {
                throw gone;
            }
        }
    }
}
