package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long writes stand still when the leader is killed, twenty times. To run this alone:
 *
 * <pre>
 * mvn -pl kv -am verify -Psoak -Dit.test=FailoverSoakIT -Dtest=none \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("soak")
final class FailoverSoakIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ROUNDS = 20;
    private static final long WORST_MS = 1_000;

    @TempDir
    private Path dir;

    @Test
    void writesGoOnWithinASecondOfEveryKill() throws Exception {
        final long[] standstillMs = new long[ROUNDS];
        try (ProcessCluster cluster = new ProcessCluster(3, dir)) {
            cluster.startAll();
            cluster.awaitLeader(PATIENCE);
            final AppendWriter writer =
                AppendWriter.throughClient("writer", cluster.respAddresses(), PATIENCE).start();
            for (int round = 0; round < ROUNDS; round++) {
                final int leader = cluster.awaitLeader(PATIENCE).node();
                final long beforeNs = System.nanoTime();
                cluster.kill(leader);
                final long doneNs = writer.awaitDoneSince(System.nanoTime(), PATIENCE);
                standstillMs[round] = Duration.ofNanos(doneNs - beforeNs).toMillis();
                System.out.println("round " + (round + 1) + ": leader " + leader + " killed, the next write was "
                    + "acknowledged after " + standstillMs[round] + " ms");
                cluster.start(leader);
                cluster.awaitCaughtUp(leader, PATIENCE);
            }
            writer.stop();
            try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
                writer.check(new String(client.get("writer".getBytes(StandardCharsets.UTF_8)).orElseThrow(),
                    StandardCharsets.UTF_8));
            }
            System.out.println(writer.done() + " writes were acknowledged, all are there, each once");
        }
        Arrays.sort(standstillMs);
        final long medianMs = (standstillMs[ROUNDS / 2 - 1] + standstillMs[ROUNDS / 2]) / 2;
        System.out.println("from kill -9 of the leader to the next acknowledged write, " + ROUNDS + " rounds: median "
            + medianMs + " ms, worst " + standstillMs[ROUNDS - 1] + " ms");
        assertTrue(standstillMs[ROUNDS - 1] < WORST_MS, () -> "milliseconds: " + Arrays.toString(standstillMs));
    }
}
