package io.balsa.kv;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.balsa.raft.spi.RaftException;

/**
 * Directories that come to be together: each is filled under another name beside its own, and all get theirs once all
 * are whole. A half one would pass for a new node's. Where it fails, what was made is gone again.
 */
final class NewDirectories implements AutoCloseable {
    private static final String UNFINISHED = ".restoring";

    /** What is filled, by the name it will get. */
    private final Map<Path, Path> unfinished = new TreeMap<>();
    /** The innermost first. */
    private final Deque<Path> parentsMade = new ArrayDeque<>();
    private final Deque<Path> published = new ArrayDeque<>();
    private boolean done;

    private NewDirectories() {
    }

    /**
     * Looks at all of them before anything is made.
     *
     * @param directories must not exist, or hold nothing at all
     * @throws RaftException when one does
     */
    static NewDirectories begin(Collection<Path> directories) throws IOException {
        for (final Path dir : directories) {
            requireNothingIn(dir);
        }
        final NewDirectories made = new NewDirectories();
        final String mark = "." + HexFormat.of().toHexDigits(new SecureRandom().nextLong()) + UNFINISHED;
        try {
            for (final Path dir : directories) {
                final Path place = dir.toAbsolutePath().normalize();
                made.makeParents(place.getParent());
                made.unfinished.put(place, Files.createDirectory(place.resolveSibling(place.getFileName() + mark)));
            }
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private static void requireNothingIn(Path dir) throws IOException {
        if (Files.isDirectory(dir)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
                if (!files.iterator().hasNext()) {
                    return;
                }
            }
        } else if (!Files.exists(dir)) {
            return;
        }
        throw new RaftException("directory " + dir + " is not empty; choose another for the new member");
    }

    /** From the outermost in, each durable in the one around it. */
    private void makeParents(Path dir) throws IOException {
        if (dir == null || Files.isDirectory(dir)) {
            return;
        }
        makeParents(dir.getParent());
        Files.createDirectory(dir);
        parentsMade.push(dir);
        force(dir.getParent());
    }

    /** Where to put what belongs into {@code dir}. */
    Path unfinished(Path dir) {
        return unfinished.get(dir.toAbsolutePath().normalize());
    }

    /** Gives all of them their names, durably. */
    void publish() throws IOException {
        for (final Map.Entry<Path, Path> one : unfinished.entrySet()) {
            Files.move(one.getValue(), one.getKey(), StandardCopyOption.ATOMIC_MOVE); // over an empty one at most
            published.push(one.getKey());
        }
        for (final Path dir : published) {
            force(dir.getParent());
        }
        done = true;
    }

    private static void force(Path dir) throws IOException {
        try (FileChannel directory = FileChannel.open(dir, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Deletes what was made, unless it was published. */
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        for (final Path dir : published) {
            delete(dir);
        }
        for (final Path dir : unfinished.values()) {
            delete(dir);
        }
        for (final Path dir : parentsMade) {
            Files.deleteIfExists(dir);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
