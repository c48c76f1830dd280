package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a commit costs while a state of a gibibyte is written down, and while it is sent to a member that lost all it
 * had; beside what it cost just before, in one run. {@code -Dmib=1024} says how big the state is. To run this alone:
 *
 * <pre>
 * mvn -pl kv -am verify -Psoak -Dit.test=SnapshotImpactSoakIT -Dtest=none \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("soak")
final class SnapshotImpactSoakIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int MIB = Integer.getInteger("mib", 1024);
    private static final int VALUE_BYTES = 64 << 10;
    private static final long BEFORE_NS = 10_000_000_000L;

    @TempDir
    private Path dir;

    /** Commits one small write after the other until told to end. @return how long each took, in order of size */
    private static long[] commitWhile(KvClient client, BooleanSupplier goesOn) {
        final LongArrayList took = new LongArrayList();
        final byte[] key = "small".getBytes(StandardCharsets.UTF_8);
        final byte[] value = new byte[64];
        while (goesOn.getAsBoolean()) {
            final long startedNs = System.nanoTime();
            client.set(key, value);
            took.addLong(System.nanoTime() - startedNs);
        }
        final long[] sorted = took.toLongArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private static long[] before(KvClient client) {
        final long endNs = System.nanoTime() + BEFORE_NS;
        return commitWhile(client, () -> System.nanoTime() - endNs < 0);
    }

    private static void print(String what, long[] before, long[] during, long tookNs) {
        System.out.printf("%s: %d s; commits before %d, during %d; p50 %d -> %d us, p99 %d -> %d us (%.2f times),"
                + " max %d -> %d us%n", what, tookNs / 1_000_000_000, before.length, during.length,
            at(before, 0.5), at(during, 0.5), at(before, 0.99), at(during, 0.99),
            (double) at(during, 0.99) / at(before, 0.99), at(before, 1), at(during, 1));
    }

    private static long at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)] / 1_000;
    }

    private static void fill(KvClient client) {
        final Random random = new Random(1);
        for (int i = 0; i < (MIB << 20) / VALUE_BYTES; i++) {
            final byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            client.set(Integer.toString(i).getBytes(StandardCharsets.UTF_8), value);
        }
    }

    private static void wipe(Path nodeDir) throws IOException {
        try (Stream<Path> files = Files.walk(nodeDir)) {
            for (final Path path : files.sorted(Comparator.reverseOrder()).filter(at -> !at.equals(nodeDir)).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void commitsGoOnWhileAStateIsWrittenAndSent() throws Exception {
        try (ProcessCluster cluster =
            new ProcessCluster(3, dir, "--snapshot-every", "0", "--keep-log", "0").withHeap(256 + 3 * MIB)) {
            cluster.startAll();
            final int leader = cluster.awaitLeader(PATIENCE).node();
            try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
                fill(client);
                for (int node = 0; node < cluster.size(); node++) {
                    cluster.awaitCaughtUp(node, PATIENCE);
                }
                final long[] beforeWriting = before(client);
                final AtomicBoolean written = new AtomicBoolean();
                long startedNs = System.nanoTime();
                final Thread taking = Thread.ofPlatform().start(() -> {
                    KvClient.takeSnapshot("127.0.0.1:" + cluster.respPort(leader), PATIENCE);
                    written.set(true);
                });
                final long[] whileWriting = commitWhile(client, () -> !written.get());
                taking.join();
                print("a snapshot of " + MIB + " MiB is written by the leader", beforeWriting, whileWriting,
                    System.nanoTime() - startedNs);

                final int lost = (leader + 1) % cluster.size();
                cluster.kill(lost);
                wipe(cluster.nodeDir(lost));
                final long[] beforeSending = before(client);
                final AtomicBoolean installed = new AtomicBoolean();
                startedNs = System.nanoTime();
                cluster.start(lost, "--rebuild");
                final Thread waiting = Thread.ofPlatform().start(() -> {
                    try {
                        cluster.awaitNumber(lost, "snapshotsInstalled", 1, PATIENCE);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } finally {
                        installed.set(true);
                    }
                });
                final long[] whileSending = commitWhile(client, () -> !installed.get());
                waiting.join();
                print("a snapshot of " + MIB + " MiB is sent to a member that lost its disk", beforeSending,
                    whileSending, System.nanoTime() - startedNs);
                cluster.awaitText(lost, "\"standing\":\"voter\"", PATIENCE);
                assertTrue(whileWriting.length > 100 && whileSending.length > 100, "commits went on");
            }
        }
    }
}
