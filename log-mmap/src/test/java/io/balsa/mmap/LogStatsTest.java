package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of a log. */
class LogStatsTest {
    @TempDir
    private Path temp;

    @Test
    void theFiguresAreThoseOfWhatWasDone() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 4, 100);
            storage.log().truncateFrom(4);
            Directories.appendDurably(storage.log(), 3, 5, 100);
            storage.log().compact(2, 0);
            Directories.appendDurably(storage.log(), 4, 1, 100);
        });
        final LogStats stats = LogStats.read(dir);
        assertEquals(3, stats.firstIndex());
        assertEquals(9, stats.lastIndex());
        assertEquals(7, stats.entries());
        assertEquals(Map.of(1L, 1L, 3L, 5L, 4L, 1L), stats.terms());
        assertEquals(Map.of("segment header", 1L, "entry", 10L, "truncation", 1L, "compaction", 1L, "close", 1L),
            stats.recordsByKind());
        assertEquals(1, stats.segments().size());
        assertEquals(stats.oldest(), stats.newest());
        assertEquals(1, stats.oldest().orElseThrow().number());
        assertTrue(stats.bytes() >= Directories.SMALL.segmentBytes(), "allocated ahead");
        assertTrue(stats.reclaimableBytes() > stats.bytes() / 2, "and mostly unused");
        assertTrue(stats.lines().contains("entries: 7, from 3 to 9"), stats.lines().toString());
    }

    @Test
    void whatWasCompactedOrResetIsNotCounted() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 30, 50_000);
            storage.log().compact(30, 0);
            storage.log().reset(70, 5);
            Directories.appendDurably(storage.log(), 6, 2, 100);
        });
        final LogStats stats = LogStats.read(dir);
        assertEquals(71, stats.firstIndex());
        assertEquals(2, stats.entries());
        assertEquals(Map.of(6L, 2L), stats.terms());
        assertEquals(1, stats.recordsByKind().get("compaction"));
        assertEquals(1, stats.recordsByKind().get("reset"));
    }

    @Test
    void anEmptyLogHasNoSegments() {
        final LogStats stats = LogStats.read(Directories.formatted(temp.resolve("node")));
        assertEquals(0, stats.entries());
        assertEquals(0, stats.bytes());
        assertTrue(stats.oldest().isEmpty() && stats.newest().isEmpty());
        assertTrue(stats.lines().contains("terms: none"), stats.lines().toString());
    }

    @Test
    void aDamagedLogAndNoLogAreRefused() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 10, 100));
        final Directories.Place fifth = Directories.records(dir).get(5);
        Directories.flipBit(fifth.file(), fifth.payload() + 60);
        assertThrows(LogCorruptException.class, () -> LogStats.read(dir));
        assertThrows(RaftException.class, () -> LogStats.read(temp.resolve("nowhere")));
    }
}
