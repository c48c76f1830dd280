package io.balsa.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory on the disk to be measured, gone afterwards: under {@code -Dbalsa.bench.dir}, else the working one. */
final class Scratch implements AutoCloseable {
    /** Where the scratch directory is made. */
    static final String BASE = "balsa.bench.dir";

    private final Path path;

    Scratch() {
        try {
            path = Files.createTempDirectory(Path.of(System.getProperty(BASE, ".")).toAbsolutePath(), "balsa-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(path)) {
            all.sorted(Comparator.reverseOrder()).forEach(Scratch::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
