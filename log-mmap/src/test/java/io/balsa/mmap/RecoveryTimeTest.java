package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a start takes with a long log, beside a start with none. */
class RecoveryTimeTest {
    private static final int ENTRIES = 1_000_000;
    private static final int LENGTH = 64;
    private static final long MORE_NANOS = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    private Path temp;

    @Test
    void aMillionEntriesAreReadInASecond() throws IOException {
        final Path empty = Directories.formatted(temp.resolve("empty"));
        final Path full = Directories.formatted(temp.resolve("full"));
        fill(full);
        open(empty, 0); // the first open of a process loads classes
        long less = Long.MAX_VALUE;
        long more = Long.MAX_VALUE;
        // the machine has other things to do: of a few openings the quickest says what the work takes
        for (int i = 0; i < 3; i++) {
            less = Math.min(less, open(empty, 0));
            more = Math.min(more, open(full, ENTRIES));
        }
        System.out.printf("%,d entries of %d bytes: opened in %d ms, an empty directory in %d ms; after the page cache "
            + "was dropped (%b) in %d ms%n", ENTRIES, LENGTH, millis(more), millis(less), dropPageCache(),
            millis(open(full, ENTRIES)));
        final long took = more - less;
        assertTrue(took <= MORE_NANOS, () -> millis(took) + " ms more than an empty directory");
    }

    private static void fill(Path dir) {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[LENGTH]);
        try (MmapStorage storage = MmapStorage.open(dir, MmapConfig.defaults())) {
            final RaftLog log = storage.log();
            for (int i = 0; i < ENTRIES; i++) {
                while (log.roomFor(LENGTH) != RaftLog.Room.YES) {
                    log.pollPersisted((index, term) -> { });
                    Directories.pause();
                }
                log.append(1 + i / 100_000, RaftLog.COMMAND, command, 0, LENGTH);
            }
        }
    }

    private static long open(Path dir, long lastIndex) {
        final long before = System.nanoTime();
        try (MmapStorage storage = MmapStorage.open(dir, MmapConfig.defaults())) {
            final long took = System.nanoTime() - before;
            assertEquals(lastIndex, storage.log().lastIndex());
            return took;
        }
    }

    /** Best effort: only the superuser may. */
    private static boolean dropPageCache() {
        try {
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
            return true;
        } catch (IOException notAllowed) {
            return false;
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
