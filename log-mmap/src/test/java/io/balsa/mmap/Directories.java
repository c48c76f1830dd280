package io.balsa.mmap;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.Storage.Identity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** Node directories as tests need them. */
final class Directories {
    static final Identity IDENTITY = new Identity(0xBA15A, 3, 0x5704E, true);
    /** Small enough to roll, to wrap and to evict within a test. */
    static final MmapConfig SMALL = new MmapConfig(512 << 10, 512 << 10);

    private Directories() {
    }

    static Path formatted(Path dir) {
        MmapStorage.format(dir, IDENTITY);
        return dir;
    }

    /**
     * What another process finds when this one is killed now: every byte written so far, forced or not, in a directory
     * of its own, since the killed process still runs here.
     *
     * @param disk stalled meanwhile, so that nothing becomes durable between the first byte copied and the last
     */
    static Path asKilledNow(Path dir, Path copy, StalledDisk disk) {
        disk.stall();
        try {
            while (!tryCopy(dir, copy)) {
                delete(copy);
            }
            return copy;
        } finally {
            disk.goOn();
        }
    }

    /** As above, for a log that has nothing left to write. */
    static Path copy(Path dir, Path copy) {
        return asKilledNow(dir, copy, new StalledDisk());
    }

    /** @return false when a file was renamed in between: the next segment taken into use */
    private static boolean tryCopy(Path dir, Path copy) {
        try (Stream<Path> files = Files.walk(dir)) {
            for (final Path file : files.toList()) {
                final Path target = copy.resolve(dir.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            return true;
        } catch (NoSuchFileException | UncheckedIOException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path dir) {
        if (!Files.exists(dir)) {
            return;
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> segments(Path dir) {
        try {
            return new ArrayList<>(SegmentFiles.list(dir).values());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the directory, lets {@code use} work with it, and stops cleanly. */
    static void use(Path dir, Consumer<MmapStorage> use) {
        try (MmapStorage storage = MmapStorage.open(dir, SMALL)) {
            use.accept(storage);
        }
    }

    /** Appends {@code count} commands of {@code length} bytes that tell their index, each durable before the next. */
    static void appendDurably(RaftLog log, long term, int count, int length) {
        for (int i = 0; i < count; i++) {
            append(log, term, length);
            awaitPersisted(log, log.lastIndex());
        }
    }

    static void append(RaftLog log, long term, int length) {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[Math.max(length, Long.BYTES)]);
        command.putLong(0, log.lastIndex() + 1);
        log.append(term, RaftLog.COMMAND, command, 0, command.capacity());
    }

    static void awaitPersisted(RaftLog log, long atLeast) {
        final long[] persisted = {0};
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (persisted[0] < atLeast) {
            log.pollPersisted((index, term) -> persisted[0] = index);
            if (System.nanoTime() > deadline) {
                throw new AssertionError("entry " + atLeast + " is not reported durable");
            }
            pause();
        }
    }

    /** Leaves the processor to the log's threads before a condition is looked at again. */
    static void pause() {
        LockSupport.parkNanos(5_000);
    }

    /** The term of every entry, having checked that each command tells its index. */
    static List<Long> terms(RaftLog log) {
        final List<Long> terms = new ArrayList<>();
        if (log.lastIndex() > 0) {
            log.read(1, log.lastIndex(), (index, term, kind, buffer, offset, length) -> {
                if (kind == RaftLog.COMMAND && buffer.getLong(offset) != index) {
                    throw new AssertionError("entry " + index + " holds the command of " + buffer.getLong(offset));
                }
                return terms.add(term);
            });
        }
        return terms;
    }

    /** What the segments take on the disk, with the one that stands ready; of a log that is at rest. */
    static long diskBytes(Path dir) {
        final List<String> command = new ArrayList<>(List.of("du", "--block-size=1", "--total"));
        try (Stream<Path> files = Files.walk(SegmentFiles.logDirectory(dir))) {
            files.filter(file -> SegmentFiles.segmentOf(file).isPresent()
                || file.toString().endsWith(SegmentFiles.PREPARED_SUFFIX))
                .forEach(file -> command.add(file.toString()));
            final Process du = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (BufferedReader output = ChildJvm.output(du)) {
                final String total = output.lines().toList().getLast();
                return Long.parseLong(total.substring(0, total.indexOf('\t')));
            }
        } catch (NoSuchFileException | UncheckedIOException changing) {
            return Long.MAX_VALUE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a record lies. */
    record Place(Path file, int payload, int length) {
    }

    /** The places of all records, in order. */
    static List<Place> records(Path dir) {
        final List<Place> places = new ArrayList<>();
        try {
            for (final Map.Entry<Integer, Path> segment : SegmentFiles.list(dir).entrySet()) {
                try (SegmentView view = SegmentView.open(segment.getValue(), segment.getKey())) {
                    int payload = view.firstPayload();
                    while (payload != SegmentView.NONE) {
                        places.add(new Place(segment.getValue(), payload,
                            (int) Records.recordLength(view.buffer(), payload)));
                        payload = view.nextPayload(payload);
                    }
                }
            }
            return places;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The record, as it is on the disk. */
    static byte[] bytes(Place record) {
        try (RandomAccessFile file = new RandomAccessFile(record.file().toFile(), "r")) {
            final byte[] bytes = new byte[record.length()];
            file.seek(record.payload());
            file.readFully(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The record of this sequence number that lies at {@code payload} in one of the segments. */
    static Place placeOf(Path dir, int payload, long recordSeq) {
        try {
            for (final Map.Entry<Integer, Path> segment : SegmentFiles.list(dir).entrySet()) {
                try (SegmentView view = SegmentView.open(segment.getValue(), segment.getKey())) {
                    if (view.isRecord(payload) && Records.recordSeq(view.buffer(), payload) == recordSeq) {
                        return new Place(segment.getValue(), payload,
                            (int) Records.recordLength(view.buffer(), payload));
                    }
                }
            }
            throw new AssertionError("no record " + recordSeq + " at " + payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites part of a file, as a failing disk might. */
    static void overwrite(Path file, long position, byte[] bytes) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void flipBit(Path file, long position) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
            channel.write(one, position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the segment after the active one stands ready, so that faults from now on meet only the log. */
    static void awaitNextSegment(Path dir) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        final Path active = segments(dir).getLast();
        final Path next = SegmentFiles.preparedFile(active.getParent(),
            SegmentFiles.segmentOf(active).orElseThrow() + 1);
        while (!Files.exists(next)) {
            assertFalse(System.nanoTime() > deadline, "the next segment is not prepared");
            pause();
        }
    }
}
