package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log that was compacted misses its front, and that is no damage. */
@Timeout(60)
class LogDumpTest {
    private static final int COMPACTED = 70;
    private static final int COUNT = 120;

    @TempDir
    private Path temp;
    private Path dir;

    @BeforeEach
    void compact() {
        dir = Directories.formatted(temp.resolve("node"));
        final StepDisk disk = new StepDisk();
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, COUNT, 20_000);
            Directories.awaitNextSegment(dir);
            log.compact(COMPACTED, 0);
            while (disk.calls().stream().noneMatch(call -> call.startsWith("give back"))) {
                log.pollPersisted((index, term) -> { });
                Directories.pause();
            }
        }
    }

    private List<String> dumped() {
        final List<String> lines = new ArrayList<>();
        LogDump.dump(dir, lines::add);
        return lines;
    }

    private static long count(List<String> lines, String what) {
        return lines.stream().filter(line -> line.contains(what)).count();
    }

    @Test
    void whatWasGivenBackIsNotCalledDamaged() {
        final List<String> lines = dumped();
        assertEquals(0, count(lines, "damaged") + count(lines, "nothing sound"), lines.toString());
        assertTrue(count(lines, "given back") > 0, lines.toString());
        assertTrue(count(lines, "entry index ") >= COUNT - COMPACTED, lines.toString());
    }

    @Test
    void whatIsDamagedBehindItIs() {
        final List<Directories.Place> records = Directories.records(dir);
        final Directories.Place late = records.get(records.size() - 5);
        Directories.flipBit(late.file(), late.payload() + 60);
        assertTrue(count(dumped(), "damaged") > 0, () -> dumped().toString());
    }
}
