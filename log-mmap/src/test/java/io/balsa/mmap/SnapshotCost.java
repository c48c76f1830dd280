package io.balsa.mmap;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * What a snapshot costs, to be run by hand: {@code SnapshotCost DIR MiB ROUNDS [PACE ...]}, a pace being
 * {@code stepKiB:restFactor:MiBPerSecond}; by default no pace and the product's. In each round and for each pace, it
 * measures for a second how long an entry of the log takes to become durable, then saves a snapshot and measures
 * meanwhile, and then verifies it. In turn, so that what else the machine does disturbs all alike.
 */
final class SnapshotCost {
    private static final int MIB = 1 << 20;
    private static final int ENTRY_BYTES = 256;
    private static final long BEFORE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long THINK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final int MOST_ENTRIES = 1 << 20;

    /** How long entries took, in nanoseconds. */
    private static final class Latencies {
        private final long[] all = new long[MOST_ENTRIES];
        private int count;

        void report(String when) {
            Arrays.sort(all, 0, count);
            System.out.printf("  %-18s %7d entries, microseconds: p50 %5d  p90 %5d  p99 %6d  p99.9 %6d  longest %7d%n",
                when, count, at(0.5), at(0.9), at(0.99), at(0.999), all[count - 1] / 1_000);
        }

        private long at(double quantile) {
            return all[(int) (quantile * (count - 1))] / 1_000;
        }
    }

    /** A pace, and what was measured with it. */
    private static final class Series {
        private final SnapshotPace pace;
        private final SnapshotFiles snapshots;
        private final Latencies before = new Latencies();
        private final Latencies meanwhile = new Latencies();
        private long savingNanos;
        private long verifyingNanos;

        private Series(SnapshotPace pace, Path dir) throws IOException {
            this.pace = pace;
            this.snapshots = SnapshotFiles.open(Files.createDirectories(dir), 1, pace, Disk.REAL);
        }
    }

    private final UnsafeBuffer command = new UnsafeBuffer(new byte[ENTRY_BYTES]);
    private final RaftLog log;
    private final long bytes;
    private long lastPersisted;

    private SnapshotCost(RaftLog log, long bytes) {
        this.log = log;
        this.bytes = bytes;
    }

    public static void main(String[] args) throws IOException {
        final Path dir = Path.of(args[0]);
        final long bytes = Long.parseLong(args[1]) * MIB;
        final int rounds = Integer.parseInt(args[2]);
        final List<SnapshotPace> paces = args.length == 3
            ? List.of(SnapshotPace.unpaced(), SnapshotPace.defaults())
            : Arrays.stream(args).skip(3).map(SnapshotCost::parse).toList();
        MmapStorage.format(dir, new Identity(1, 1, 1, true));
        try (MmapStorage storage = MmapStorage.open(dir, MmapConfig.defaults())) {
            final List<Series> all = new ArrayList<>();
            for (final SnapshotPace pace : paces) {
                all.add(new Series(pace, dir.resolve("pace-" + all.size())));
            }
            final SnapshotCost cost = new SnapshotCost(storage.log(), bytes);
            cost.measureFor(2 * BEFORE_NANOS, new Latencies());
            for (int round = 1; round <= rounds; round++) {
                for (final Series series : all) {
                    cost.run(series, round);
                }
            }
            all.forEach(series -> report(series, bytes * rounds));
        } finally {
            Directories.delete(dir);
        }
    }

    private static SnapshotPace parse(String pace) {
        final String[] parts = pace.split(":", -1);
        return new SnapshotPace(Integer.parseInt(parts[0]) << 10, Double.parseDouble(parts[1]),
            Long.parseLong(parts[2]) * MIB);
    }

    private void run(Series series, int round) throws IOException {
        measureFor(BEFORE_NANOS, series.before);
        final long start = System.nanoTime();
        final CompletableFuture<Snapshot> saved = CompletableFuture.supplyAsync(
            () -> series.snapshots.save(round, 1, 0, new TreeSet<>(List.of(1)), view()),
            work -> Thread.ofPlatform().start(work));
        measure(saved::isDone, series.meanwhile);
        final long verifying = System.nanoTime();
        verify(series.snapshots, saved.join());
        series.savingNanos += verifying - start;
        series.verifyingNanos += System.nanoTime() - verifying;
    }

    private static void report(Series series, long bytes) {
        System.out.println(series.pace);
        series.before.report("before");
        series.meanwhile.report("while it is saved");
        System.out.printf("  saved at %.0f MiB/s, verified at %.0f MiB/s%n", rate(bytes, series.savingNanos),
            rate(bytes, series.verifyingNanos));
    }

    private static double rate(long bytes, long nanos) {
        return bytes / (nanos / 1e9) / MIB;
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

    private static void verify(SnapshotFiles snapshots, Snapshot snapshot) throws IOException {
        try (InputStream in = snapshots.open(snapshot)) {
            final byte[] piece = new byte[64 << 10];
            while (in.read(piece) >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void measureFor(long nanos, Latencies latencies) {
        final long end = System.nanoTime() + nanos;
        measure(() -> System.nanoTime() >= end, latencies);
    }

    /** Appends an entry, waits until it is durable, thinks, and does so again. */
    private void measure(BooleanSupplier enough, Latencies latencies) {
        while (!enough.getAsBoolean() && latencies.count < MOST_ENTRIES) {
            final long start = System.nanoTime();
            final long index = log.append(1, RaftLog.COMMAND, command, 0, ENTRY_BYTES);
            while (lastPersisted < index) {
                log.pollPersisted((persisted, term) -> lastPersisted = persisted);
                LockSupport.parkNanos(1_000);
            }
            latencies.all[latencies.count++] = System.nanoTime() - start;
            LockSupport.parkNanos(THINK_NANOS);
        }
    }
}
