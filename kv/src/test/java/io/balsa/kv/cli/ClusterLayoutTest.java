package io.balsa.kv.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterLayoutTest {
    @TempDir
    private Path dir;

    @Test
    void portsFollowFromTheTwoThatAreGiven() {
        final ClusterLayout layout = ofNodes(3);
        assertEquals("127.0.0.1:7402", layout.respAddress(2));
        assertEquals("0=127.0.0.1:9000,1=127.0.0.1:9010,2=127.0.0.1:9020", layout.members());
    }

    @Test
    void onlyAFolderWithoutAnyDataIsFresh() throws IOException {
        final ClusterLayout layout = ofNodes(3);
        assertTrue(layout.isFresh());
        layout.createDirectories();
        assertTrue(layout.isFresh(), "empty directories hold no data");
        Files.createFile(dir.resolve("1").resolve("vote"));
        assertFalse(layout.isFresh(), "one member that has promised something is enough");
        assertTrue(layout.isEmpty(0));
        assertFalse(layout.isEmpty(1));
    }

    @Test
    void nodesWithoutAMajorityOfTheDataAreNotStarted() throws IOException {
        final ClusterLayout layout = ofNodes(3);
        assertDoesNotThrow(layout::requireMajorityWithData, "a new cluster");
        layout.createDirectories();
        Files.createFile(dir.resolve("1").resolve("vote"));
        assertThrows(UsageException.class, layout::requireMajorityWithData);
        Files.createFile(dir.resolve("2").resolve("vote"));
        assertDoesNotThrow(layout::requireMajorityWithData, "one of three may be lost");
    }

    @Test
    void anotherNumberOfNodesIsRefusedSinceItsMajoritiesNeedNotMeet() {
        ofNodes(3).createDirectories();
        assertDoesNotThrow(() -> ofNodes(3).requireSameSize());
        assertTrue(assertThrows(UsageException.class, () -> ofNodes(5).requireSameSize())
            .getMessage().contains("holds a cluster of 3 nodes; give --nodes 3"));
        assertThrows(UsageException.class, () -> ofNodes(1).requireSameSize());
    }

    @Test
    void portsBeyondTheLastAreRefused() {
        assertThrows(UsageException.class, () -> new ClusterLayout(dir, 3, 65_534, 9000));
        assertThrows(UsageException.class, () -> new ClusterLayout(dir, 3, 7400, 65_515));
        assertThrows(UsageException.class, () -> new ClusterLayout(dir, 0, 7400, 9000));
    }

    private ClusterLayout ofNodes(int nodes) {
        return new ClusterLayout(dir, nodes, 7400, ClusterLayout.defaultRaftPort(7400));
    }
}
