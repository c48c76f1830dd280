package io.balsa.mmap;

import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A second process, running one of the mains below with this test's class path. */
final class ChildJvm {
    private static final List<String> FLAGS = List.of(
        "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
        "--add-opens", "java.base/java.lang.reflect=ALL-UNNAMED",
        "--add-exports", "java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED");

    private ChildJvm() {
    }

    static Process start(boolean withFlags, Class<?> main, Path dir) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (withFlags) {
            command.addAll(FLAGS);
        }
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
            main.getName(), dir.toString()));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Opens the directory and says how that went, in one line. */
    static final class Opener {
        private Opener() {
        }

        public static void main(String[] args) {
            try (MmapStorage storage = MmapStorage.open(Path.of(args[0]), Directories.SMALL)) {
                System.out.println("opened " + storage.boot());
            } catch (RuntimeException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    /** Appends on a disk where a segment takes no space before it is written to, until the log is over. */
    static final class OnUnallocatedSegments {
        private OnUnallocatedSegments() {
        }

        public static void main(String[] args) {
            final MmapStorage storage = MmapStorage.open(Path.of(args[0]), Directories.SMALL, new SparseDisk());
            final RaftLog log = storage.log();
            final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            try {
                while (System.nanoTime() < deadline) {
                    if (log.roomFor(10_000) == RaftLog.Room.YES) {
                        Directories.append(log, 1, 10_000);
                    }
                    log.pollPersisted((index, term) -> System.out.println("durable " + index));
                }
            } catch (RaftException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
                storage.close();
                System.out.println("closed");
                return;
            }
            Runtime.getRuntime().halt(1); // the log thread is gone and nobody was told
        }
    }

    /** Promises space without having it. */
    private static final class SparseDisk implements Disk {
        @Override
        public void force(FileChannel channel, boolean metaData) throws IOException {
            REAL.force(channel, metaData);
        }

        @Override
        public void preallocate(Path file, long bytes) throws IOException {
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(bytes);
            }
        }
    }

    /** Appends for ever and says after each report what is durable. */
    static final class Appender {
        private Appender() {
        }

        public static void main(String[] args) {
            final MmapStorage storage = MmapStorage.open(Path.of(args[0]), Directories.SMALL);
            final long term = storage.votes().currentTerm() + 1;
            storage.votes().persist(term, 0);
            System.out.println("term " + term);
            final RaftLog log = storage.log();
            final long[] durable = {log.lastIndex()};
            while (true) {
                while (log.lastIndex() - durable[0] < 50 && log.roomFor(500) == RaftLog.Room.YES) {
                    Directories.append(log, term, 500);
                }
                log.pollPersisted((index, durableTerm) -> {
                    durable[0] = index;
                    System.out.println("durable " + index);
                });
                Directories.pause();
            }
        }
    }
}
