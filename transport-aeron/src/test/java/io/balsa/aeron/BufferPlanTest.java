package io.balsa.aeron;

import io.balsa.raft.spi.TransportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BufferPlanTest {
    private static final int MIB = 1 << 20;
    private static final long PLENTY = 8L << 30;
    private static final SocketBuffers GENEROUS = new SocketBuffers(2 * MIB, 2 * MIB);
    /** What a Linux kernel grants that nobody has tuned. */
    private static final SocketBuffers USUAL = new SocketBuffers(212_992, 212_992);
    private static final int PEERS = 2;

    @Test
    void threeSmallNodesFitTheSharedMemoryOfAContainer() {
        final long total = BufferPlan.of(Profile.SMALL, PEERS, USUAL, true).total();
        assertTrue(total <= 20 * MIB, total + " bytes");
        assertTrue(3 * total <= 64 * MIB, 3 * total + " bytes");
    }

    @ParameterizedTest
    @CsvSource({"SMALL, 0", "SMALL, 2", "SMALL, 4", "BULK, 0", "BULK, 2", "BULK, 4", "BULK, 6"})
    void groupsOfTheUsualSizesStayWithinTheBudget(Profile profile, int peers) {
        final long total = BufferPlan.of(profile, peers, GENEROUS, false).total();
        assertTrue(total <= profile.budget, total + " bytes");
    }

    @Test
    void bulkIsChosenWhenAllMembersFitThisHostAndSocketsAreLarge() {
        assertEquals(Profile.BULK, chosen(PLENTY, GENEROUS));
    }

    @Test
    void smallIsChosenWhenOnlyThisNodeWouldFitWithBulk() {
        assertEquals(Profile.SMALL, chosen(100 * MIB, GENEROUS));
    }

    @Test
    void smallIsChosenWhenSocketBuffersWouldOverrun() {
        assertEquals(Profile.SMALL, chosen(PLENTY, USUAL));
    }

    @Test
    void nothingIsChosenWhereNothingFits() {
        assertTrue(BufferPlan.choose(Optional.empty(), PEERS, 16 * MIB, GENEROUS, true).isEmpty());
        assertTrue(BufferPlan.choose(Optional.of(Profile.BULK), PEERS, 48 * MIB, GENEROUS, true).isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void aWindowNeverExceedsHalfTheSocketBufferThatWasGranted(Profile profile) {
        for (int granted = 16 << 10; granted <= 2 * MIB; granted <<= 1) {
            final BufferPlan plan = BufferPlan.of(profile, PEERS, new SocketBuffers(granted, granted), true);
            assertTrue(plan.receiverWindow() <= granted / 2, plan.toString());
            assertTrue(plan.receiverWindow() >= plan.appendMtu(), plan.toString());
            assertTrue(plan.snapshotWindow() <= granted / 2, plan.toString());
            assertTrue(plan.snapshotWindow() >= plan.snapshotMtu(), plan.toString());
            assertTrue(plan.sockets().send() >= plan.appendMtu(), plan.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void aWholeFrameIsOneDatagramOnLoopbackAndManyElsewhere(Profile profile) {
        final BufferPlan near = BufferPlan.of(profile, PEERS, GENEROUS, true);
        assertEquals(near.maxAppendFrame() + BufferPlan.DATA_HEADER, near.appendMtu());
        assertTrue(near.appendMtu() <= 65_504);
        assertEquals(near.maxSnapshotFrame() + BufferPlan.DATA_HEADER, near.snapshotMtu());
        assertEquals(BufferPlan.MAX_CONTROL_FRAME + BufferPlan.DATA_HEADER, near.controlMtu());
        final BufferPlan far = BufferPlan.of(profile, PEERS, GENEROUS, false);
        assertEquals(1408, far.appendMtu());
        assertEquals(1408, far.controlMtu());
        assertEquals(1408, far.snapshotMtu());
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void snapshotsTakeASmallPartOfTheMemoryAndGoInShorterFramesThanEntries(Profile profile) {
        final BufferPlan plan = BufferPlan.of(profile, PEERS, GENEROUS, true);
        assertTrue(2 * PEERS * (3L * plan.snapshotTerm() + 4096) * 10 <= plan.total(), plan.toString());
        assertTrue(plan.maxSnapshotFrame() < plan.maxAppendFrame(), plan.toString());
        assertTrue(plan.describe().contains("snapshot terms " + (plan.snapshotTerm() >> 10) + " KiB, window "
            + (plan.snapshotWindow() >> 10) + " KiB"), plan.describe());
    }

    @Test
    void tooLittleSharedMemoryFallsBackToTheDataDirectoryWithAWarning(@TempDir Path directory) {
        final AeronConfig config = config(directory);
        final BufferDirectory chosen = BufferDirectory.choose(config, USUAL, true,
            path -> path.equals(config.directoryBase()) ? 8 * MIB : PLENTY);
        assertTrue(chosen.path().startsWith(config.dataDirectory()), chosen.toString());
        assertEquals(Profile.SMALL, chosen.plan().profile());
        assertTrue(chosen.description().contains("WARNING: on disk") && chosen.description().contains("8.0 MiB free"),
            chosen.description());
        assertFalse(chosen.description().contains("\n"), "one line");
    }

    @Test
    void enoughSharedMemoryNeedsNoWarning(@TempDir Path directory) {
        final AeronConfig config = config(directory);
        final BufferDirectory chosen = BufferDirectory.choose(config, USUAL, true, path -> PLENTY);
        assertTrue(chosen.path().startsWith(config.directoryBase()), chosen.toString());
        assertFalse(chosen.description().contains("WARNING"), chosen.description());
    }

    @Test
    void noRoomAnywhereIsAnErrorThatSaysHowMuchIsNeeded(@TempDir Path directory) {
        final String message = assertThrows(TransportException.class,
            () -> BufferDirectory.choose(config(directory), USUAL, true, path -> 8 * MIB)).getMessage();
        assertTrue(message.contains("are needed") && message.contains("free space"), message);
    }

    private static AeronConfig config(Path directory) {
        return Loopback.config(0, Loopback.members(3), directory).withDirectoryBase(directory.resolve("memory"));
    }

    private static Profile chosen(long free, SocketBuffers sockets) {
        return BufferPlan.choose(Optional.empty(), PEERS, free, sockets, true).orElseThrow().profile();
    }
}
