package io.balsa.aeron;

import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Datagrams lost beneath Aeron, seen from above it. */
class LinkFaultsTest {
    private final LinkFaults faults = new LinkFaults(1);
    @TempDir
    private Path directory;

    @Test
    void aCutLinkCarriesNothingWhileOthersDoAndCarriesAgainOnceHealed() {
        try (Group group = group(3)) {
            group.connect();
            final AeronTransport sender = group.node(0);
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
            faults.loseTo(1, 1.0);
            final long atOne = group.heard[1];
            final long atTwo = group.heard[2];
            assertEquals(Transport.ACCEPTED, sender.offer(1, Transport.CONTROL, frame, 0, 64));
            assertEquals(Transport.ACCEPTED, sender.offer(2, Transport.CONTROL, frame, 0, 64));
            group.turnUntil("the other link delivers", () -> group.heard[2] > atTwo);
            group.turnFor(150);
            assertEquals(atOne, group.heard[1], "a cut link delivers nothing");

            faults.loseTo(1, 0);
            group.turnUntil("the healed link delivers what was accepted", () -> group.heard[1] > atOne);
        }
    }

    @Test
    void aCutLinkCarriesNoSnapshotEither() {
        try (Group group = group(2)) {
            group.connect();
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
            faults.loseTo(1, 1.0);
            final long before = group.heard[1];
            assertEquals(Transport.ACCEPTED, group.node(0).offer(1, Transport.SNAPSHOT, frame, 0, 64));
            group.turnFor(150);
            assertEquals(before, group.heard[1], "a cut link delivers nothing");

            faults.loseTo(1, 0);
            group.turnUntil("the healed link delivers what was accepted", () -> group.heard[1] > before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Transport.APPEND, Transport.SNAPSHOT})
    void whatIsLostOnTheWayIsRepaired(int stream) {
        try (Group group = group(2)) {
            group.connect();
            faults.loseTo(1, 0.02);
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[5_000]);
            final long before = group.heard[1];
            final int frames = 200;
            for (int i = 0; i < frames; i++) {
                group.turnUntil("the frame is accepted",
                    () -> group.node(0).offer(1, stream, frame, 0, frame.capacity()) == Transport.ACCEPTED);
            }
            group.turnUntil("all frames", () -> group.heard[1] - before == frames);
        }
    }

    @Test
    void aShareIsAShare() {
        assertThrows(IllegalArgumentException.class, () -> faults.loseTo(1, 1.1));
        assertThrows(IllegalArgumentException.class, () -> faults.loseTo(1, Double.NaN));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> faults.loseTo(1, -0.1)).getMessage()
            .contains("0 to 1"));
    }

    private Group group(int nodes) {
        return Group.start(nodes, directory, config -> config.withProfile(Profile.SMALL).withFaults(faults));
    }
}
