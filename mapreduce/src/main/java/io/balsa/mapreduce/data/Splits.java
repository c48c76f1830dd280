package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.Split;

/** Cuts a job's input into splits: once, when it is submitted, since files may come and go later. */
public final class Splits {
    private static final String GLOB_CHARACTERS = "*?[{";

    private Splits() {
    }

    /**
     * Returns the splits in the order of paths and positions: split {@code i} is that of map task {@code i}.
     *
     * @throws InvalidJobException if an input is not there or cannot be read, or there is none at all
     */
    public static List<Split> of(JobSpec spec) {
        final TreeSet<Path> files = new TreeSet<>();
        for (final String input : spec.inputs()) {
            final List<Path> found = expand(input);
            if (found.isEmpty()) {
                throw new InvalidJobException("no file matches input " + input + "; give a file or a glob in quotes");
            }
            files.addAll(found);
        }
        final List<Split> splits = new ArrayList<>();
        for (final Path file : files) {
            cut(file, spec, splits);
        }
        return List.copyOf(splits);
    }

    /** Whether a file is read from its beginning to its end by one task. */
    static boolean isWhole(JobSpec spec, String file) {
        return spec.lab() || spec.format() == InputFormat.WHOLE_FILES || isPacked(file);
    }

    static boolean isPacked(String file) {
        return file.endsWith(".gz");
    }

    private static void cut(Path file, JobSpec spec, List<Split> splits) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new InvalidJobException("input " + file + " cannot be read; give a file that can");
        }
        final long size;
        try {
            size = Files.size(file);
        } catch (final IOException e) {
            throw new InvalidJobException("input " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (isWhole(spec, file.toString())) {
            splits.add(new Split(file.toString(), 0, size));
            return;
        }
        // Equal parts, so that no task is left with a scrap; none longer than was asked for.
        final long parts = Math.max(1, Math.ceilDiv(size, spec.splitBytes()));
        for (long part = 0; part < parts; part++) {
            splits.add(new Split(file.toString(), size / parts * part + Math.min(part, size % parts),
                size / parts * (part + 1) + Math.min(part + 1, size % parts)));
        }
    }

    private static List<Path> expand(String input) {
        final Path plain = Path.of(input);
        if (input.chars().noneMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0) || Files.exists(plain)) {
            return Files.exists(plain) ? List.of(plain.normalize()) : List.of();
        }
        List<Path> found = List.of(plain.getRoot());
        for (final Path part : plain) {
            final PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + part);
            final List<Path> deeper = new ArrayList<>();
            for (final Path directory : found) {
                descend(directory, part, matcher, deeper);
            }
            found = deeper;
        }
        return found.stream().filter(path -> !Files.isDirectory(path)).toList();
    }

    private static void descend(Path directory, Path part, PathMatcher matcher, List<Path> found) {
        if (Files.exists(directory.resolve(part))) {
            found.add(directory.resolve(part).normalize());
            return;
        }
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (final Path entry : entries) {
                // As in a shell: what begins with a dot is only matched by a pattern that does, too.
                final Path name = entry.getFileName();
                if (matcher.matches(name) && (part.toString().startsWith(".") || !name.toString().startsWith("."))) {
                    found.add(entry);
                }
            }
        } catch (final IOException e) {
            throw new InvalidJobException("directory " + directory + " of an input cannot be read: "
                + e.getMessage(), e);
        }
    }
}
