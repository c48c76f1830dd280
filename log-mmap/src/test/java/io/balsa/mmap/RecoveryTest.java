package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.mmap.Directories.Place;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of a directory after a crash, and after damage. */
class RecoveryTest {
    private static final int PAGE = 4096;

    @TempDir
    private Path temp;
    private Path dir;

    @BeforeEach
    void format() {
        dir = Directories.formatted(temp.resolve("node"));
    }

    @Test
    void aRecordTornAtTheEndIsDroppedAndNeverComesBack() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 100));
        final Place last = Directories.records(copy).getLast();
        Directories.overwrite(last.file(), last.payload() + 50, new byte[20]);

        Directories.use(copy, storage -> {
            assertEquals(Collections.nCopies(9, 1L), Directories.terms(storage.log()));
            Directories.appendDurably(storage.log(), 2, 1, 100);
        });

        Directories.use(copy, storage ->
            assertEquals(List.of(1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 2L), Directories.terms(storage.log())));
        assertEquals(List.of(), LogVerify.verify(copy));
    }

    @Test
    void aPageLostFromABatchThatWasNeverForcedCostsTheBatchFromThereOn() {
        final StalledDisk disk = new StalledDisk();
        final Path copy;
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL, disk)) {
            final RaftLog log = storage.log();
            Directories.appendDurably(log, 1, 10, 100);
            copy = copyWithAnUnforcedBatch(disk, log);
        }
        final List<Place> records = Directories.records(copy);
        assertTrue(records.size() >= 12, "header, ten durable entries, at least one of the batch");
        final Place torn = records.get(11);
        Directories.overwrite(torn.file(), torn.payload(), new byte[torn.length()]);

        Directories.use(copy, storage -> assertEquals(10, storage.log().lastIndex()));
    }

    private Path copyWithAnUnforcedBatch(StalledDisk disk, RaftLog log) {
        disk.stall();
        try {
            for (int i = 0; i < 200; i++) {
                Directories.append(log, 1, 100);
            }
            // The writer stalls in its force behind the first batch; the rest waits in memory.
            return awaitCopied(11);
        } finally {
            disk.goOn();
        }
    }

    private Path awaitCopied(int records) {
        for (int attempt = 0; ; attempt++) {
            final Path copy = Directories.copy(dir, temp.resolve("attempt-" + attempt));
            if (Directories.records(copy).size() > records) {
                return copy;
            }
            assertTrue(attempt < 1_000, "nothing is written while the disk stalls");
        }
    }

    @Test
    void aFlippedBitInADurableEntryIsRefusedWithFileAndIndex() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 100));
        final Place fifth = Directories.records(copy).get(5);
        Directories.flipBit(fifth.file(), fifth.payload() + fifth.length() - 7);
        assertCorrupt(copy, "entry 5 ", fifth.file().toString(), "rebuild");
    }

    @Test
    void aFlippedBitInTheFramingIsRefused() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 100));
        final Place fifth = Directories.records(copy).get(5);
        Directories.flipBit(fifth.file(), fifth.payload() - 4);
        assertCorrupt(copy, "entry 5 ", fifth.file().toString());
    }

    @Test
    void aFlippedBitInASegmentHeaderIsRefused() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 100));
        final Place header = Directories.records(copy).getFirst();
        Directories.flipBit(header.file(), header.payload() + header.length() - 1);
        assertCorrupt(copy, header.file().toString());
    }

    @Test
    void aZeroedPageAmongDurableEntriesIsRefused() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 3_000));
        final Place fifth = Directories.records(copy).get(5);
        final long page = (fifth.payload() + 1_000L) / PAGE * PAGE;
        Directories.overwrite(fifth.file(), page, new byte[PAGE]);
        assertCorrupt(copy, fifth.file().toString(), "damaged or missing");
    }

    @Test
    void aZeroedFirstPageIsRefused() {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 10, 100));
        final Path segment = Directories.segments(copy).getFirst();
        Directories.overwrite(segment, 0, new byte[PAGE]);
        assertCorrupt(copy, segment.toString());
    }

    @Test
    void aStaleFirstPageDoesNoHarm() throws IOException {
        final Path copy;
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            Directories.appendDurably(storage.log(), 1, 1, 100);
            final byte[] stale = firstPage(Directories.segments(dir).getFirst());
            Directories.appendDurably(storage.log(), 1, 20, 1_000);
            copy = Directories.copy(dir, temp.resolve("copy"));
            Directories.overwrite(Directories.segments(copy).getFirst(), 0, stale);
        }
        Directories.use(copy, storage -> {
            assertEquals(21, storage.log().lastIndex());
            Directories.appendDurably(storage.log(), 2, 1, 100);
        });
        Directories.use(copy, storage -> assertEquals(22, storage.log().lastIndex()));
    }

    private static byte[] firstPage(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(PAGE);
        }
    }

    @Test
    void aMissingSegmentIsRefusedWhereverItWas() throws IOException {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 60, 50_000));
        final int count = Directories.segments(dir).size();
        assertTrue(count >= 4, "several segments, not " + count);
        for (final int missing : new int[] {0, count / 2, count - 1}) {
            final Path copy = Directories.copy(dir, temp.resolve("without-" + missing));
            Files.delete(Directories.segments(copy).get(missing));
            assertCorrupt(copy, copy.toString());
        }
    }

    @Test
    void aMissingLogIsRefused() throws IOException {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        Files.delete(Directories.segments(dir).getFirst());
        assertCorrupt(dir, "ends at record 0");
    }

    @Test
    void aSegmentOfAnotherServerIsRefused() throws IOException {
        final Path other = temp.resolve("other");
        MmapStorage.format(other, new Identity(Directories.IDENTITY.clusterId(), 9, 77, true));
        Directories.use(other, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        final Path segment = Directories.segments(dir).getFirst();
        Files.delete(segment);
        Files.copy(Directories.segments(other).getFirst(), segment);
        assertCorrupt(dir, "belongs to", "node 9", segment.toString());
    }

    @Test
    void aLogOfAnotherClusterIsRefusedAlsoWhereNodeAndStoreAreCalledTheSame() throws IOException {
        final Identity own = Directories.IDENTITY;
        final Path other = temp.resolve("other");
        MmapStorage.format(other, new Identity(own.clusterId() + 1, own.nodeId(), own.storeId(), true));
        Directories.use(other, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 3, 100));
        Directories.delete(dir.resolve("log"));
        Files.move(other.resolve("log"), dir.resolve("log"));
        assertCorrupt(dir, "belongs to cluster ba15b", Directories.segments(dir).getFirst().toString());
    }

    @Test
    void aReadOfAnEntryDamagedSinceTheStartIsRefused() {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 10, 100));
        Directories.use(dir, storage -> {
            final Place fifth = Directories.records(dir).get(5);
            Directories.flipBit(fifth.file(), fifth.payload() + fifth.length() - 1);
            assertEquals(4, storage.log().read(1, 4, (index, term, kind, buffer, offset, length) -> true));
            final LogCorruptException refused = assertThrows(LogCorruptException.class,
                () -> storage.log().read(1, 10, (index, term, kind, buffer, offset, length) -> true));
            assertMentions(refused, "entry 5 ", fifth.file().toString(), "expected");
        });
    }

    @Test
    void aRecoveryCutShortAnywhereLeavesTheSameLog() {
        final Path copy = killedAfter(log -> {
            Directories.appendDurably(log, 1, 30, 50_000);
            log.truncateFrom(25);
            Directories.appendDurably(log, 2, 3, 100);
        });
        final Place last = Directories.records(copy).getLast();
        Directories.overwrite(last.file(), last.payload() + 50, new byte[20]);

        int cuts = 0;
        for (boolean opened = false; !opened; cuts++) {
            final StalledDisk disk = new StalledDisk();
            disk.failAfter(cuts);
            try (MmapStorage storage = MmapStorage.open(copy, Directories.SMALL, disk)) {
                assertEquals(26, storage.log().lastIndex());
                disk.failAfter(Integer.MAX_VALUE);
                opened = true;
            } catch (RaftException e) {
                assertTrue(e.getMessage().contains("planted"), e.getMessage());
                assertEquals(List.of(), LogVerify.verify(copy));
            }
        }
        assertTrue(cuts > 4, "cut at " + cuts + " places");
        Directories.use(copy, storage -> assertEquals(26, storage.log().lastIndex()));
    }

    @Test
    void anEmptyFileInPlaceOfTheNextSegmentIsDropped() throws IOException {
        final Path copy = killedAfter(log -> Directories.appendDurably(log, 1, 3, 100));
        final Path run = Directories.segments(copy).getFirst().getParent();
        Files.createFile(SegmentFiles.segmentFile(run, 2));
        Directories.use(copy, storage -> assertEquals(3, storage.log().lastIndex()));
        assertEquals(List.of(), LogVerify.verify(copy));
        assertFalse(Files.exists(SegmentFiles.segmentFile(run, 2)));
    }

    @Test
    void restartsDoNotGrowTheDisk() {
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 5, 100));
        for (int restart = 0; restart < 30; restart++) {
            Directories.use(dir, storage -> assertEquals(5, storage.log().lastIndex()));
        }
        // the one with the entries and the last run's, which the next start removes
        assertTrue(Directories.segments(dir).size() <= 2, Directories.segments(dir).toString());
    }

    @Test
    void aFormerSegmentGivesItsUnusedSpaceBack() throws IOException {
        for (int restart = 0; restart < 10; restart++) {
            Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 1, 100));
        }
        Directories.use(dir, storage -> assertEquals(10, storage.log().lastIndex()));
        final List<Path> segments = Directories.segments(dir);
        for (final Path segment : segments.subList(0, segments.size() - 1)) {
            assertTrue(Files.size(segment) < 64 << 10, segment + " has " + Files.size(segment) + " bytes");
        }
    }

    @Test
    void anEntryThatHoldsACopyOfALogDoesNotPassForOne() throws IOException {
        // The copy: records of this very store, from a run whose records knew far more to be durable.
        final Path elsewhere = killedAfter(log -> Directories.appendDurably(log, 1, 200, 8));
        final byte[] image;
        try (InputStream in = Files.newInputStream(Directories.segments(elsewhere).getFirst())) {
            final Place late = Directories.records(elsewhere).get(150);
            in.skipNBytes(late.payload() - 4L);
            image = in.readNBytes(2_000);
        }
        final Path copied = temp.resolve("copied");
        MmapStorage.format(copied, new Identity(1, 1, 4711, true));
        final Path killed;
        try (MmapStorage storage = MmapStorage.open(copied, Directories.SMALL)) {
            Directories.appendDurably(storage.log(), 1, 5, 100);
            storage.log().append(1, RaftLog.COMMAND, new UnsafeBuffer(image), 0, image.length);
            Directories.awaitPersisted(storage.log(), 6);
            killed = Directories.copy(copied, temp.resolve("copied-killed"));
        }
        final Place sixth = Directories.records(killed).getLast();
        Directories.flipBit(sixth.file(), sixth.payload() + 45);
        Directories.use(killed, storage -> assertEquals(5, storage.log().lastIndex()));
    }

    private Path killedAfter(Consumer<RaftLog> work) {
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            work.accept(storage.log());
            return Directories.copy(dir, temp.resolve("killed"));
        }
    }

    private static void assertCorrupt(Path dir, String... mentions) {
        final Map<Path, Long> before = sizes(dir);
        final LogCorruptException refused =
            assertThrows(LogCorruptException.class, () -> MmapStorage.open(dir, Directories.SMALL).close());
        assertMentions(refused, mentions);
        assertEquals(List.of(refused.getMessage()), LogVerify.verify(dir));
        assertEquals(before, sizes(dir), "what is damaged is left as it is");
    }

    private static void assertMentions(RaftException refused, String... mentions) {
        assertFalse(refused.getMessage().contains("\n"), "one line");
        for (final String mention : mentions) {
            assertTrue(refused.getMessage().contains(mention), () -> "'" + mention + "' in: " + refused.getMessage());
        }
    }

    private static Map<Path, Long> sizes(Path dir) {
        final Map<Path, Long> sizes = new TreeMap<>();
        for (final Path segment : Directories.segments(dir)) {
            try {
                sizes.put(segment, Files.size(segment));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sizes;
    }
}
