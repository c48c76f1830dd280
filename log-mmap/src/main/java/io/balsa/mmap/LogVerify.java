package io.balsa.mmap;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Checks a node's directory as a start would, without a lock and without changing anything, so it may be used beside a
 * running node.
 */
public final class LogVerify {
    private LogVerify() {
    }

    /**
     * Reads everything and checks checksums, sequence, identity and completeness. A tail torn by a crash is no problem:
     * it was never durable.
     *
     * @param dir a node's directory
     * @return what would keep a node from starting, one line each; empty when all is well
     * @throws RaftException when the directory holds no server or cannot be read at all
     */
    public static List<String> verify(Path dir) {
        // The log of a running node gives way to a snapshot once that is there: so snapshots are looked at afterwards.
        return verify(dir, firstIndex -> missingBefore(dir, firstIndex));
    }

    /** The same of the log alone, for one that has lost its front to nothing in particular. */
    static List<String> verifyLog(Path dir) {
        return verify(dir, firstIndex -> List.of());
    }

    private static List<String> verify(Path dir, LongFunction<List<String>> further) {
        if (MmapStorage.isEmpty(dir)) {
            throw new RaftException("directory " + dir + " holds no server; give the directory of a node");
        }
        try {
            final VoteFile.Slot slot = VoteFile.read(dir);
            final Recovery.Findings findings = Recovery.scan(dir, slot, Disk.REAL);
            return further.apply(findings.recovered().firstIndex());
        } catch (LogCorruptException e) {
            return List.of(e.getMessage());
        } catch (NoSuchFileException e) {
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be read: " + e + "; check its path and rights, and "
                + "the disk's health", e);
        } catch (InternalError e) {
            throw new RaftException("directory " + dir + " cannot be read to its end: a file got shorter meanwhile, or "
                + "the disk does not give a page of it; run this again, and if it stays so, check the disk's health",
                e);
        }
    }

    private static List<String> missingBefore(Path dir, long firstIndex) {
        final long newest = SnapshotList.list(dir).stream()
            .mapToLong(item -> item instanceof SnapshotList.Whole whole ? whole.index() : 0).max().orElse(0);
        return firstIndex - 1 <= newest ? List.of()
            : List.of("the log in " + SegmentFiles.logDirectory(dir) + " begins with entry " + firstIndex
                + ", but the newest whole snapshot ends with entry " + newest
                + ": what is between them is lost; start this node with --rebuild, so that its peers give it back");
    }
}
