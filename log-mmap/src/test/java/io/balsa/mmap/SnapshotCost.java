package io.balsa.mmap;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a snapshot costs, to be run by hand: {@code SnapshotCost DIR [MiB] [stepKiB restFactor MiBPerSecond]}. Saves and
 * verifies a snapshot, unpaced and paced, and measures how long an entry of the log takes to become durable before each
 * and meanwhile.
 */
final class SnapshotCost {
    private static final int MIB = 1 << 20;
    private static final int ENTRY_BYTES = 256;
    private static final long BEFORE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long THINK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final int MOST_ENTRIES = 1 << 20;

    private final long[] latencies = new long[MOST_ENTRIES];
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[ENTRY_BYTES]);
    private final long bytes;
    private long lastPersisted;

    private SnapshotCost(long bytes) {
        this.bytes = bytes;
    }

    public static void main(String[] args) throws Exception {
        final Path dir = Path.of(args[0]);
        final long bytes = (args.length > 1 ? Long.parseLong(args[1]) : 1024) * MIB;
        final SnapshotPace pace = args.length > 4
            ? new SnapshotPace(Integer.parseInt(args[2]) << 10, Double.parseDouble(args[3]),
                Long.parseLong(args[4]) * MIB)
            : SnapshotPace.defaults();
        final SnapshotCost cost = new SnapshotCost(bytes);
        if (args.length <= 2) {
            cost.run(dir.resolve("unpaced"), SnapshotPace.unpaced());
        }
        cost.run(dir.resolve("paced"), pace);
    }

    private void run(Path dir, SnapshotPace pace) throws Exception {
        System.out.println(pace);
        MmapStorage.format(dir, new Identity(1, 1, 1, true));
        try (MmapStorage storage = MmapStorage.open(dir, new MmapConfig(64 * MIB, 16 * MIB, pace))) {
            final RaftLog log = storage.log();
            final long warm = System.nanoTime() + BEFORE_NANOS / 2;
            measure(log, () -> System.nanoTime() >= warm);
            final long enough = System.nanoTime() + BEFORE_NANOS;
            report("before", measure(log, () -> System.nanoTime() >= enough));

            final long start = System.nanoTime();
            final CompletableFuture<Snapshot> saved = CompletableFuture.supplyAsync(() ->
                storage.snapshots().save(log.lastIndex(), 1, 0, new TreeSet<>(List.of(1)), view()),
                work -> Thread.ofPlatform().start(work));
            report("while it is saved", measure(log, saved::isDone));
            rate("saved", start);

            final long verifying = System.nanoTime();
            verify(storage, saved.join());
            rate("verified", verifying);
        } finally {
            Directories.delete(dir);
        }
    }

    private StateMachine.View view() {
        final byte[] some = new byte[64 << 10];
        new SplittableRandom(1).nextBytes(some);
        return out -> {
            for (long done = 0; done < bytes; done += some.length) {
                out.write(some);
            }
        };
    }

    private static void verify(MmapStorage storage, Snapshot snapshot) throws IOException {
        try (InputStream in = storage.snapshots().open(snapshot)) {
            final byte[] piece = new byte[64 << 10];
            while (in.read(piece) >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void rate(String what, long start) {
        final double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("  %s %d MiB in %.1f s: %.0f MiB/s%n", what, bytes / MIB, seconds, bytes / seconds / MIB);
    }

    /** Appends an entry, waits until it is durable, thinks, and does so again. */
    private int measure(RaftLog log, BooleanSupplier enough) {
        int count = 0;
        while (!enough.getAsBoolean() && count < MOST_ENTRIES) {
            final long start = System.nanoTime();
            final long index = log.append(1, RaftLog.COMMAND, command, 0, ENTRY_BYTES);
            while (lastPersisted < index) {
                log.pollPersisted((persisted, term) -> lastPersisted = persisted);
                LockSupport.parkNanos(1_000);
            }
            latencies[count++] = System.nanoTime() - start;
            LockSupport.parkNanos(THINK_NANOS);
        }
        return count;
    }

    private void report(String when, int count) {
        Arrays.sort(latencies, 0, count);
        System.out.printf("  %-18s %7d entries, microseconds: p50 %5d  p90 %5d  p99 %6d  p99.9 %6d  longest %7d%n",
            when, count, at(0.5, count), at(0.9, count), at(0.99, count), at(0.999, count), latencies[count - 1] / 1_000);
    }

    private long at(double quantile, int count) {
        return latencies[(int) (quantile * (count - 1))] / 1_000;
    }
}
