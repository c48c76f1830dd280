package io.balsa.mmap;

import io.balsa.raft.spi.Storage.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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
     */
    static Path asKilledNow(Path dir, Path copy) {
        try (Stream<Path> files = Files.walk(dir)) {
            for (final Path file : files.toList()) {
                final Path target = copy.resolve(dir.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            return copy;
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
}
