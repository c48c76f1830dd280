package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.mmap.StepDisk.Failure;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of snapshots when a call to the disk fails, the process dies, the power goes, or the disk is full. */
class SnapshotFaultTest {
    private static final long OLDER = 3;
    private static final long FORMER = 5;
    private static final long NEXT = 9;
    private static final int SEEDS = 3;

    @TempDir
    private Path temp;
    private Path former;
    private Snapshots.Sent sent;

    @BeforeEach
    void twoSnapshotsAreThere() {
        former = temp.resolve("former");
        try (SnapshotFiles store = Snapshots.open(former, Disk.REAL)) {
            Snapshots.save(store, OLDER);
            Snapshots.save(store, FORMER);
        }
        sent = Snapshots.sent(temp.resolve("other"), NEXT);
    }

    private static void save(SnapshotStore store) {
        Snapshots.save(store, NEXT);
    }

    private void receive(SnapshotStore store) {
        assertTrue(Snapshots.receive(store, sent), "the bytes are right, so they are taken or the disk fails");
    }

    @Test
    void aSaveThatFailsAtAnyCallChangesNothingAndMayBeTriedAgain() {
        failAtEveryCall(SnapshotFaultTest::save);
    }

    @Test
    void aReceptionThatFailsAtAnyCallChangesNothingAndMayBeTriedAgain() {
        failAtEveryCall(this::receive);
    }

    private void failAtEveryCall(Consumer<SnapshotStore> work) {
        final int calls = calls(work).size();
        assertTrue(calls > 10, "calls to the disk: " + calls);
        int failures = 0;
        for (int call = 0; call < calls; call++) {
            for (final Failure failure : EnumSet.of(Failure.BEFORE, Failure.AFTER)) {
                final Path dir = Directories.copy(former, temp.resolve("failing"));
                failures += failsAt(dir, call, failure, work) ? 1 : 0;
                Directories.delete(dir);
            }
        }
        // All but the deletions of what nobody needs any more must succeed for the whole to.
        assertTrue(failures > 2 * calls - 10, failures + " of " + 2 * calls);
    }

    private List<String> calls(Consumer<SnapshotStore> work) {
        final Path dir = Directories.copy(former, temp.resolve("counted"));
        final StepDisk disk = new StepDisk();
        try (SnapshotFiles store = Snapshots.open(dir, disk)) {
            final int before = disk.calls().size();
            work.accept(store);
            return List.copyOf(disk.calls().subList(before, disk.calls().size()));
        } finally {
            Directories.delete(dir);
        }
    }

    private static boolean failsAt(Path dir, int call, Failure failure, Consumer<SnapshotStore> work) {
        final StepDisk disk = new StepDisk();
        final boolean failed;
        final String when;
        try (SnapshotFiles store = Snapshots.open(dir, disk)) {
            final int first = disk.calls().size();
            disk.fail(call, failure);
            failed = fails(dir, store, work);
            disk.mend();
            final String failing = disk.calls().get(first + call);
            when = "after the failure of call " + call + ", " + failing + ", " + failure;
            Snapshots.assertNewest(when, store, failed ? FORMER : NEXT);
            if (!failing.startsWith("delete")) {
                Snapshots.assertNoLeftovers(when, dir);
            }
        }
        try (SnapshotFiles store = Snapshots.open(dir, Disk.REAL)) {
            Snapshots.assertNewest(when, store, FORMER, NEXT);
            Snapshots.assertNoLeftovers(when, dir);
            assertEquals(2, Snapshots.files(dir).size(), when);
            work.accept(store);
            Snapshots.assertNewest("at the second attempt " + when, store, NEXT);
        }
        return failed;
    }

    private static boolean fails(Path dir, SnapshotStore store, Consumer<SnapshotStore> work) {
        try {
            work.accept(store);
            return false;
        } catch (StorageException e) {
            assertSaysWhy(e, dir, "planted");
            return true;
        }
    }

    private static void assertSaysWhy(StorageException e, Path dir, String cause) {
        assertTrue(e.getMessage().contains(SnapshotDirectory.of(dir).toString()), e.getMessage());
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), "one line");
    }

    @Test
    void anOpeningThatFailsAtAnyCallCanBeDoneAgain() throws IOException {
        final Path untidy = Directories.copy(former, temp.resolve("untidy"));
        final Path received = SnapshotDirectory.list(SnapshotDirectory.of(temp.resolve("other"))).getFirst();
        Files.copy(received, SnapshotDirectory.of(untidy).resolve(received.getFileName()));
        Files.write(SnapshotDirectory.saving(SnapshotDirectory.of(untidy), 10, 2), new byte[5_000]);
        Files.write(SnapshotDirectory.receiving(SnapshotDirectory.of(untidy), sent.snapshot()), new byte[5_000]);
        int calls = Integer.MAX_VALUE;
        for (int call = 0; call < calls; call++) {
            final Path dir = Directories.copy(untidy, temp.resolve("opened"));
            final StepDisk disk = new StepDisk();
            disk.fail(call, Failure.AFTER);
            try (SnapshotFiles store = SnapshotFiles.open(dir, Snapshots.CLUSTER, Snapshots.PACE, disk)) {
                calls = disk.calls().size(); // it was not reached, or what it was to delete is of no consequence
                disk.mend();
                Snapshots.assertNewest("opened in spite of failing call " + call, store, NEXT);
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("planted"), e.getMessage());
            }
            try (SnapshotFiles store = Snapshots.open(dir, Disk.REAL)) {
                Snapshots.assertNewest("opened again", store, NEXT);
                Snapshots.assertNoLeftovers("opened again", dir);
                assertEquals(2, Snapshots.files(dir).size());
            }
            Directories.delete(dir);
        }
        assertTrue(calls > 10 && calls < 100, "calls: " + calls);
    }

    @Test
    void aFailedReadIsReportedAndTheNextOneMaySucceed() {
        final StepDisk disk = new StepDisk();
        try (SnapshotFiles store = Snapshots.open(former, disk)) {
            final Snapshot newest = store.newest().orElseThrow();
            for (int call = 0; call < 2; call++) {
                disk.fail(call, Failure.BEFORE);
                assertSaysWhy(assertThrows(StorageException.class, () -> Snapshots.bytes(store, newest)), former,
                    "planted");
                disk.mend();
                assertEquals(newest.length(), Snapshots.bytes(store, newest).capacity());
                disk.fail(call, Failure.BEFORE);
                assertThrows(StorageException.class, () -> store.open(newest).close());
                disk.mend();
                Snapshots.assertNewest("after a failed read", store, FORMER);
            }
        }
    }

    @Test
    void aDiskThatTransfersLessThanItIsAskedForLosesNothing() {
        final StepDisk disk = new StepDisk();
        disk.transferAtMost(9_999);
        final Path dir = temp.resolve("short");
        try (SnapshotFiles store = Snapshots.open(dir, disk)) {
            final Snapshot saved = Snapshots.save(store, FORMER);
            Snapshots.assertNewest("saved in short writes", store, FORMER);
            assertEquals(saved.length(), Snapshots.bytes(store, saved).capacity());
            receive(store);
            Snapshots.assertNewest("received in short writes", store, NEXT);
        }
        assertEquals(List.of(), SnapshotVerify.verify(identified(dir)));
    }

    @Test
    void aProcessThatDiesWhileItSavesLeavesTheFormerSnapshotOrTheNextOne() {
        dieBeforeEveryCall(SnapshotFaultTest::save);
    }

    @Test
    void aProcessThatDiesWhileItReceivesLeavesTheFormerSnapshotOrTheNextOne() {
        dieBeforeEveryCall(this::receive);
    }

    private void dieBeforeEveryCall(Consumer<SnapshotStore> work) {
        final StepDisk disk = new StepDisk();
        final List<Path> killed = new ArrayList<>();
        try (SnapshotFiles store = Snapshots.open(former, disk)) {
            disk.look(call -> killed.add(Directories.copy(former, temp.resolve("killed-" + killed.size()))));
            work.accept(store);
            disk.look(call -> { });
        }
        assertTrue(killed.size() > 10, "calls to the disk: " + killed.size());
        long atLeast = FORMER;
        for (final Path dir : killed) {
            final String when = "killed before call " + killed.indexOf(dir);
            try (SnapshotFiles store = Snapshots.open(dir, Disk.REAL)) {
                atLeast = Snapshots.assertNewest(when, store, atLeast, NEXT);
                Snapshots.assertNoLeftovers(when, dir);
                assertEquals(2, Snapshots.files(dir).size(), when);
            }
            Directories.delete(dir);
        }
        assertEquals(NEXT, atLeast, "before the last call, which tidies up, the next one is there");
    }

    @Test
    void aPowerCutWhileItIsSavedLeavesTheFormerSnapshotOrTheNextOne() {
        cutThePowerBeforeEveryCall(SnapshotFaultTest::save);
    }

    @Test
    void aPowerCutWhileItIsReceivedLeavesTheFormerSnapshotOrTheNextOne() {
        cutThePowerBeforeEveryCall(this::receive);
    }

    /** A rename may be forgotten, also where the file it named was forced, until its directory is. */
    private void cutThePowerBeforeEveryCall(Consumer<SnapshotStore> work) {
        final PowerCutDisk disk = new PowerCutDisk(SnapshotDirectory.of(former));
        try (SnapshotFiles store = Snapshots.open(former, disk)) {
            disk.look(call -> cutThePower(disk, "the power cut before " + call, FORMER, NEXT));
            work.accept(store);
            disk.look(call -> { });
            cutThePower(disk, "the power cut after all", NEXT);
        }
    }

    private void cutThePower(PowerCutDisk disk, String when, Long... oneOf) {
        for (int seed = 0; seed < SEEDS; seed++) {
            final Path dir = temp.resolve("cut");
            disk.cut(SnapshotDirectory.of(dir), seed);
            try (SnapshotFiles store = Snapshots.open(dir, Disk.REAL)) {
                Snapshots.assertNewest(when, store, oneOf);
                Snapshots.assertNoLeftovers(when, dir);
            }
            Directories.delete(dir);
        }
    }

    @Test
    void aViewThatSwallowsTheDisksFailureDoesNotMakeItASnapshot() {
        final StepDisk disk = new StepDisk();
        try (SnapshotFiles store = Snapshots.open(former, disk)) {
            assertThrows(StorageException.class, () -> store.save(NEXT, 2, 0, Snapshots.MEMBERS, out -> {
                disk.fail(0, Failure.AFTER);
                try {
                    out.write(Snapshots.state(NEXT));
                } catch (IOException swallowed) {
                    disk.mend();
                }
            }));
            Snapshots.assertNewest("after a swallowed failure", store, FORMER);
            Snapshots.assertNoLeftovers("after a swallowed failure", former);
        }
    }

    @Test
    void aViewThatWrapsTheDisksFailureIsNotBlamedForIt() {
        final StepDisk disk = new StepDisk();
        try (SnapshotFiles store = Snapshots.open(former, disk)) {
            final StorageException failed = assertThrows(StorageException.class,
                () -> store.save(NEXT, 2, 0, Snapshots.MEMBERS, out -> {
                    disk.fail(0, Failure.BEFORE);
                    try {
                        out.write(Snapshots.state(NEXT));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
            assertSaysWhy(failed, former, "planted");
            Snapshots.assertNewest("after a wrapped failure", store, FORMER);
        }
    }

    @Test
    void aFullFileSystemInMemoryRefusesASnapshotCleanlyAndTakesOneWhenThereIsSpace() throws Exception {
        onAFullDisk("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs");
    }

    /** As most disks have it: space is given to what was written when it is forced, and must be promised before. */
    @Test
    void aFullExt4RefusesASnapshotCleanlyAndTakesOneWhenThereIsSpace() throws Exception {
        final Path image = temp.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(12 << 20);
        }
        assumeTrue(run("mkfs.ext4", "-q", "-m", "0", image.toString()), "there is no program that makes an ext4 here");
        onAFullDisk("mount", "-o", "loop", image.toString());
    }

    private void onAFullDisk(String... mountCommand) throws Exception {
        final Path mount = Files.createDirectory(temp.resolve("small-disk"));
        final String[] command = Arrays.copyOf(mountCommand, mountCommand.length + 1);
        command[mountCommand.length] = mount.toString();
        assumeTrue(run(command), "a small file system cannot be mounted here (needs root)");
        try {
            final Path dir = Directories.formatted(mount.resolve("node"));
            final Path ballast = mount.resolve("ballast");
            try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
                final SnapshotStore store = storage.snapshots();
                Snapshots.save(store, FORMER);
                Directories.awaitNextSegment(dir);
                fillUpTo(ballast, 1 << 20);
                final long free = Files.getFileStore(mount).getUsableSpace();

                assertSaysWhy(assertThrows(StorageException.class, () -> save(store)), dir, "No space left");
                assertSaysWhy(assertThrows(StorageException.class, () -> receive(store)), dir, "cannot allocate");
                Snapshots.assertNewest("on a full disk", store, FORMER);
                Snapshots.assertNoLeftovers("on a full disk", dir);
                assertTrue(Files.getFileStore(mount).getUsableSpace() > free - (100 << 10), "the space is given back");
                Directories.appendDurably(storage.log(), 1, 10, 100);

                Files.delete(ballast);
                save(store);
                Snapshots.assertNewest("when there is space again", store, NEXT);
                Directories.appendDurably(storage.log(), 1, 10, 100);
            }
        } finally {
            assertTrue(run("umount", mount.toString()), "unmounted");
        }
    }

    private static void fillUpTo(Path file, long free) throws IOException {
        try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
            final byte[] some = new byte[16 << 10];
            while (Files.getFileStore(file).getUsableSpace() > free) {
                ballast.write(some);
            }
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    @Test
    void closingEndsWhatIsBeingSavedAndReceivedAndLeavesNothingOfIt() {
        try (SnapshotFiles store = Snapshots.open(former, Disk.REAL)) {
            final SnapshotStore.Receiving begun = store.receive(sent.snapshot());
            begun.write(sent.bytes(), 0, 1_000);
            final Thread closer = Thread.ofPlatform().unstarted(store::close);
            final StorageException ended = assertThrows(StorageException.class,
                () -> store.save(NEXT, 2, 0, Snapshots.MEMBERS, out -> {
                    closer.start();
                    while (closer.getState() != Thread.State.BLOCKED) {
                        Directories.pause(); // until it has said that it closes, and waits for this thread
                    }
                    out.write(Snapshots.state(NEXT));
                }));
            assertSaysWhy(ended, former, "closed");
            join(closer);
            assertThrows(IllegalStateException.class, () -> begun.write(sent.bytes(), 0, 1_000));
            assertThrows(StorageException.class, () -> receive(store));
            assertThrows(StorageException.class, () -> save(store));
            assertThrows(StorageException.class, () -> store.open(sent.snapshot()));
        }
        Snapshots.assertNoLeftovers("after closing", former);
        try (SnapshotFiles store = Snapshots.open(former, Disk.REAL)) {
            Snapshots.assertNewest("after closing", store, FORMER);
            assertEquals(Optional.of(FORMER), store.newest().map(Snapshot::index));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What the offline tools need beside the snapshots: a file that says whose they are. */
    private static Path identified(Path dir) {
        try {
            VoteFile.create(dir, Directories.IDENTITY, Disk.REAL);
            return dir;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
