package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a disk does to a snapshot that was whole once is noticed, wherever it does it. */
class SnapshotDamageTest {
    private static final long FORMER = 5;
    private static final long NEWEST = 9;
    private static final int FLIPS = 300;

    @TempDir
    private Path temp;
    private Path dir;
    private SnapshotFiles store;
    private Snapshot newest;
    private Path file;
    private byte[] whole;
    private byte[] state;
    private int headerBytes;
    private LogLines lines;

    @BeforeEach
    void twoSnapshotsAreThere() throws IOException {
        dir = Directories.formatted(temp.resolve("node"));
        store = Snapshots.open(dir, Disk.REAL);
        Snapshots.save(store, FORMER);
        newest = Snapshots.save(store, NEWEST);
        file = Snapshots.files(dir).getLast();
        whole = Files.readAllBytes(file);
        state = Snapshots.state(NEWEST);
        headerBytes = SnapshotFormat.headerLength(Snapshots.MEMBERS.size());
        lines = new LogLines(SnapshotFiles.class);
    }

    @AfterEach
    void close() {
        store.close();
        lines.close();
    }

    @Test
    void aBitThatFlipsAnywhereIsNoticedBeforeAWrongByteIsHandedOver() throws IOException {
        final SplittableRandom random = new SplittableRandom(1);
        final IntStream anywhere = random.ints(FLIPS, 0, whole.length);
        final IntStream header = IntStream.range(0, headerBytes + SnapshotFormat.CHUNK_HEADER);
        final IntStream footer = IntStream.range(whole.length - SnapshotFormat.FOOTER, whole.length);
        for (final int position : IntStream.concat(anywhere, IntStream.concat(header, footer)).toArray()) {
            final byte[] damaged = whole.clone();
            damaged[position] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            assertNoticed("a bit flipped at " + position, damaged);
        }
        Files.write(file, whole);
        assertEquals(List.of(), SnapshotVerify.verify(dir));
        Snapshots.assertNewest("mended", store, NEWEST);
    }

    @Test
    void oneThatRottedIsWrittenAnewThoughItsFileWasBeingSent() throws IOException {
        Snapshots.bytes(store, newest); // its file stays open for that
        final byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        assertNoticed("rotten", damaged);
        final Snapshot again = Snapshots.save(store, NEWEST);
        assertEquals(newest, again, "equal states are equal bytes");
        assertArrayEquals(whole, Files.readAllBytes(file));
        assertArrayEquals(state, Snapshots.stateOf(store, again));
        assertEquals(new UnsafeBuffer(whole), Snapshots.bytes(store, again), "what is sent is the new file");
        assertEquals(2, Snapshots.files(dir).size());
    }

    /** By a node that has the snapshot open, and by the offline check. */
    private LogCorruptException assertNoticed(String what, byte[] damaged) throws IOException {
        Files.write(file, damaged);
        final ByteArrayOutputStream handedOver = new ByteArrayOutputStream();
        final LogCorruptException noticed = assertThrows(LogCorruptException.class, () -> {
            try (InputStream in = store.open(newest)) {
                in.transferTo(handedOver);
            }
        }, what);
        assertArrayEquals(Arrays.copyOf(state, handedOver.size()), handedOver.toByteArray(), what);
        assertTrue(noticed.getMessage().contains(file.toString()), noticed.getMessage());
        assertTrue(noticed.getMessage().contains("--rebuild"), noticed.getMessage());
        assertFalse(noticed.getMessage().contains("\n"), "one line");
        assertEquals(List.of(noticed.getMessage()), SnapshotVerify.verify(dir), what);
        return noticed;
    }

    @Test
    void theMessageSaysWhereAndWhatWasExpectedAndFound() throws IOException {
        final byte[] damaged = whole.clone();
        damaged[headerBytes + SnapshotFormat.CHUNK_HEADER + SnapshotFormat.CHUNK_BYTES + 100] ^= 1;
        final String message = assertNoticed("the second chunk", damaged).getMessage();
        final int second = headerBytes + SnapshotFormat.CHUNK_HEADER + SnapshotFormat.CHUNK_BYTES;
        assertTrue(message.matches(".* at offset " + second
            + ": checksum of the chunk: expected [0-9a-f]{8}, found [0-9a-f]{8}; .*"), message);
    }

    @Test
    void aFileThatIsShorterOrLongerIsNoticed() throws IOException {
        final SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 50; i++) {
            final int length = i == 0 ? 0 : random.nextInt(whole.length);
            assertNoticed("cut to " + length, Arrays.copyOf(whole, length));
        }
        assertNoticed("longer by a byte", Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void aZeroedPageIsNoticed() throws IOException {
        final int page = 4096;
        for (int from = 0; from < whole.length; from += 20 * page) {
            final byte[] damaged = whole.clone();
            Arrays.fill(damaged, from, Math.min(from + page, damaged.length), (byte) 0);
            assertNoticed("zeros from " + from, damaged);
        }
    }

    @Test
    void swappedChunksAreNoticed() throws IOException {
        final int chunkAndHeader = SnapshotFormat.CHUNK_HEADER + SnapshotFormat.CHUNK_BYTES;
        newest = store.save(NEWEST + 1, 2, 0, Snapshots.MEMBERS, out -> {
            out.write(Snapshots.state(NEWEST), 0, SnapshotFormat.CHUNK_BYTES);
            out.write(Snapshots.state(FORMER), 0, SnapshotFormat.CHUNK_BYTES);
        });
        file = Snapshots.files(dir).getLast();
        whole = Files.readAllBytes(file);
        final byte[] swapped = whole.clone();
        System.arraycopy(whole, headerBytes, swapped, headerBytes + chunkAndHeader, chunkAndHeader);
        System.arraycopy(whole, headerBytes + chunkAndHeader, swapped, headerBytes, chunkAndHeader);
        Files.write(file, swapped);
        final LogCorruptException noticed = assertThrows(LogCorruptException.class,
            () -> Snapshots.stateOf(store, newest));
        assertTrue(noticed.getMessage().contains("checksum of the chunk"), noticed.getMessage());
        assertEquals(1, SnapshotVerify.verify(dir).size());
    }

    /** The disk lost a write, and the block still holds what an older snapshot had there. */
    @Test
    void aSoundChunkOfAnotherSnapshotIsNoticed() throws IOException {
        final byte[] former = Files.readAllBytes(Snapshots.files(dir).getFirst());
        final byte[] damaged = whole.clone();
        final int length = SnapshotFormat.CHUNK_HEADER + SnapshotFormat.CHUNK_BYTES;
        System.arraycopy(former, headerBytes, damaged, headerBytes, length);
        assertNoticed("a chunk of the former snapshot", damaged);
    }

    @Test
    void aFileThatIsNotWholeIsKeptAsideAtTheNextStartAndNotTakenForASnapshot() throws IOException {
        store.close();
        final int[] places = {0, 9, 13, 20, 30, headerBytes - 1, headerBytes + 40, whole.length / 2,
            whole.length - SnapshotFormat.FOOTER,
            whole.length - 30, whole.length - 1};
        for (final int place : places) {
            final byte[] damaged = whole.clone();
            damaged[place] ^= 4;
            assertSetAside("a bit flipped at " + place, damaged);
        }
        assertSetAside("cut", Arrays.copyOf(whole, whole.length - 1));
        assertSetAside("empty", new byte[0]);
    }

    private void assertSetAside(String what, byte[] damaged) throws IOException {
        Files.deleteIfExists(SnapshotDirectory.damaged(file));
        Files.write(file, damaged);
        lines.clear();
        try (SnapshotFiles after = Snapshots.open(dir, Disk.REAL)) {
            Snapshots.assertNewest(what, after, FORMER);
        }
        assertFalse(Files.exists(file), what);
        assertArrayEquals(damaged, Files.readAllBytes(SnapshotDirectory.damaged(file)), what);
        assertEquals(1, lines.all().size(), what);
        assertTrue(lines.all().getFirst().contains(file.toString()), lines.all().getFirst());
    }

    @Test
    void aSnapshotOfAnotherClusterIsKeptAside() throws IOException {
        store.close();
        try (SnapshotFiles foreign = SnapshotFiles.open(dir, Snapshots.CLUSTER + 1, Snapshots.PACE, Disk.REAL)) {
            assertEquals(Optional.empty(), foreign.newest());
        }
        assertEquals(2, lines.all().size());
        assertTrue(lines.all().getFirst().contains("belongs to cluster ba15a, this node to ba15b"),
            lines.all().getFirst());
    }

    @Test
    void aSnapshotUnderAnotherNameIsKeptAside() throws IOException {
        store.close();
        final Path renamed = file.resolveSibling(file.getFileName().toString().replace("9-2-", "8-2-"));
        Files.move(file, renamed);
        try (SnapshotFiles after = Snapshots.open(dir, Disk.REAL)) {
            Snapshots.assertNewest("misnamed", after, FORMER);
        }
        assertTrue(Files.exists(SnapshotDirectory.damaged(renamed)));
        assertTrue(lines.all().getFirst().contains(file.getFileName().toString()), lines.all().getFirst());
    }

    /** Its header may have any form: this one is longer, so that no checksum is where this version has it. */
    private byte[] ofALaterVersion() {
        final ByteBuffer later = ByteBuffer.allocate(whole.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        later.put(whole, 0, 12).putLong(-1).put(whole, 12, whole.length - 12).putInt(8, 2);
        return later.array();
    }

    @Test
    void aSnapshotOfALaterVersionIsLeftAloneAndTheNodeDoesNotStart() throws IOException {
        store.close();
        Files.write(file, ofALaterVersion());
        final RaftException refused = assertThrows(RaftException.class, () -> Snapshots.open(dir, Disk.REAL).close());
        assertTrue(refused.getMessage().contains(file + " is of version 2"), refused.getMessage());
        assertFalse(refused instanceof LogCorruptException, "it is no damage");
        assertTrue(Files.exists(file), "it is left alone");
        assertThrows(RaftException.class, () -> MmapStorage.rebuildIfDamaged(dir, Snapshots.CLUSTER,
            Directories.IDENTITY.nodeId()), "nor is it a reason to empty the directory");
        assertTrue(Files.exists(file));
    }

    @Test
    void aSnapshotOfALaterVersionIsNotReceived() {
        final byte[] later = ofALaterVersion();
        final Snapshot announced = new Snapshot(NEWEST + 1, 2, 0, 7, later.length);
        final SnapshotStore.Receiving receiving = store.receive(announced);
        receiving.write(new UnsafeBuffer(later), 0, later.length);
        final StorageException refused = assertThrows(StorageException.class, receiving::complete);
        assertTrue(refused.getMessage().contains("is of version 2"), refused.getMessage());
        Snapshots.assertNewest("refused", store, NEWEST);
        Snapshots.assertNoLeftovers("refused", dir);
    }

    @Test
    void ofThoseThatWereSetAsideTheNewestIsKept() throws IOException {
        store.close();
        final Path former = Snapshots.files(dir).getFirst();
        Directories.flipBit(former, 20);
        Snapshots.open(dir, Disk.REAL).close();
        assertEquals(List.of(SnapshotDirectory.damaged(former)), SnapshotDirectory.setAside(SnapshotDirectory.of(dir)));
        Directories.flipBit(file, 20);
        Snapshots.open(dir, Disk.REAL).close();
        assertEquals(List.of(SnapshotDirectory.damaged(file)), SnapshotDirectory.setAside(SnapshotDirectory.of(dir)));
        assertEquals(1, SnapshotVerify.setAside(dir).size());
        assertEquals(List.of(), SnapshotVerify.verify(dir), "it is known, and no finding any more");
    }

    /** The layout is a contract with files on disks and with other members: it must not change by accident. */
    @Test
    void theSameBytesAreWrittenAsEver() throws IOException {
        final byte[] state = {'s', 't', 'a', 't', 'e'};
        final Snapshot tiny = store.save(10, 3, 4, Snapshots.MEMBERS, out -> out.write(state));
        assertEquals(new Snapshot(10, 3, 4, 4258526085203150410L, 117), tiny);
        final CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(Snapshots.files(dir).getLast()));
        assertEquals(1484745146L, crc.getValue());
    }
}
