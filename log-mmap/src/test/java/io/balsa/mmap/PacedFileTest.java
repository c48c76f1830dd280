package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log's forces find on the disk before them while a snapshot is written. */
class PacedFileTest {
    private static final int STEP = 10_000;

    @TempDir
    private Path temp;

    /** Notes how much was written and not forced, at each force. */
    private static final class Backlog implements Disk {
        private final List<Long> forced = new ArrayList<>();
        private long written;

        @Override
        public void force(FileChannel channel, boolean metaData) throws IOException {
            REAL.force(channel, metaData);
            forced.add(written);
            written = 0;
        }

        @Override
        public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
            final int bytes = REAL.write(channel, source, position);
            written += bytes;
            return bytes;
        }

        @Override
        public void preallocate(Path file, long bytes) {
            throw new AssertionError("not asked for");
        }
    }

    @Test
    void noMoreThanAStepIsEverWaitingToBeForced() throws IOException {
        final Backlog disk = new Backlog();
        final Path path = temp.resolve("file");
        final byte[] bytes = new byte[4 * STEP + 3];
        new SplittableRandom(1).nextBytes(bytes);
        try (PacedFile file = open(path, disk, new SnapshotPace(STEP, 0, Long.MAX_VALUE))) {
            file.write(ByteBuffer.wrap(bytes, 0, 1));
            file.write(ByteBuffer.wrap(bytes, 1, 2 * STEP + 1));
            file.write(ByteBuffer.wrap(bytes, 2 * STEP + 2, 0));
            file.write(ByteBuffer.wrap(bytes, 2 * STEP + 2, bytes.length - 2 * STEP - 2));
            assertEquals(bytes.length, file.position());
            file.force();
        }
        final long step = STEP;
        assertEquals(List.of(step, step, step, step, 3L), disk.forced);
        assertArrayEquals(bytes, Files.readAllBytes(path));
    }

    @Test
    void itIsNoFasterThanThePaceAllows() throws IOException {
        final SnapshotPace pace = new SnapshotPace(STEP, 0, 50 * STEP);
        final long start = System.nanoTime();
        try (PacedFile file = open(temp.resolve("file"), Disk.REAL, pace)) {
            file.write(ByteBuffer.allocate(5 * STEP));
        }
        assertTrue(System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(1) / 10, "five steps at 50 a second");
    }

    @Test
    void aSlowDiskIsLeftAloneInProportion() {
        final SnapshotPace pace = new SnapshotPace(1 << 20, 2, 1 << 20);
        final long second = TimeUnit.SECONDS.toNanos(1);
        assertEquals(second - 1_000, pace.restNanos(1 << 20, 1_000), "the rate decides");
        assertEquals(2 * second, pace.restNanos(1 << 20, second), "the disk decides");
        assertEquals(0, SnapshotPace.unpaced().restNanos(1 << 20, second));
    }

    @Test
    void onceTheStorageIsBeingClosedNothingMoreIsWritten() throws IOException {
        final boolean[] closing = {false};
        try (PacedFile file = new PacedFile(FileChannel.open(temp.resolve("file"), StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE), Disk.REAL, new SnapshotPace(STEP, 0, 1), () -> closing[0])) {
            file.write(ByteBuffer.allocate(1));
            closing[0] = true;
            assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(1)));
            file.force(); // a byte a second: it must not take that second
            assertEquals(1, file.position());
        }
    }

    @Test
    void aPaceThatMakesNoSenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SnapshotPace(100, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SnapshotPace(1 << 20, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SnapshotPace(1 << 20, Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> new SnapshotPace(1 << 20, 1, 0));
        assertEquals(SnapshotPace.defaults(), new MmapConfig(1 << 20, 1 << 20).snapshotPace());
    }

    private static PacedFile open(Path path, Disk disk, SnapshotPace pace) throws IOException {
        return new PacedFile(FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), disk,
            pace, () -> false);
    }
}
