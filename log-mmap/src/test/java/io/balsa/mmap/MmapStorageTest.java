package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.SnapshotStore;
import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's directory as a whole: who may open it, what it remembers, what a person is told. */
class MmapStorageTest {
    @TempDir
    private Path temp;

    @Test
    void aDirectoryIsFormattedOnce() {
        final Path dir = temp.resolve("a/b/node");
        assertTrue(MmapStorage.isEmpty(dir));
        assertFalse(MmapStorage.isFormatted(dir));
        MmapStorage.format(dir, Directories.IDENTITY);
        assertFalse(MmapStorage.isEmpty(dir));
        assertTrue(MmapStorage.isFormatted(dir));
        assertRefused("not empty", () -> MmapStorage.format(dir, Directories.IDENTITY));
        Directories.use(dir, storage -> assertEquals(Directories.IDENTITY, storage.identity()));
    }

    @Test
    void aDirectoryOfSomethingElseIsNotFormatted() throws IOException {
        Files.writeString(temp.resolve("letter.txt"), "mine");
        assertRefused("not empty", () -> MmapStorage.format(temp, Directories.IDENTITY));
        assertEquals(List.of(temp.resolve("letter.txt")), list(temp));
    }

    @Test
    void aFormattingCutShortCanBeDoneAgain() throws IOException {
        Files.createDirectory(temp.resolve("log"));
        Files.write(temp.resolve("vote.new"), new byte[7]);
        assertTrue(MmapStorage.isEmpty(temp));
        MmapStorage.format(temp, Directories.IDENTITY);
        Directories.use(temp, storage -> assertEquals(0, storage.log().lastIndex()));
    }

    @Test
    void anUnformattedDirectoryIsNotOpened() {
        assertRefused("holds no server", () -> MmapStorage.open(temp.resolve("nowhere"), Directories.SMALL).close());
    }

    @Test
    void aMissingVoteFileIsNoNewServer() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 1, 100));
        Files.delete(VoteFile.path(dir));
        assertFalse(MmapStorage.isEmpty(dir));
        final LogCorruptException refused = assertThrows(LogCorruptException.class,
            () -> MmapStorage.open(dir, Directories.SMALL).close());
        assertTrue(refused.getMessage().contains("term and vote are lost; start it with --rebuild"),
            refused.getMessage());
        assertEquals(1, LogVerify.verify(dir).size());
    }

    @Test
    void everyOpenIsALaterBoot() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final List<Long> boots = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Directories.use(dir, storage -> boots.add(storage.boot()));
        }
        assertTrue(boots.get(0) < boots.get(1) && boots.get(1) < boots.get(2), boots.toString());
        assertEquals(boots.get(0) >>> 32, (boots.get(2) >>> 32) - 2);
        final Path copy = Directories.copy(dir, temp.resolve("copy"));
        Directories.use(dir, original -> Directories.use(copy, twin -> {
            assertEquals(original.boot() >>> 32, twin.boot() >>> 32);
            assertNotEquals(original.boot(), twin.boot());
        }));
    }

    @Test
    void snapshotsLieBesideTheLogAndOutliveTheProcess() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final byte[] state = {1, 2, 3};
        Directories.use(dir, storage -> {
            Directories.appendDurably(storage.log(), 1, 3, 100);
            final SnapshotStore snapshots = storage.snapshots();
            final Snapshot saved = snapshots.save(2, 1, 9, new TreeSet<>(List.of(3)), out -> out.write(state));
            assertEquals(Optional.of(saved), snapshots.newest());
            Directories.appendDurably(storage.log(), 1, 3, 100);
        });
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            final Snapshot newest = storage.snapshots().newest().orElseThrow();
            assertEquals(2, newest.index());
            assertArrayEquals(state, storage.snapshots().open(newest).readAllBytes());
            assertEquals(6, storage.log().lastIndex());
        }
    }

    @Test
    void aSecondOpenInThisProcessIsRefusedAndDoesNotLoosenTheLock() throws Exception {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            assertRefused(dir.toString(), () -> MmapStorage.open(dir, Directories.SMALL).close());
            final String other = openInAnotherProcess(true, dir);
            assertTrue(other.startsWith("RaftException: directory " + dir + " is in use"), other);
            Directories.appendDurably(storage.log(), 1, 1, 100);
        }
        assertTrue(openInAnotherProcess(true, dir).startsWith("opened"));
    }

    @Test
    void closingAgainDoesNotLoosenTheLockOfWhoeverOpenedItSince() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final MmapStorage first = MmapStorage.open(dir, Directories.SMALL);
        first.close();
        try (MmapStorage second = MmapStorage.open(dir, Directories.SMALL)) {
            first.close();
            assertRefused(dir.toString(), () -> MmapStorage.open(dir, Directories.SMALL).close());
            Directories.appendDurably(second.log(), 1, 1, 100);
        }
    }

    @Test
    void withoutTheJvmFlagsNothingIsOpenedAndTheFlagsAreNamed() throws Exception {
        final Path dir = Directories.formatted(temp.resolve("node"));
        final String said = openInAnotherProcess(false, dir);
        assertTrue(said.startsWith("RaftException"), said);
        assertTrue(said.contains("--add-exports java.base/sun.nio.ch=ALL-UNNAMED"), said);
        assertTrue(said.contains("--add-opens java.base/java.lang.reflect=ALL-UNNAMED"), said);
        Directories.use(dir, storage -> assertEquals(1, storage.boot() >>> 32));
    }

    @Test
    void theDumpSaysEveryRecordAndDoesNotDisturbARunningNode() throws IOException {
        final Path dir = Directories.formatted(temp.resolve("node"));
        try (MmapStorage storage = MmapStorage.open(dir, Directories.SMALL)) {
            storage.votes().persist(4, 2);
            Directories.appendDurably(storage.log(), 4, 3, 100);
            storage.log().truncateFrom(3);
            Directories.appendDurably(storage.log(), 5, 1, 100);
            final List<Path> before = list(dir);
            final List<String> lines = new ArrayList<>();
            LogDump.dump(dir, lines::add);
            assertEquals(List.of(), LogVerify.verify(dir));
            assertEquals(before, list(dir));

            assertTrue(lines.getFirst().contains("term 4 votedFor 2 boot 1"), lines.getFirst());
            assertEquals(List.of("segment header", "entry index 1 term 4 command 100 bytes",
                "entry index 2 term 4 command 100 bytes", "entry index 3 term 4 command 100 bytes", "truncate from 3",
                "entry index 3 term 5 command 100 bytes"), kinds(lines.subList(2, lines.size())));
            Directories.appendDurably(storage.log(), 5, 1, 100);
        }
        final List<String> lines = new ArrayList<>();
        LogDump.dump(dir, lines::add);
        assertTrue(lines.getLast().endsWith("close at index 4"), lines.getLast());
    }

    private static List<String> kinds(List<String> lines) {
        return lines.stream()
            .map(line -> line.replaceFirst(".* durable \\d+ ", "").replaceFirst("(segment header).*", "$1")).toList();
    }

    @Test
    void theDumpShowsWhatIsDamagedAndWhatComesAfter() {
        final Path dir = Directories.formatted(temp.resolve("node"));
        Directories.use(dir, storage -> Directories.appendDurably(storage.log(), 1, 5, 100));
        final Directories.Place third = Directories.records(dir).get(3);
        Directories.flipBit(third.file(), third.payload() + 70);
        final List<String> lines = new ArrayList<>();
        LogDump.dump(dir, lines::add);
        assertEquals(1, lines.stream().filter(line -> line.endsWith("damaged")).count(), lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.contains("entry index 4 ")), lines.toString());
        assertFalse(lines.stream().anyMatch(line -> line.contains("entry index 3 ")), lines.toString());
    }

    private static String openInAnotherProcess(boolean withFlags, Path dir) throws IOException, InterruptedException {
        final Process process = ChildJvm.start(withFlags, ChildJvm.Opener.class, dir);
        try (BufferedReader output = ChildJvm.output(process)) {
            final String line = output.readLine();
            process.waitFor();
            return line;
        }
    }

    private static List<Path> list(Path dir) throws IOException {
        try (var files = Files.walk(dir)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void assertRefused(String mention, Runnable attempt) {
        final RaftException refused = assertThrows(RaftException.class, attempt::run);
        assertTrue(refused.getMessage().contains(mention), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), "one line");
    }
}
