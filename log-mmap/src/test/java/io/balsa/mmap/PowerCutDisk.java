package io.balsa.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A disk that knows, for one directory, what a power cut would leave: of each file the bytes that were forced, and of
 * the names as many changes, in their order, as the file system happened to write; all up to the last force of the
 * directory.
 */
final class PowerCutDisk implements Disk {
    private static final int PAGE = 4096;

    private static final class Content {
        private byte[] forced = {};
    }

    private final Path directory;
    private final Map<FileChannel, Content> open = new HashMap<>();
    private Map<Path, Content> names = new HashMap<>();
    /** The names as they were durable at last, and after each change since. */
    private final List<Map<Path, Content>> changes = new ArrayList<>();
    private StepDisk.Look look = call -> { };

    PowerCutDisk(Path directory) {
        this.directory = directory;
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file : files.toList()) {
                final Content content = new Content();
                content.forced = Files.readAllBytes(file);
                names.put(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        changes.add(Map.copyOf(names));
    }

    /** Looks before each call. */
    void look(StepDisk.Look each) {
        look = each;
    }

    /** Makes a directory of what is left; the seed says what of that which was not forced. */
    void cut(Path copy, long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        // The first two seeds are the extremes: nothing that was not forced is left, or every name and no content.
        final int change = seed == 0 ? 0 : seed == 1 ? changes.size() - 1 : random.nextInt(changes.size());
        try {
            Files.createDirectories(copy);
            for (final Map.Entry<Path, Content> file : changes.get(change).entrySet()) {
                Files.write(copy.resolve(file.getKey().getFileName()),
                    seed <= 1 ? padded(file.getValue()) : torn(file.getValue(), random));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] padded(Content content) throws IOException {
        return Arrays.copyOf(content.forced, Math.max(content.forced.length, current(content).length));
    }

    private byte[] torn(Content content, SplittableRandom random) throws IOException {
        final byte[] current = current(content);
        final byte[] left = padded(content);
        for (int page = 0; page < current.length; page += PAGE) {
            if (random.nextBoolean()) {
                System.arraycopy(current, page, left, page, Math.min(PAGE, current.length - page));
            }
        }
        return left;
    }

    /** The bytes as they are now; of a file that has no name any more, those that were forced. */
    private byte[] current(Content content) throws IOException {
        for (final Map.Entry<Path, Content> file : names.entrySet()) {
            if (file.getValue() == content) {
                return Files.readAllBytes(file.getKey());
            }
        }
        return content.forced;
    }

    private void changed() {
        changes.add(Map.copyOf(names));
    }

    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
        look.before("opening " + file);
        final FileChannel channel = REAL.open(file, options);
        if (!names.containsKey(file)) {
            names.put(file, new Content());
            changed();
        }
        open.put(channel, names.get(file));
        return channel;
    }

    @Override
    public void preallocate(Path file, long bytes) throws IOException {
        look.before("allocating " + file);
        REAL.preallocate(file, bytes);
        names.put(file, new Content());
        changed();
    }

    @Override
    public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
        look.before("writing at " + position);
        return REAL.write(channel, source, position);
    }

    @Override
    public void force(FileChannel channel, boolean metaData) throws IOException {
        look.before("a force");
        REAL.force(channel, metaData);
        final Content content = open.get(channel);
        content.forced = current(content);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        look.before("renaming to " + to);
        REAL.rename(from, to);
        names.put(to, names.remove(from));
        changed();
    }

    @Override
    public boolean delete(Path file) throws IOException {
        look.before("deleting " + file);
        if (names.remove(file) != null) {
            changed();
        }
        return REAL.delete(file);
    }

    @Override
    public void forceDirectory(Path forced) throws IOException {
        look.before("forcing " + forced);
        REAL.forceDirectory(forced);
        if (forced.equals(directory)) {
            changes.clear();
            changed();
        }
    }
}
