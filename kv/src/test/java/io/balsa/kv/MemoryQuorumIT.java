package io.balsa.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three node processes whose writes count in memory, and {@code kill -9}: of one after the other, and of all. */
@Timeout(180)
final class MemoryQuorumIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int NODES = 3;

    @TempDir
    private Path dir;

    private static void put(ProcessCluster cluster, int node, String key) throws Exception {
        try (RespSocket socket = new RespSocket(cluster.respPort(node))) {
            assertEquals("+OK", socket.ask("SET", key, "of " + key));
        }
    }

    private static void assertHeld(ProcessCluster cluster, int node, String key) throws Exception {
        try (RespSocket socket = new RespSocket(cluster.respPort(node))) {
            assertEquals("of " + key, socket.ask("GET", key));
        }
    }

    @Test
    @DisplayName("each leader is killed in turn: it comes back as no voter, catches up, nothing acknowledged is lost")
    void leadersAreKilledOneAfterTheOther() throws Exception {
        try (ProcessCluster cluster = new ProcessCluster(NODES, dir, "--durability", "memory-quorum")) {
            cluster.startAll();
            for (int kill = 0; kill < NODES; kill++) {
                final int leader = cluster.awaitLeader(PATIENCE).node();
                assertTrue(cluster.status(leader).orElseThrow().contains("\"durability\":\"memory_quorum\""));
                put(cluster, leader, "key-" + kill);
                cluster.kill(leader);
                final int next = cluster.awaitLeader(PATIENCE).node();
                for (int key = 0; key <= kill; key++) {
                    assertHeld(cluster, next, "key-" + key);
                }
                cluster.start(leader);
                cluster.awaitText(leader, "\"standing\":\"voter\"", PATIENCE);
                cluster.awaitCaughtUp(leader, PATIENCE);
            }
        }
        assertTrue(Files.readString(dir.resolve("node-0.txt")).contains("ended without a clean stop")
            || Files.readString(dir.resolve("node-1.txt")).contains("ended without a clean stop")
            || Files.readString(dir.resolve("node-2.txt")).contains("ended without a clean stop"));
    }

    @Test
    @DisplayName("all are killed at once: none leads, each says what to do, --unsafe-recover on all brings them back")
    void allAreKilledAtOnce() throws Exception {
        try (ProcessCluster cluster = new ProcessCluster(NODES, dir, "--durability", "memory-quorum")) {
            cluster.startAll();
            final int leader = cluster.awaitLeader(PATIENCE).node();
            put(cluster, leader, "early");
            for (int node = 0; node < NODES; node++) {
                cluster.awaitText(node, "\"unforced\":0", PATIENCE);
            }
            for (int node = 0; node < NODES; node++) {
                cluster.kill(node);
            }
            cluster.startAll();
            for (int node = 0; node < NODES; node++) {
                cluster.awaitText(node, "--unsafe-recover", PATIENCE);
                cluster.awaitText(node, "\"voter\":false", PATIENCE);
            }
            assertTrue(cluster.leader().isEmpty());
            for (int node = 0; node < NODES; node++) {
                cluster.kill(node);
                cluster.start(node, "--unsafe-recover");
            }
            final int recovered = cluster.awaitLeader(PATIENCE).node();
            assertHeld(cluster, recovered, "early");
            put(cluster, recovered, "late");
            for (int node = 0; node < NODES; node++) {
                cluster.awaitText(node, "\"standing\":\"voter\"", PATIENCE);
                assertHeld(cluster, node, "late");
            }
        }
    }

    @Test
    @DisplayName("a directory made for one durability is not started with another, and a forced one is not recovered")
    void anotherDurabilityIsRefused() throws Exception {
        try (ProcessCluster cluster = new ProcessCluster(1, dir)) {
            cluster.startAll();
            cluster.awaitLeader(PATIENCE);
            cluster.kill(0);
            cluster.start(0, "--durability", "memory-quorum");
            assertEquals(4, cluster.awaitExit(0));
            cluster.start(0, "--unsafe-recover");
            assertEquals(4, cluster.awaitExit(0));
            assertTrue(cluster.allMessages().contains("was made for durability FORCED, not for MEMORY_QUORUM"));
            assertTrue(cluster.allMessages().contains("needs no unsafe recovery"));
            cluster.start(0, "--durability", "forced");
            cluster.awaitLeader(PATIENCE);
        }
    }
}
