package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Zeros go ahead of the records, and never where a record is. */
@Timeout(60)
class ZeroedAheadTest {
    private static final int SEGMENT = 16 << 20;
    private static final int STEP = 256 << 10;
    private static final int AHEAD = 4 << 20;
    private static final int PAGE = 4096;
    private static final byte RECORD = 7;

    /** Tells what was done, and does what a test has planned for it. */
    private static final class Watched extends PlainDisk {
        private final List<Long> zeroed = new CopyOnWriteArrayList<>();
        private volatile Runnable beforeZeros = () -> { };
        private volatile boolean forcesFail;

        @Override
        public void zero(FileChannel channel, ByteBuffer zeros, long position) throws IOException {
            beforeZeros.run();
            super.zero(channel, zeros, position);
            zeroed.add(position);
        }

        @Override
        public void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to) throws IOException {
            if (forcesFail) {
                throw new IOException("planted: input/output error");
            }
            super.forcePart(channel, mapped, from, to);
        }
    }

    @TempDir
    private Path temp;
    private final Watched disk = new Watched();
    private final Progress progress = new Progress();
    private long secondNs = 1_000_000_000;
    private volatile long nowNs;
    private final ZeroedAhead zeros = new ZeroedAhead(disk, progress, SEGMENT, true, this::later);

    @AfterEach
    void close() throws IOException {
        zeros.close();
    }

    /** Each look at the clock finds it a second later, so that no log is fast, until a test stops it. */
    private long later() {
        nowNs += secondNs;
        return nowNs;
    }

    private Path segment(String name) throws IOException {
        final Path file = temp.resolve(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), SEGMENT - 1);
        }
        return file;
    }

    private void untilNothingIsDue() {
        while (zeros.isDue()) {
            zeros.step();
        }
    }

    @Test
    void theyReachSoFarAheadAndNoFarther() throws IOException {
        zeros.begin(segment("a"), PAGE);
        untilNothingIsDue();
        assertReach(PAGE);
        zeros.reach(3 << 20);
        assertTrue(zeros.isDue());
        untilNothingIsDue();
        assertReach(3 << 20);
        assertEquals(disk.zeroed.size(), disk.zeroed.stream().distinct().count(), "no page is written twice");
        zeros.leave();
        assertFalse(zeros.isDue(), "there is no segment in use");
    }

    private void assertReach(int reached) {
        final long to = disk.zeroed.getLast() + PAGE;
        assertTrue(to > reached + AHEAD - STEP && to <= reached + AHEAD + STEP, "to " + to + " for " + reached);
    }

    @Test
    void aLogThatGrowsFastHasTheDiskForItself() throws IOException {
        zeros.begin(segment("a"), PAGE);
        secondNs = 1_000_000;
        zeros.reach(1 << 20);
        untilNothingIsDue();
        final int before = disk.zeroed.size();
        zeros.reach(2 << 20); // a few milliseconds later
        untilNothingIsDue();
        assertEquals(before, disk.zeroed.size());
        secondNs = 1_000_000_000;
        zeros.reach(8 << 20);
        untilNothingIsDue();
        assertReach(8 << 20);
    }

    @Test
    void theyStopBeforeTheEndOfTheSegment() throws IOException {
        zeros.begin(segment("a"), PAGE);
        untilNothingIsDue();
        for (int at = 0; at < SEGMENT - (64 << 10); at += STEP / 2) {
            zeros.reach(at);
            untilNothingIsDue();
        }
        assertTrue(disk.zeroed.stream().allMatch(at -> at + PAGE <= SEGMENT - (64 << 10)), "the library's end mark");
    }

    @Test
    void aRecordWaitsForThePageThatIsBeingWritten() throws Exception {
        final CountDownLatch writing = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        disk.beforeZeros = () -> {
            writing.countDown();
            await(goOn);
        };
        zeros.begin(segment("a"), PAGE);
        final Thread preparer = Thread.ofPlatform().start(zeros::step);
        await(writing);
        final List<String> order = new CopyOnWriteArrayList<>();
        final Thread log = Thread.ofPlatform().start(() -> {
            zeros.reach(8 << 20);
            order.add("the record, after " + disk.zeroed.size() + " page");
        });
        awaitItsTurn(log);
        assertEquals(List.of(), order, "the page is on its way to where the record goes");
        goOn.countDown();
        log.join();
        preparer.join();
        assertEquals(List.of("the record, after 1 page"), order);
        assertEquals(1, disk.zeroed.size(), "the preparer has given way");
    }

    @Test
    void afterALeapTheyAreWholePagesAndComeToAnEnd() throws IOException {
        zeros.begin(segment("a"), 9_000_001);
        disk.beforeZeros = () -> {
            disk.beforeZeros = () -> { };
            awaitItsTurn(Thread.ofPlatform().start(() -> zeros.reach(9_300_002)));
        };
        for (int reached = 9_400_003; reached < SEGMENT - (64 << 10); reached += 50_001) {
            int steps = 0;
            while (zeros.isDue()) {
                zeros.step();
                assertTrue(++steps <= 2 * AHEAD / STEP, "an idle log writes zeros for ever");
            }
            zeros.reach(reached);
        }
        assertTrue(disk.zeroed.stream().allMatch(at -> at % PAGE == 0 && at + PAGE <= SEGMENT - (64 << 10)));
    }

    @Test
    void recordsThatAreFasterAreNeverOverwritten() throws Exception {
        final List<Path> segments = new CopyOnWriteArrayList<>();
        final Thread log = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < 12; i++) {
                    final Path file = segment("s" + i);
                    segments.add(file);
                    fill(file, i);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        while (log.isAlive()) {
            zeros.step();
        }
        log.join();
        assertEquals(12, segments.size());
        for (final Path file : segments) {
            final byte[] bytes = Files.readAllBytes(file);
            for (int at = 0; at < SEGMENT - (64 << 10); at++) {
                if (bytes[at] != RECORD) {
                    throw new AssertionError("a record of " + file + " was overwritten at " + at);
                }
            }
        }
        assertFalse(progress.poisoned());
    }

    /** With records, some of them in leaps, with rests in which the zeros get ahead. */
    private void fill(Path file, int way) throws IOException {
        final ByteBuffer records = ByteBuffer.allocateDirect(2 << 20);
        while (records.hasRemaining()) {
            records.put(RECORD);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            zeros.begin(file, 0);
            int at = 0;
            while (at < SEGMENT - (64 << 10)) {
                final int length = Math.min((way + 1) * (at % 5 == 0 ? 90_001 : 3_001), SEGMENT - (64 << 10) - at);
                zeros.reach(at + length);
                channel.write(records.clear().limit(length), at);
                at += length;
                for (int looks = 0; looks < way * 200 && zeros.isDue(); looks++) {
                    Thread.onSpinWait();
                }
            }
            zeros.leave();
        }
    }

    @Test
    void aSegmentThatWasLeftIsNotWrittenToAnyMore() throws Exception {
        final CountDownLatch first = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        zeros.begin(segment("a"), PAGE);
        disk.beforeZeros = () -> {
            first.countDown();
            await(goOn);
        };
        final Thread preparer = Thread.ofPlatform().start(zeros::step);
        await(first);
        final Thread log = Thread.ofPlatform().start(zeros::leave);
        awaitItsTurn(log);
        assertTrue(log.isAlive(), "the page is on its way to the file that is left");
        goOn.countDown();
        log.join();
        final int written = disk.zeroed.size();
        preparer.join();
        assertEquals(written, disk.zeroed.size(), "the log thread goes over to the next segment only then");
    }

    @Test
    void aForceThatFailsIsTheLogsOwn() throws IOException {
        disk.forcesFail = true;
        zeros.begin(segment("a"), PAGE);
        zeros.step();
        final String message = assertThrows(StorageException.class, progress::checkHealthy).getMessage();
        assertTrue(message.contains("force failed") && message.contains("check the disk"), message);
    }

    @Test
    void aWriteThatFailsCostsNothingButSpeed() throws IOException {
        disk.beforeZeros = () -> {
            throw new IllegalStateException("planted: no space left on device");
        };
        zeros.begin(segment("a"), PAGE);
        zeros.step();
        assertFalse(progress.poisoned());
        assertFalse(zeros.isDue(), "it is not tried again in this segment");
        zeros.begin(segment("b"), PAGE);
        assertTrue(zeros.isDue());
    }

    @Test
    void aSmallSegmentAndAFileSystemThatCopiesAreLeftAlone() throws IOException {
        isLeftAlone(new ZeroedAhead(disk, progress, SEGMENT / 2, true, this::later));
        isLeftAlone(new ZeroedAhead(disk, progress, SEGMENT, false, this::later));
    }

    private void isLeftAlone(ZeroedAhead none) throws IOException {
        none.begin(segment("a"), PAGE);
        assertFalse(none.isDue());
        none.reach(1 << 20);
        none.leave();
        assertEquals(List.of(), disk.zeroed);
    }

    /** Until the log thread has looked so often that it sleeps in between. */
    private static void awaitItsTurn(Thread log) {
        while (log.isAlive() && log.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aLogOverZerosReadsAsItWasWritten() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapConfig config = new MmapConfig(SEGMENT, 8 << 20);
        final int entries = 200_000;
        try (MmapStorage storage = MmapStorage.open(dir, config, disk)) {
            for (int i = 1; i <= entries; i++) {
                while (storage.log().roomFor(200) != RaftLog.Room.YES) {
                    Thread.onSpinWait();
                }
                storage.log().append(1, RaftLog.COMMAND, command(i), 0, 200);
            }
        }
        assertTrue(disk.zeroed.size() > 2 * STEP / PAGE, "no more than what stands ready: " + disk.zeroed.size());
        try (MmapStorage storage = MmapStorage.open(dir, config)) {
            assertEquals(entries, storage.log().lastIndex());
            storage.log().read(1, entries, (index, term, kind, buffer, offset, length) -> {
                assertEquals(command((int) index), new UnsafeBuffer(buffer, offset, length));
                return true;
            });
        }
    }

    private static UnsafeBuffer command(int number) {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[200]);
        command.setMemory(0, command.capacity(), (byte) (number | 1));
        command.putInt(100, number);
        return command;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
