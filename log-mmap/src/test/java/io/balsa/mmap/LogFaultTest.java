package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.mmap.StepDisk.Failed;
import io.balsa.mmap.StepDisk.Failure;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call to the disk that a log, its votes and its recovery make fails once, each in a life of its own on real
 * files. Below lies a disk that forgets what was not forced: after the failure the power goes as well, and what was
 * acknowledged must be there both times, in what the process left and in what the power cut left.
 */
@Timeout(300)
class LogFaultTest {
    private static final MmapConfig TINY = new MmapConfig(256 << 10, 256 << 10);
    private static final String LOG_THREAD = "balsa-" + Directories.IDENTITY.nodeId() + "-log";
    private static final Set<String> CHANGES_NOTHING = Set.of("open", "read", "list");
    private static final Set<String> TAKES_SPACE =
        Set.of("write", "preallocate", "create directory", "create directories");
    private static final String PREPARER = LOG_THREAD + "-preparer";

    /** What is done to a directory until it ends or fails. */
    @FunctionalInterface
    private interface Script {
        void run(Life life);
    }

    /** One run of a script, on a disk of its own. */
    private static final class Life {
        private final Path dir;
        private final StepDisk disk;
        private final Promised promised;
        private Optional<MmapStorage> open = Optional.empty();

        Life(Path dir, StepDisk disk, Promised before) {
            this.dir = dir;
            this.disk = disk;
            this.promised = new Promised(before);
        }

        MmapStorage open() {
            final MmapStorage storage = MmapStorage.open(dir, TINY, disk);
            open = Optional.of(storage);
            promised.use(storage);
            return storage;
        }

        void close() {
            final MmapStorage storage = open.orElseThrow();
            open = Optional.empty();
            storage.close();
        }

        /** Until the threads of the log have nothing left to do. */
        void awaitNextSegment() {
            final Path active = Directories.segments(dir).getLast();
            final Path next = SegmentFiles.preparedFile(active.getParent(),
                SegmentFiles.segmentOf(active).orElseThrow() + 1);
            promised.await(() -> Files.exists(next), "the next segment stands ready");
            promised.await(() -> threadsOfTheLog().anyMatch(Life::isIdlePreparer), "what is full is cut off");
        }

        private static boolean isIdlePreparer(Thread thread) {
            return LockSupport.getBlocker(thread) instanceof SegmentPreparer
                && thread.getState() == Thread.State.WAITING;
        }
    }

    @TempDir
    private Path temp;
    private final LogLines warnings = new LogLines(SegmentPreparer.class);
    private final LogLines unidentified = new LogLines(Rebuild.class);
    private final Set<String> kindsFailed = new TreeSet<>();

    @AfterEach
    void close() {
        warnings.close();
        unidentified.close();
    }

    @Test
    void aNewServer() {
        failAtEveryCall(temp.resolve("nothing"), life -> {
            MmapStorage.format(life.dir, Directories.IDENTITY, life.disk);
            life.open();
            life.awaitNextSegment();
            life.promised.vote(1, 2);
            life.promised.appendDurably(1, 2);
            life.promised.vote(2, 1);
            life.close();
        }, LogFaultTest::openFormatted);
        assertFailed("create directories", "open", "write", "force", "rename", "force directory", "read", "list",
            "create directory", "preallocate", "delete");
    }

    /** As whoever starts a server that may not have been made to its end. */
    private static MmapStorage openFormatted(Path dir) {
        if (!MmapStorage.isFormatted(dir)) {
            assertTrue(MmapStorage.isEmpty(dir), "what was cut short can be done again");
            MmapStorage.format(dir, Directories.IDENTITY);
        }
        return MmapStorage.open(dir, TINY);
    }

    @Test
    void aLogThatGrowsIsCutOffAndCompacted() {
        final Path former = temp.resolve("former");
        MmapStorage.format(former, Directories.IDENTITY);
        failAtEveryCall(former, life -> {
            final MmapStorage storage = life.open();
            life.awaitNextSegment();
            life.promised.appendDurably(1, 9);
            life.awaitNextSegment();
            storage.log().read(1, 9, (index, term, kind, buffer, offset, length) -> true);
            life.promised.truncateFrom(8);
            life.promised.appendDurably(2, 8);
            life.awaitNextSegment();
            final Path oldest = Directories.segments(life.dir).getFirst();
            life.promised.compact(12);
            life.promised.await(() -> !Files.exists(oldest), "the oldest segment is gone");
            life.promised.vote(2, 1);
            life.promised.appendDurably(2, 1);
            life.close();
        }, dir -> MmapStorage.open(dir, TINY));
        assertFailed("open", "write", "force", "force directory", "preallocate", "truncate", "delete");
    }

    @Test
    void aStartAfterACrashThatToreTheLog() {
        final Path former = killedWithATornTail();
        failAtEveryCall(former, life -> {
            life.open();
            life.awaitNextSegment();
            life.promised.appendDurably(3, 1);
            life.close();
            life.open();
            life.close();
        }, dir -> MmapStorage.open(dir, TINY));
        assertFailed("open", "read", "list", "write", "force", "force directory", "preallocate", "truncate",
            "create directory", "delete");
    }

    private Path killedWithATornTail() {
        final Path node = temp.resolve("node");
        MmapStorage.format(node, Directories.IDENTITY);
        final Path killed;
        try (MmapStorage storage = MmapStorage.open(node, TINY)) {
            storage.votes().persist(1, 2);
            new Promised(storage).appendDurably(1, 9);
            killed = Directories.copy(node, temp.resolve("killed"));
        }
        final Directories.Place last = Directories.records(killed).getLast();
        Directories.overwrite(last.file(), last.payload() + 50, new byte[20]);
        return killed;
    }

    @Test
    void aRebuild() {
        final Path former = killedWithATornTail();
        final Directories.Place third = Directories.records(former).get(3);
        Directories.flipBit(third.file(), third.payload() + 60);
        failAtEveryCall(former, life -> {
            final long cluster = Directories.IDENTITY.clusterId();
            MmapStorage.prepareRebuild(life.dir, cluster, Directories.IDENTITY.nodeId(), life.disk);
            life.open();
            life.awaitNextSegment();
            life.promised.reset(10, 2);
            life.promised.appendDurably(2, 1);
            life.promised.vote(2, 1);
            life.close();
        }, dir -> {
            // Nobody knows whether it was cut short; what is sound already is left as it is.
            if (!LogVerify.verifyLog(dir).isEmpty()) {
                assertEquals(Standing.REBUILDING, MmapStorage.prepareRebuild(dir, Directories.IDENTITY.clusterId(),
                    Directories.IDENTITY.nodeId()));
            }
            final MmapStorage storage = MmapStorage.open(dir, TINY);
            assertEquals(Standing.REBUILDING, storage.identity().standing());
            return storage;
        });
        assertFailed("open", "read", "list", "write", "force", "force directory", "rename", "create directories");
    }

    /** Opens a directory after a fault, on a disk that is whole again. */
    @FunctionalInterface
    private interface Opening {
        MmapStorage open(Path dir);
    }

    /**
     * A call is told by its name and by how many of that name were before it: which of the log's threads is ahead of
     * which differs from life to life.
     */
    private void failAtEveryCall(Path former, Script script, Opening again) {
        final Promised before = promisedBefore(former, again);
        final List<String> calls = new ArrayList<>();
        failsAt(former, "none", 0, Failure.BEFORE, life -> {
            script.run(life);
            calls.addAll(life.disk.calls());
        }, again, before);
        assertTrue(calls.size() > 20, "calls to the disk: " + calls);
        final Map<String, Integer> made = new HashMap<>();
        for (final String call : calls) {
            final int after = made.merge(call, 1, Integer::sum) - 1;
            failsAt(former, call, after, Failure.BEFORE, script, again, before);
            if (!CHANGES_NOTHING.contains(kind(call))) {
                failsAt(former, call, after, Failure.AFTER, script, again, before);
            }
            if (TAKES_SPACE.contains(kind(call))) {
                failsAt(former, call, after, Failure.FULL, script, again, before);
            }
        }
    }

    private Promised promisedBefore(Path former, Opening again) {
        final Path root = temp.resolve("before");
        final Path dir = root.resolve("node");
        copyOrLeaveEmpty(former, root, dir);
        try (MmapStorage storage = again.open(dir)) {
            return new Promised(storage);
        } finally {
            Directories.delete(root);
        }
    }

    private static String kind(String call) {
        return call.substring(0, call.lastIndexOf(' '));
    }

    private void failsAt(Path former, String call, int after, Failure failure, Script script, Opening again,
                         Promised before) {
        final Path root = temp.resolve("root");
        final Path dir = root.resolve("node");
        copyOrLeaveEmpty(former, root, dir);
        warnings.clear();
        unidentified.clear();
        final Set<Thread> threadsBefore = threadsOfTheLog().collect(Collectors.toSet());
        final PowerCut power = powerCut(root, Objects.hash(call, after));
        final StepDisk disk = new StepDisk(power);
        disk.failLater(call, after, failure);
        final Life life = new Life(dir, disk, before);
        final Optional<RaftException> told = run(script, life);
        disk.failed().ifPresent(failed -> {
            final String when = "after " + failure + " of " + call + " number " + after + ", by "
                + failed.thread().getName();
            kindsFailed.add(kind(call));
            assertToldOnce(when, failed, told, dir);
            assertNotForcedAgain(when, failed, disk.calls());
            closeAfter(when, life, failed);
            assertKept(when, life, power, again);
        });
        assertEquals(List.of(), threadsOfTheLog().filter(thread -> !threadsBefore.contains(thread)).toList(),
            "threads that did not end");
        Directories.delete(root);
    }

    private static void copyOrLeaveEmpty(Path former, Path root, Path dir) {
        try {
            Files.createDirectory(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (Files.exists(former)) {
            Directories.copy(former, dir);
        }
    }

    private static PowerCut powerCut(Path root, int seed) {
        try {
            return new PowerCut(root, new SplittableRandom(seed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<RaftException> run(Script script, Life life) {
        try {
            script.run(life);
            return Optional.empty();
        } catch (RaftException told) {
            return Optional.of(told);
        }
    }

    /** Either whoever asked is told, or, of what can be done again and was, the operator. */
    private void assertToldOnce(String when, Failed failed, Optional<RaftException> told, Path dir) {
        final List<String> lines = new ArrayList<>(warnings.all());
        told.ifPresent(e -> {
            assertTrue(e.getMessage().contains("check"), () -> when + " nobody is told what to do: " + e.getMessage());
            lines.add(e.getMessage());
        });
        lines.removeIf(line -> line.startsWith("there is space for the log again"));
        lines.addAll(unidentified.all());
        assertEquals(1, lines.size(), () -> when + " this was told: " + lines);
        final String line = lines.getFirst();
        assertTrue(line.contains("planted"), () -> when + " the reason is not told: " + line);
        assertTrue(line.contains(dir.toString()), () -> when + " the place is not told: " + line);
        assertFalse(line.contains("\n"), () -> when + " more than a line: " + line);
        final boolean canWait = failed.thread().getName().equals(PREPARER)
            && !failed.call().startsWith("force directory");
        final boolean isGivenUp = !unidentified.all().isEmpty(); // a segment of a log that is given up anyway
        assertTrue(told.isPresent() || canWait || isGivenUp || isDeletionAtTheEnd(failed),
            () -> when + " only the operator is told: " + line);
        assertFalse(told.isPresent() && canWait, () -> when + " what can be done again stopped the log: " + line);
    }

    /** Of the segment that was prepared and not needed; the next start does it. */
    private static boolean isDeletionAtTheEnd(Failed failed) {
        return failed.call().startsWith("delete") && failed.call().endsWith(SegmentFiles.PREPARED_SUFFIX);
    }

    /** What a failed force should have forced may be lost, and another force would not say so. */
    private static void assertNotForcedAgain(String when, Failed failed, List<String> calls) {
        if (!failed.call().startsWith("force")) {
            return;
        }
        final List<String> later = calls.subList(failed.number() + 1, calls.size());
        final int again = later.indexOf(failed.call());
        // A segment that is allocated anew is another file, of which nothing was forced yet.
        final boolean anew = again >= 0
            && later.subList(0, again).contains("preallocate" + failed.call().substring("force".length()));
        assertTrue(again < 0 || anew, () -> when + " it was forced again: " + later);
    }

    private static void closeAfter(String when, Life life, Failed failed) {
        life.open.ifPresent(storage -> {
            if (failed.thread().getName().equals(LOG_THREAD)) {
                final UnsafeBuffer command = new UnsafeBuffer(new byte[8]);
                assertThrows(StorageException.class, () -> storage.log().append(9, (byte) 1, command, 0, 8),
                    () -> when + " the log is over, although the disk is whole again");
            }
            try {
                storage.close();
            } catch (StorageException earlier) {
                // The vote file says for as long as it is in use that it must not be used; but it does not fail twice.
                assertFalse(earlier.getMessage().contains("planted"), () -> when + " told twice: " + earlier);
            }
        });
    }

    private void assertKept(String when, Life life, PowerCut power, Opening again) {
        final Path cut = temp.resolve("cut");
        try {
            power.cut(cut);
            Files.createDirectories(cut.resolve("node"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (MmapStorage storage = again.open(life.dir)) {
            life.promised.assertKept(when, storage);
        }
        try (MmapStorage storage = again.open(cut.resolve("node"))) {
            life.promised.assertKept(when + " and a power cut", storage);
        }
        Directories.delete(cut);
    }

    private static Stream<Thread> threadsOfTheLog() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith(LOG_THREAD));
    }

    private void assertFailed(String... kinds) {
        assertTrue(kindsFailed.containsAll(List.of(kinds)), () -> "calls that failed: " + kindsFailed);
    }
}
