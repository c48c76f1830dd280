package io.balsa.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The names of runs and segments in a node's directory. */
final class SegmentFiles {
    static final String SUFFIX = ".cq4";
    static final String PREPARED_SUFFIX = ".precreated";
    private static final String RUN_PREFIX = "run-";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    // Chronicle Queue names a cycle by its time. Our clock counts segments as hours, so a name is a number in disguise.
    private static final DateTimeFormatter NAME =
        DateTimeFormatter.ofPattern("yyyyMMdd-HH'LX'").withZone(ZoneOffset.UTC);

    private SegmentFiles() {
    }

    static Path logDirectory(Path dir) {
        return dir.resolve("log");
    }

    static Path runDirectory(Path dir, long bootCounter) {
        return logDirectory(dir).resolve("%s%010d".formatted(RUN_PREFIX, bootCounter));
    }

    static String stem(int segment) {
        return NAME.format(Instant.ofEpochSecond(TimeUnit.HOURS.toSeconds(segment)));
    }

    static Path segmentFile(Path runDirectory, int segment) {
        return runDirectory.resolve(stem(segment) + SUFFIX);
    }

    static Path preparedFile(Path runDirectory, int segment) {
        return runDirectory.resolve(stem(segment) + PREPARED_SUFFIX);
    }

    /** The number of a segment file, empty for any other file. */
    static OptionalInt segmentOf(Path file) {
        final String name = file.getFileName().toString();
        if (!name.endsWith(SUFFIX)) {
            return OptionalInt.empty();
        }
        final String stem = name.substring(0, name.length() - SUFFIX.length());
        try {
            final long seconds = LocalDateTime.parse(stem, NAME).toEpochSecond(ZoneOffset.UTC);
            return OptionalInt.of(Math.toIntExact(TimeUnit.SECONDS.toHours(seconds)));
        } catch (DateTimeParseException | ArithmeticException notASegment) {
            return OptionalInt.empty();
        }
    }

    /** All segments of all runs, in the order they were written. */
    static SortedMap<Integer, Path> list(Path dir) throws IOException {
        return list(dir, Disk.REAL);
    }

    static SortedMap<Integer, Path> list(Path dir, Disk disk) throws IOException {
        final SortedMap<Integer, Path> segments = new TreeMap<>();
        for (final Path run : runs(dir, disk)) {
            try {
                for (final Path file : disk.list(run, "*")) {
                    segmentOf(file).ifPresent(segment -> segments.put(segment, file));
                }
            } catch (NoSuchFileException compactedAway) {
                // a log in use has just deleted the run with its last segment
            }
        }
        return segments;
    }

    /** The directories of all runs, oldest first. */
    static List<Path> runs(Path dir, Disk disk) throws IOException {
        final Path log = logDirectory(dir);
        if (!Files.isDirectory(log)) {
            return List.of();
        }
        final List<Path> runs = disk.list(log, RUN_PREFIX + "*");
        runs.sort(null);
        return runs;
    }

    /** The number of the newest run that has a directory, 0 when there is none. */
    static long newestRun(Path dir, Disk disk) throws IOException {
        long newest = 0;
        for (final Path run : runs(dir, disk)) {
            final String number = run.getFileName().toString().substring(RUN_PREFIX.length());
            if (NUMBER.matcher(number).matches()) {
                newest = Math.max(newest, Long.parseLong(number));
            }
        }
        return newest;
    }

    /** Makes created, renamed and deleted names durable: a forced file whose name is lost is lost. */
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
