package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final long LOOK_EVERY_NS = 200_000_000;
    private static final Pattern PROGRESS =
        Pattern.compile("\"snapshotReceived\":(\\d+),\"snapshotReceiving\":(\\d+)");

    @TempDir
    private Path dir;

    /** How long the commits of one part of the run took, and when the slowest of them was. */
    private static final class Part {
        private final String name;
        private final long startedNs = System.nanoTime();
        private final LongArrayList took = new LongArrayList();
        private long slowestNs;
        private long slowestAtNs;
        private long endedNs;

        private Part(String name) {
            this.name = name;
        }

        private void add(long sentNs, long nowNs) {
            took.addLong(nowNs - sentNs);
            if (nowNs - sentNs > slowestNs) {
                slowestNs = nowNs - sentNs;
                slowestAtNs = sentNs;
            }
            endedNs = nowNs;
        }

        private void print(Part before) {
            final long[] sorted = took.toLongArray();
            Arrays.sort(sorted);
            final long[] compared = before.took.toLongArray();
            Arrays.sort(compared);
            System.out.printf("%-44s %5.1f s %7d commits; p50 %6d us (%.2f times), p99 %6d us (%.2f times), max %7d us"
                    + " after %.1f s%n", name, (endedNs - startedNs) / 1e9, sorted.length,
                at(sorted, 0.5), (double) at(sorted, 0.5) / at(compared, 0.5), at(sorted, 0.99),
                (double) at(sorted, 0.99) / at(compared, 0.99), at(sorted, 1), (slowestAtNs - startedNs) / 1e9);
        }

        private static long at(long[] sorted, double quantile) {
            return sorted.length == 0 ? -1
                : sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)] / 1_000;
        }
    }

    /** Commits one small write after the other, until what goes on beside it is over. @return one part for each name */
    private static List<Part> commitWhile(KvClient client, Supplier<Optional<String>> goesOn) {
        final List<Part> parts = new ArrayList<>();
        final byte[] key = "small".getBytes(StandardCharsets.UTF_8);
        final byte[] value = new byte[64];
        for (Optional<String> now = goesOn.get(); now.isPresent(); now = goesOn.get()) {
            if (parts.isEmpty() || !parts.getLast().name.equals(now.get())) {
                parts.add(new Part(now.get()));
            }
            final long startedNs = System.nanoTime();
            client.set(key, value);
            parts.getLast().add(startedNs, System.nanoTime());
        }
        return parts;
    }

    private static Part before(KvClient client, String name) {
        final long endNs = System.nanoTime() + BEFORE_NS;
        return commitWhile(client, () -> System.nanoTime() - endNs < 0 ? Optional.of(name) : Optional.empty())
            .getFirst();
    }

    private static void print(Part before, List<Part> during) {
        before.print(before);
        during.forEach(part -> part.print(before));
    }

    /** What a member that lost its disk is doing, by what it says of itself; empty once it has a state again. */
    private static Optional<String> recovering(ProcessCluster cluster, int node) {
        final String status = cluster.status(node).orElse("");
        if (status.contains("\"snapshotsInstalled\":1")) {
            return Optional.empty();
        }
        final Matcher progress = PROGRESS.matcher(status);
        if (!progress.find() || progress.group(2).equals("0")) {
            return Optional.of("a member without a disk starts");
        }
        return Optional.of(progress.group(1).equals(progress.group(2)) ? "it checks what came" : "it is sent " + MIB
            + " MiB");
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
                final Part beforeWriting = before(client, "before a snapshot");
                final AtomicReference<Optional<String>> beside =
                    new AtomicReference<>(Optional.of("the leader writes " + MIB + " MiB"));
                final Thread taking = Thread.ofPlatform().start(() -> {
                    KvClient.takeSnapshot("127.0.0.1:" + cluster.respPort(leader), PATIENCE);
                    beside.set(Optional.empty());
                });
                final List<Part> whileWriting = commitWhile(client, beside::get);
                taking.join();
                print(beforeWriting, whileWriting);

                final int lost = (leader + 1) % cluster.size();
                // Whoever leads from now on must send one: no log reaches back any more.
                KvClient.takeSnapshot("127.0.0.1:" + cluster.respPort((leader + 2) % cluster.size()), PATIENCE);
                cluster.kill(lost);
                wipe(cluster.nodeDir(lost));
                final Part beforeSending = before(client, "before a member is sent anything");
                beside.set(recovering(cluster, lost));
                cluster.start(lost, "--rebuild");
                final long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
                final Thread watching = Thread.ofPlatform().start(() -> {
                    while (beside.get().isPresent()) {
                        LockSupport.parkNanos(LOOK_EVERY_NS);
                        beside.set(System.nanoTime() - deadlineNs < 0 ? recovering(cluster, lost) : Optional.empty());
                    }
                });
                final List<Part> whileSending = commitWhile(client, beside::get);
                watching.join();
                print(beforeSending, whileSending);
                cluster.awaitNumber(lost, "snapshotsInstalled", 1, Duration.ofSeconds(1));
                cluster.awaitText(lost, "\"standing\":\"voter\"", PATIENCE);
                for (final List<Part> during : List.of(whileWriting, whileSending)) {
                    assertTrue(during.stream().mapToInt(part -> part.took.size()).sum() > 100, "commits went on");
                }
            }
        }
    }
}
