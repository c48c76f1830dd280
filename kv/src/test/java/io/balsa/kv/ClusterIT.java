package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three node processes over real UDP and real disks, and {@code kill -9}. */
@Timeout(180)
final class ClusterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int KILLS = 3;

    @TempDir
    private Path dir;
    private ProcessCluster cluster;

    @BeforeEach
    void startThreeNodes() throws Exception {
        cluster = new ProcessCluster(3, dir);
        cluster.startAll();
        cluster.awaitLeader(PATIENCE);
    }

    @AfterEach
    void stopThem() {
        cluster.close();
    }

    @Test
    void nothingAcknowledgedIsLostOrDoneTwiceWhenLeadersAreKilled() throws Exception {
        final Map<String, AppendWriter> writers = new LinkedHashMap<>();
        for (final String name : new String[] {"client-1", "client-2"}) {
            writers.put(name, AppendWriter.throughClient(name, cluster.respAddresses(), PATIENCE).start());
        }
        for (int node = 0; node < cluster.size(); node++) {
            final String name = "plain-" + node;
            writers.put(name, AppendWriter.throughPlainConnection(name, cluster.respPort(node)).start());
        }

        for (int kill = 0; kill < KILLS; kill++) {
            final int leader = cluster.awaitLeader(PATIENCE).node();
            cluster.kill(leader);
            final long killedNs = System.nanoTime();
            for (final AppendWriter writer : writers.values()) {
                if (!writer.name().equals("plain-" + leader)) {
                    writer.awaitDoneSince(killedNs, PATIENCE);
                }
            }
            cluster.start(leader);
            writers.get("plain-" + leader).awaitDoneSince(killedNs, PATIENCE);
        }
        for (final AppendWriter writer : writers.values()) {
            writer.stop();
            assertTrue(writer.done() > KILLS, writer.name() + " made progress");
        }
        checkAll(writers);

        for (int node = 0; node < cluster.size(); node++) {
            cluster.kill(node);
        }
        cluster.startAll();
        checkAll(writers);
    }

    @Test
    void everyNodeAnswersAndSeesTheNewestWriteOfAnother() throws Exception {
        for (int node = 0; node < cluster.size(); node++) {
            try (RespSocket here = new RespSocket(cluster.respPort(node));
                 RespSocket there = new RespSocket(cluster.respPort((node + 1) % cluster.size()))) {
                assertEquals("+OK", here.ask("SET", "where", "node " + node));
                assertEquals("node " + node, there.ask("GET", "where"));
            }
        }
    }

    private void checkAll(Map<String, AppendWriter> writers) {
        try (KvClient client = KvClient.connect(cluster.respAddresses(), PATIENCE)) {
            for (final AppendWriter writer : writers.values()) {
                final byte[] value = client.get(writer.name().getBytes(StandardCharsets.UTF_8)).orElseThrow();
                writer.check(new String(value, StandardCharsets.UTF_8));
            }
        }
    }
}
