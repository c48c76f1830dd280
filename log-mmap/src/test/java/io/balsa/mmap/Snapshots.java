package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Receiving;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** Snapshots as tests need them. The state after an entry is told by the entry's index. */
final class Snapshots {
    static final long CLUSTER = Directories.IDENTITY.clusterId();
    static final SortedSet<Integer> MEMBERS = new TreeSet<>(List.of(1, 2, 3));
    /** A chunk, and another that is not full. */
    static final int STATE_BYTES = (1 << 20) + 200_000;
    /** Several steps to a snapshot, and hardly a rest between them. */
    static final SnapshotPace PACE = new SnapshotPace(400_000, 0.1, Long.MAX_VALUE);

    private Snapshots() {
    }

    static SnapshotFiles open(Path dir, Disk disk) {
        try {
            return SnapshotFiles.open(Files.createDirectories(dir), CLUSTER, PACE, disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Snapshot save(SnapshotStore store, long index) {
        return store.save(index, 2, 0, MEMBERS, out -> out.write(state(index)));
    }

    static byte[] state(long index) {
        final byte[] state = new byte[STATE_BYTES];
        new SplittableRandom(index).nextBytes(state);
        return state;
    }

    /** A snapshot of another member, and all its bytes. */
    record Sent(Snapshot snapshot, UnsafeBuffer bytes) {
    }

    static Sent sent(Path dir, long index) {
        try (SnapshotFiles other = open(dir, Disk.REAL)) {
            final Snapshot snapshot = save(other, index);
            return new Sent(snapshot, bytes(other, snapshot));
        }
    }

    static UnsafeBuffer bytes(SnapshotStore store, Snapshot snapshot) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[(int) snapshot.length()]);
        store.read(snapshot, 0, bytes, 0, bytes.capacity());
        return bytes;
    }

    static boolean receive(SnapshotStore store, Sent sent) {
        final Receiving receiving = store.receive(sent.snapshot);
        final int piece = 500_000;
        while (receiving.position() < sent.bytes.capacity()) {
            final int from = (int) receiving.position();
            receiving.write(sent.bytes, from, Math.min(piece, sent.bytes.capacity() - from));
        }
        return receiving.complete();
    }

    static byte[] stateOf(SnapshotStore store, Snapshot snapshot) {
        try (InputStream in = store.open(snapshot)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Checks that the newest snapshot is one of these, and whole. */
    static long assertNewest(String when, SnapshotStore store, Long... oneOf) {
        final Snapshot newest = store.newest().orElseThrow(() -> new AssertionError(when + " no snapshot is left"));
        assertTrue(List.of(oneOf).contains(newest.index()), () -> when + " the newest is " + newest);
        assertArrayEquals(state(newest.index()), stateOf(store, newest), when);
        return newest.index();
    }

    /** Checks that nothing of an unfinished one is left. */
    static void assertNoLeftovers(String when, Path dir) {
        assertTrue(files(dir).stream().allMatch(file -> file.toString().endsWith(".snapshot")),
            () -> when + " there are leftovers: " + files(dir));
    }

    static List<Path> files(Path dir) {
        try (Stream<Path> files = Files.list(SnapshotDirectory.of(dir))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
