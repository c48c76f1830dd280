package io.balsa.mmap;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

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
        if (MmapStorage.isEmpty(dir)) {
            throw new RaftException("directory " + dir + " holds no server; give the directory of a node");
        }
        try {
            final VoteFile.Slot slot = VoteFile.read(dir);
            Recovery.scan(dir, slot, Disk.REAL);
            return List.of();
        } catch (LogCorruptException e) {
            return List.of(e.getMessage());
        } catch (NoSuchFileException e) {
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be read: " + e + "; check its path and rights", e);
        } catch (InternalError e) {
            throw new RaftException("directory " + dir + " was changed while it was read; run this again", e);
        }
    }
}
