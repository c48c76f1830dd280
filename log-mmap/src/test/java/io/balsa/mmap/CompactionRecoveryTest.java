package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.mmap.Directories.Place;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of a log whose front is gone, by compaction or otherwise. */
class CompactionRecoveryTest {
    private static final int LENGTH = 20_000;
    private static final int COUNT = 120;
    private static final int COMPACTED = 70;

    @TempDir
    private Path temp;
    private Path dir;
    private int copied;

    @BeforeEach
    void format() {
        dir = Directories.formatted(temp.resolve("node"));
    }

    /** A directory as a kill leaves it after a compaction whose files are gone; its log holds 71..120. */
    private Path compacted() {
        return compacted(new Steps());
    }

    private Path compacted(Steps steps) {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, steps)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, COUNT, LENGTH);
            final int before = Directories.segments(dir).size();
            Directories.awaitNextSegment(dir);
            steps.begin(dir);
            log.compact(COMPACTED, 0);
            awaitFirst(log, COMPACTED + 1);
            await(() -> Directories.segments(dir).size() < before - 2 && steps.frontGivenBack);
            steps.end();
            return Directories.copy(dir, temp.resolve("killed"));
        }
    }

    private static void awaitFirst(RaftLog log, long first) {
        await(() -> {
            log.pollPersisted((index, term) -> { });
            return log.firstIndex() == first;
        });
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.holds()) {
            assertFalse(System.nanoTime() > deadline, "what the test waits for does not happen");
            Directories.pause();
        }
    }

    private static void assertHolds(Path directory, long first, long last) {
        assertEquals(List.of(), LogVerify.verifyLog(directory));
        Directories.use(directory, storage -> {
            assertEquals(first, storage.log().firstIndex());
            assertEquals(last, storage.log().lastIndex());
            assertEquals(last - first + 1, indexes(storage.log()).size());
            Directories.appendDurably(storage.log(), 9, 1, 100);
        });
        Directories.use(directory, storage -> assertEquals(last + 1, storage.log().lastIndex()));
    }

    private static List<Long> indexes(RaftLog log) {
        final List<Long> indexes = new ArrayList<>();
        if (log.lastIndex() >= log.firstIndex()) {
            log.read(log.firstIndex(), log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
                assertEquals(index, buffer.getLong(offset), "each command tells its index");
                return indexes.add(index);
            });
        }
        return indexes;
    }

    private static void assertRefused(Path directory, String... mentions) {
        final LogCorruptException refused =
            assertThrows(LogCorruptException.class, () -> MmapStorage.open(directory, Directories.SMALL).close());
        for (final String mention : mentions) {
            assertTrue(refused.getMessage().contains(mention), () -> "'" + mention + "' in: " + refused.getMessage());
        }
        assertFalse(refused.getMessage().contains("\n"), "one line");
        assertEquals(List.of(refused.getMessage()), LogVerify.verifyLog(directory));
    }

    @Test
    void aFrontThatARecordCoversMayBeMissing() {
        assertHolds(compacted(), COMPACTED + 1, COUNT);
    }

    @Test
    void aMissingFirstSegmentThatNoRecordCoversIsRefused() throws IOException {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, COUNT, LENGTH));
        Files.delete(Directories.segments(dir).getFirst());
        assertRefused(dir, "begins at entry", Directories.segments(dir).getFirst().toString(), "rebuild");
    }

    @Test
    void aMissingSegmentBehindTheFrontIsRefused() throws IOException {
        final Path killed = compacted();
        final int count = Directories.segments(killed).size();
        assertTrue(count >= 3, "several segments, not " + count);
        for (final int missing : new int[] {0, 1}) {
            final Path copy = Directories.copy(killed, temp.resolve("without-" + missing));
            Files.delete(Directories.segments(copy).get(missing));
            assertRefused(copy, "rebuild");
        }
    }

    @Test
    void aSegmentBegunBeforeATruncationStandsAloneToo() {
        Directories.use(dir, storage -> {
            final RaftLog log = storage.log();
            do {
                Directories.appendDurably(log, 1, 1, LENGTH);
            } while (Directories.segments(dir).size() < 3);
            // This segment's header says that the log went on with the entry just appended.
            final long newest = log.lastIndex();
            log.truncateFrom(newest - 5);
            Directories.appendDurably(log, 2, 10, 100);
            log.compact(newest - 4, 0);
            awaitFirst(log, newest - 3);
            await(() -> Directories.segments(dir).size() == 1);
        });
        assertEquals(List.of(), LogVerify.verifyLog(dir));
        Directories.use(dir, storage -> assertEquals(8, indexes(storage.log()).size()));
    }

    @Test
    void aFrontGivenBackUpToTheRecordThatSaysSoIsNotMissed() {
        assertStandsWithoutItsFront(log -> log.compact(log.lastIndex(), 0));
        dir = Directories.formatted(temp.resolve("another"));
        assertStandsWithoutItsFront(log -> log.reset(log.lastIndex() + 7, 3));
    }

    private void assertStandsWithoutItsFront(Consumer<RaftLog> drop) {
        final Steps steps = new Steps();
        final long[] first = {0};
        final long[] last = {0};
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, steps)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, 15, LENGTH);
            first[0] = log.lastIndex() + 1;
            drop.accept(log);
            first[0] = Math.max(first[0], log.lastIndex() + 1);
            Directories.appendDurably(log, 3, COUNT / 2, LENGTH);
            assertEquals(first[0], log.firstIndex());
            await(() -> steps.frontGivenBack);
            last[0] = log.lastIndex();
        }
        assertHolds(dir, first[0], last[0]);
    }

    @Test
    void olderSegmentsThatComeBackDoNoHarm() throws IOException {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, COUNT, LENGTH));
        final Path before = Directories.copy(dir, temp.resolve("before"));
        Directories.use(dir, storage -> {
            storage.log().compact(COUNT, 0);
            awaitFirst(storage.log(), COUNT + 1);
            Directories.appendDurably(storage.log(), 1, 3, LENGTH);
        });
        Directories.use(dir, storage -> assertEquals(COUNT + 1, storage.log().firstIndex()));
        final List<Path> gone = Directories.segments(before);
        assertTrue(gone.size() >= 5, "several segments");
        // all of them, then only the oldest, then every other one
        for (final int step : new int[] {1, gone.size(), 2}) {
            final Path copy = Directories.copy(dir, temp.resolve("resurrected-" + step));
            for (int i = 0; i < gone.size(); i += step) {
                final Path target = copy.resolve(before.relativize(gone.get(i)).toString());
                Files.createDirectories(target.getParent());
                Files.copy(gone.get(i), target, StandardCopyOption.REPLACE_EXISTING);
            }
            assertHolds(copy, COUNT + 1, COUNT + 3);
            assertTrue(Directories.segments(copy).size() <= 3, "and are deleted again");
        }
    }

    @Test
    void aFlippedBitInTheRecordThatCoversTheFrontIsRefused() {
        final Path killed = compacted();
        final Place record = recordSaying(killed, "compaction up to");
        Directories.flipBit(record.file(), record.payload() + record.length() - 12L);
        assertRefused(killed, "rebuild");
    }

    @Test
    void aFlippedBitInThatRecordIsNoTornTailOnceSomethingFollowed() {
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 10, 100);
            storage.log().compact(5, 0);
            awaitFirst(storage.log(), 6);
            Directories.appendDurably(storage.log(), 1, 2, 100);
        });
        final Place record = recordSaying(dir, "compaction up to");
        Directories.flipBit(record.file(), record.payload() + record.length() - 12L);
        assertRefused(dir, record.file().toString(), "entry 11 ");
    }

    @Test
    void aResetTornByACrashNeverHappened() {
        final StalledDisk disk = new StalledDisk();
        final Path copy;
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            Directories.appendDurably(storage.log(), 1, 10, 100);
            disk.stall();
            storage.log().reset(70, 3);
            disk.awaitHeld(); // written, and its force is on its way
            copy = Directories.copy(dir, temp.resolve("killed"));
            disk.goOn();
        }
        final Path torn = Directories.copy(copy, temp.resolve("torn"));
        final Place reset = recordSaying(torn, "reset to");
        Directories.overwrite(reset.file(), reset.payload() + 20, new byte[20]);
        assertHolds(torn, 1, 10);
        assertHolds(copy, 71, 70);
    }

    @Test
    void aDurableResetThatIsDamagedIsRefused() {
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 10, 100);
            storage.log().reset(70, 3);
            Directories.appendDurably(storage.log(), 4, 2, 100);
        });
        final Place reset = recordSaying(dir, "reset to");
        Directories.flipBit(reset.file(), reset.payload() + reset.length() - 12L);
        assertRefused(dir, reset.file().toString(), "entry 11 ");
    }

    @Test
    void aTruncationThatIsDamagedIsRefused() {
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 10, 100);
            storage.log().compact(3, 0);
            awaitFirst(storage.log(), 4);
            storage.log().truncateFrom(8);
            Directories.appendDurably(storage.log(), 4, 2, 100);
        });
        final Place truncation = recordSaying(dir, "truncate from");
        Directories.flipBit(truncation.file(), truncation.payload() + truncation.length() - 3L);
        assertRefused(dir, truncation.file().toString());
    }

    @Test
    void swappedBlocksAreRefused() throws IOException {
        final int page = 4096;
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 40, 1_000));
        final Place some = Directories.records(dir).get(20);
        final long first = some.payload() / page * page;
        try (FileChannel file = FileChannel.open(some.file(), StandardOpenOption.READ)) {
            final byte[] one = new byte[page];
            final byte[] other = new byte[page];
            file.read(ByteBuffer.wrap(one), first);
            file.read(ByteBuffer.wrap(other), first + page);
            Directories.overwrite(some.file(), first, other);
            Directories.overwrite(some.file(), first + page, one);
        }
        assertRefused(dir, some.file().toString(), "damaged or missing");
    }

    @Test
    void inTheActiveSegmentDamageUnderAcknowledgedEntriesIsToldFromATornTail() {
        final Path killed;
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            Directories.appendDurably(storage.log(), 1, 10, 100);
            killed = Directories.copy(dir, temp.resolve("killed"));
        }
        final Place last = Directories.records(killed).getLast();
        final Path torn = Directories.copy(killed, temp.resolve("torn"));
        Directories.overwrite(torn.resolve(killed.relativize(last.file())), last.payload() + 50, new byte[20]);
        assertHolds(torn, 1, 9);
        final Place ninth = Directories.records(killed).get(9);
        Directories.flipBit(ninth.file(), ninth.payload() + 60);
        assertRefused(killed, "entry 9 ");
    }

    @Test
    void aStaleLockWithOurOwnPidKeepsNobodyOut() throws IOException {
        // A killed process leaves its lock file, and its process id in the queue's table; here it is our own.
        final Path killed = compacted();
        assertTrue(Directories.segments(killed).getFirst().resolveSibling("metadata.cq4t").toFile().exists());
        Files.writeString(killed.resolve("lock"), Long.toString(ProcessHandle.current().pid()));
        final long before = System.nanoTime();
        assertHolds(killed, COMPACTED + 1, COUNT);
        assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(10), "nor waits for itself");
    }

    @Test
    void aCrashAtAnyStepOfACompactionLeavesASoundLog() {
        final Steps steps = new Steps();
        compacted(steps);
        assertTrue(steps.copies.size() >= 8, "only " + steps.copies.size() + " steps");
        for (final Path copy : steps.copies) {
            assertEquals(List.of(), LogVerify.verifyLog(copy));
            try (MmapStorage storage = MmapStorage.open(copy, Directories.SMALL)) {
                assertEquals(COMPACTED + 1, storage.log().firstIndex());
                assertEquals(COUNT, storage.log().lastIndex());
                assertEquals(COUNT - COMPACTED, indexes(storage.log()).size());
            }
        }
    }

    @Test
    void aRecoveryCutShortAtAnyStepLeavesTheSameLog() {
        final Path killed = compacted();
        final Steps steps = new Steps();
        steps.begin(killed);
        MmapStorage.open(killed, Directories.SMALL, steps).close();
        steps.end();
        assertTrue(steps.copies.size() > 5, "only " + steps.copies.size() + " steps");
        for (final Path copy : steps.copies) {
            assertHolds(copy, COMPACTED + 1, COUNT);
        }
    }

    private static Place recordSaying(Path directory, String what) {
        final List<String> lines = new ArrayList<>();
        LogDump.dump(directory, lines::add);
        final List<String> records = lines.stream().filter(line -> line.contains("record ")).toList();
        final String found = records.stream().filter(line -> line.contains(what)).reduce((one, two) -> two)
            .orElseThrow(() -> new AssertionError("no record says " + what));
        final int payload = Integer.parseInt(found.strip().split(" ")[0]);
        final String seq = found.replaceFirst(".*record (\\d+) .*", "$1");
        return Directories.placeOf(directory, payload, Long.parseLong(seq));
    }

    /** Copies the directory, as a kill would leave it, before each step by which a disk could tell a difference. */
    private final class Steps implements Disk {
        private final List<Path> copies = new ArrayList<>();
        private Path watched;
        private volatile boolean frontGivenBack;

        synchronized void begin(Path directory) {
            watched = directory;
        }

        synchronized void end() {
            watched = null;
        }

        @Override
        public void force(FileChannel channel, boolean metaData) throws IOException {
            step();
            Disk.REAL.force(channel, metaData);
        }

        @Override
        public void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to) throws IOException {
            step();
            Disk.REAL.forcePart(channel, mapped, from, to);
        }

        @Override
        public void preallocate(Path file, long bytes) throws IOException {
            Disk.REAL.preallocate(file, bytes);
        }

        @Override
        public void giveBack(Path file, long from, long to) throws IOException {
            step();
            Disk.REAL.giveBack(file, from, to);
            frontGivenBack = true;
        }

        @Override
        public boolean delete(Path file) throws IOException {
            step();
            return Disk.REAL.delete(file);
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            step();
            Disk.REAL.forceDirectory(directory);
        }

        private synchronized void step() {
            if (watched != null) {
                copies.add(Directories.copy(watched, temp.resolve("step-" + copied++)));
            }
        }
    }
}
