package io.balsa.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * What is done to a directory between reading the log and going on with it. Every step may be cut short by a crash and
 * is then done again by the next open, with the same outcome.
 */
final class Housekeeping {
    private Housekeeping() {
    }

    /**
     * Forces everything that was read. After a crash of the process alone, what we read may exist only in the page
     * cache; it must not count as durable before it is.
     */
    static void force(Path dir, Recovery.Findings findings, Disk disk) throws IOException {
        for (final Path segment : findings.ends().keySet()) {
            try (FileChannel channel = disk.open(segment, StandardOpenOption.WRITE)) {
                disk.force(channel, false);
            }
        }
        forceDirectories(dir, disk);
    }

    /** Removes what does not count and gives the unused space of former segments back. */
    static void tidy(Path dir, Recovery.Findings findings, Disk disk) throws IOException {
        for (final Path segment : findings.obsolete()) {
            disk.delete(segment);
        }
        for (final Map.Entry<Path, Integer> end : findings.ends().entrySet()) {
            if (Files.size(end.getKey()) > end.getValue()) {
                try (FileChannel channel = disk.open(end.getKey(), StandardOpenOption.WRITE)) {
                    disk.truncate(channel, end.getValue());
                    disk.force(channel, true);
                }
            }
        }
        for (final Path run : SegmentFiles.runs(dir, disk)) {
            removeLeftovers(run, disk);
        }
        forceDirectories(dir, disk);
    }

    /** A former run leaves Chronicle Queue's own table, with locks of dead processes, and a segment it never used. */
    private static void removeLeftovers(Path run, Disk disk) throws IOException {
        boolean empty = true;
        for (final Path file : disk.list(run, "*")) {
            if (SegmentFiles.segmentOf(file).isPresent()) {
                empty = false;
            } else {
                disk.delete(file);
            }
        }
        if (empty) {
            disk.delete(run);
        }
    }

    private static void forceDirectories(Path dir, Disk disk) throws IOException {
        final List<Path> runs = SegmentFiles.runs(dir, disk);
        for (final Path run : runs) {
            disk.forceDirectory(run);
        }
        disk.forceDirectory(SegmentFiles.logDirectory(dir));
        disk.forceDirectory(dir);
    }
}
