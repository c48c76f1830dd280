package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The leader's own disk is one vote among others: real processes, and a real disk that stops answering. It mounts and
 * freezes file systems, so it is not part of every build. To run this alone:
 *
 * <pre>
 * mvn -pl kv -am verify -Psoak -Dit.test=SlowDiskIT -Dtest=none \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("soak")
final class SlowDiskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SLOW = 0;
    private static final byte[] KEY = {'k'};
    private static final long BUCKET_NS = 250_000_000;

    @TempDir
    private Path dir;

    /** One acknowledged write. */
    private record Write(long startedNs, long endedNs) {
        long tookNs() {
            return endedNs - startedNs;
        }
    }

    /** Writes one value after the other. */
    private static final class Writer implements Runnable {
        private final KvClient client;
        private final List<Write> writes = new ArrayList<>();
        private volatile boolean stopped;

        Writer(KvClient client) {
            this.client = client;
        }

        @Override
        public void run() {
            for (int i = 0; !stopped; i++) {
                final long startedNs = System.nanoTime();
                client.set(KEY, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
                final Write write = new Write(startedNs, System.nanoTime());
                synchronized (writes) {
                    writes.add(write);
                }
            }
        }

        List<Write> between(long fromNs, long toNs) {
            synchronized (writes) {
                return writes.stream().filter(write -> write.endedNs > fromNs && write.startedNs < toNs).toList();
            }
        }

        int count() {
            synchronized (writes) {
                return writes.size();
            }
        }
    }

    private static ProcessCluster.Leader lead(ProcessCluster cluster) throws Exception {
        ProcessCluster.Leader leader = cluster.awaitLeader(PATIENCE);
        while (leader.node() != SLOW) {
            cluster.kill(leader.node());
            cluster.start(leader.node());
            cluster.awaitCaughtUp(leader.node(), PATIENCE);
            leader = cluster.awaitLeader(PATIENCE);
        }
        for (int node = 0; node < cluster.size(); node++) {
            cluster.awaitCaughtUp(node, PATIENCE);
        }
        return leader;
    }

    private static long number(ProcessCluster cluster, String field) {
        final Matcher number = Pattern.compile("\"" + field + "\":(\\d+)").matcher(cluster.status(SLOW).orElseThrow());
        assertTrue(number.find(), field);
        return Long.parseLong(number.group(1));
    }

    private static void print(Writer writer, long stalledNs, long resumedNs) {
        System.out.println("   from ms   writes   p50 us    max us");
        for (long at = stalledNs - 4 * BUCKET_NS; at < resumedNs + 4 * BUCKET_NS; at += BUCKET_NS) {
            final long from = at;
            final long[] took = writer.between(from, from + BUCKET_NS).stream()
                .filter(write -> write.endedNs <= from + BUCKET_NS).mapToLong(Write::tookNs).sorted().toArray();
            System.out.printf("%10d %8d %8s %9s%s%n", (from - stalledNs) / 1_000_000, took.length,
                took.length == 0 ? "-" : took[took.length / 2] / 1_000,
                took.length == 0 ? "-" : took[took.length - 1] / 1_000,
                from >= stalledNs && from < resumedNs ? "  stalled" : "");
        }
    }

    @Test
    @DisplayName("while the leader's disk hangs for two seconds, it goes on leading and commits through its followers")
    void commitsGoOnThroughTheFollowers() throws Exception {
        assumeTrue(StallingDisk.isPossible(), "needs root and loop devices");
        try (StallingDisk disk = StallingDisk.in(dir.resolve("slow"));
            ProcessCluster cluster = new ProcessCluster(3, dir)) {
            cluster.place(SLOW, disk.root().resolve("node"));
            cluster.startAll();
            final ProcessCluster.Leader leader = lead(cluster);
            try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
                final Writer writer = new Writer(client);
                final Thread thread = Thread.ofPlatform().start(writer);
                cluster.awaitNumber(SLOW, "commitIndex", number(cluster, "commitIndex") + 2_000, PATIENCE);

                final long stalledNs = System.nanoTime();
                final CompletableFuture<Void> answersAgain = disk.stall(2);
                final int before = writer.count();
                cluster.awaitNumber(SLOW, "commitIndex", number(cluster, "durableIndex") + 200, PATIENCE);
                final boolean whileStalled = !answersAgain.isDone();
                answersAgain.join();
                final long resumedNs = System.nanoTime();
                final int during = writer.count() - before;
                cluster.awaitNumber(SLOW, "durableIndex", number(cluster, "commitIndex"), PATIENCE);
                writer.stopped = true;
                thread.join();

                print(writer, stalledNs, resumedNs);
                assertTrue(whileStalled, "the leader commits what its own disk does not hold yet");
                assertTrue(during > 50, "writes acknowledged while the disk hung: " + during); // else it is one or none
                assertEquals(leader, cluster.awaitLeader(PATIENCE), "nobody else was elected");
                final long worstMs = writer.between(stalledNs, resumedNs).stream().mapToLong(Write::tookNs).max()
                    .orElseThrow() / 1_000_000;
                assertTrue(worstMs < 1_000, "no write waited for that disk: " + worstMs + " ms");
            }
        }
    }

    @Test
    @DisplayName("a leader whose disk hangs for longer lets another one lead, and follows when the disk is back")
    void aLeaderWhoseDiskHangsForLongerLetsAnotherOneLead() throws Exception {
        assumeTrue(StallingDisk.isPossible(), "needs root and loop devices");
        try (StallingDisk disk = StallingDisk.in(dir.resolve("slow"));
            ProcessCluster cluster = new ProcessCluster(3, dir, "--disk-stall-timeout", "1s")) {
            cluster.place(SLOW, disk.root().resolve("node"));
            cluster.startAll();
            lead(cluster);
            try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
                final Writer writer = new Writer(client);
                final Thread thread = Thread.ofPlatform().start(writer);
                cluster.awaitNumber(SLOW, "commitIndex", number(cluster, "commitIndex") + 1_000, PATIENCE);

                final long stalledNs = System.nanoTime();
                final CompletableFuture<Void> answersAgain = disk.stall(6);
                ProcessCluster.Leader next = cluster.awaitLeader(PATIENCE);
                while (next.node() == SLOW) {
                    next = cluster.awaitLeader(PATIENCE);
                }
                final boolean whileStalled = !answersAgain.isDone();
                final int before = writer.count();
                answersAgain.join();
                final long resumedNs = System.nanoTime();
                final int during = writer.count() - before;
                cluster.awaitCaughtUp(SLOW, PATIENCE);
                writer.stopped = true;
                thread.join();

                print(writer, stalledNs, resumedNs);
                assertTrue(whileStalled, "it did not wait for its disk to step down");
                assertTrue(during > 50, "writes acknowledged under the next leader, while the disk hung: " + during);
                assertNotEquals(SLOW, cluster.awaitLeader(PATIENCE).node());
            }
        }
    }
}
