package io.balsa.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.agrona.BitUtil;

/**
 * Lies under everything in one node's directory and knows what a power cut would leave of it: of each file the bytes
 * that were forced, and of each page written since the old ones or the new ones, as chance has it; of each directory
 * the names as they were when it was forced, and of each change since that it was made, or not.
 *
 * <p>Once the power is off every call fails, as it would for the threads of a process that is no more.
 */
final class PowerCut implements Disk {
    private static final int PAGE = 4096;

    /** What is known of one file, whatever its name. */
    private static final class Content {
        private byte[] forced = {};
    }

    private final Path dir;
    private final RandomGenerator random;
    private final Map<Object, Content> byInode = new HashMap<>();
    private final Map<FileChannel, Path> open = new HashMap<>();
    private final Map<Path, Map<Path, Content>> durableNames = new HashMap<>();
    private int callsLeft = Integer.MAX_VALUE;
    private Path image;
    private boolean off;

    /** All that is there now has been there for long. */
    PowerCut(Path dir, RandomGenerator random) throws IOException {
        this.dir = dir;
        this.random = random;
        try (Stream<Path> tree = Files.walk(dir)) {
            for (final Path path : tree.toList()) {
                if (Files.isDirectory(path)) {
                    durableNames.put(path, names(path));
                } else {
                    content(path).forced = Files.readAllBytes(path);
                }
            }
        }
    }

    /** The power fails now; {@code target} becomes the directory as it is found afterwards. */
    synchronized void cut(Path target) throws IOException {
        image = target;
        leave(dir, target);
        off = true;
    }

    /** The power fails at the {@code calls}-th call from now. */
    synchronized void cutWithin(int calls, Path target) {
        callsLeft = calls;
        image = target;
    }

    /** It does not fail then any more, unless it has failed already. */
    synchronized boolean staysOn() {
        callsLeft = Integer.MAX_VALUE;
        return !off;
    }

    synchronized boolean isOff() {
        return off;
    }

    private void onCall() throws IOException {
        if (!off && --callsLeft < 0) {
            cut(image);
        }
        if (off) {
            throw new IOException("the power is off");
        }
    }

    private Map<Path, Content> names(Path directory) throws IOException {
        while (true) {
            try {
                return namesNow(directory);
            } catch (NoSuchFileException renamed) {
                // a segment was taken into use in between: as if the directory had been looked at a moment later
            }
        }
    }

    private Map<Path, Content> namesNow(Path directory) throws IOException {
        final Map<Path, Content> names = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file : files.toList()) {
                names.put(file, Files.isDirectory(file) ? null : content(file));
            }
        }
        return names;
    }

    private Content content(Path file) throws IOException {
        return byInode.computeIfAbsent(Files.getAttribute(file, "unix:ino"), inode -> new Content());
    }

    private void leave(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        final Map<Path, Content> durable = durableNames.getOrDefault(from, Map.of());
        final Map<Path, Content> current = names(from);
        final TreeSet<Path> all = new TreeSet<>(durable.keySet());
        all.addAll(current.keySet());
        for (final Path path : all) {
            final boolean isNow = current.containsKey(path);
            final boolean same = isNow && durable.containsKey(path) && durable.get(path) == current.get(path);
            final boolean takesNew = same || random.nextBoolean();
            final Path target = to.resolve(path.getFileName());
            if (takesNew && isNow) {
                if (Files.isDirectory(path)) {
                    leave(path, target);
                } else {
                    Files.write(target, torn(current.get(path).forced, Files.readAllBytes(path)));
                }
            } else if (!takesNew && durable.get(path) != null) {
                Files.write(target, durable.get(path).forced);
            }
        }
    }

    private byte[] torn(byte[] forced, byte[] current) {
        final byte[] left = Arrays.copyOf(forced, Math.max(forced.length, current.length));
        for (int page = 0; page < current.length; page += PAGE) {
            if (random.nextBoolean()) {
                System.arraycopy(current, page, left, page, Math.min(PAGE, current.length - page));
            }
        }
        return left;
    }

    @Override
    public synchronized FileChannel open(Path file, OpenOption... options) throws IOException {
        onCall();
        final boolean isNew = !Files.exists(file);
        final FileChannel channel = FileChannel.open(file, options);
        if (isNew) {
            byInode.put(Files.getAttribute(file, "unix:ino"), new Content());
        }
        open.put(channel, file);
        return channel;
    }

    @Override
    public synchronized void preallocate(Path file, long bytes) throws IOException {
        onCall();
        REAL.preallocate(file, bytes);
        byInode.put(Files.getAttribute(file, "unix:ino"), new Content());
    }

    @Override
    public synchronized void force(FileChannel channel, boolean metaData) throws IOException {
        onCall();
        channel.force(metaData);
        final Path file = open.get(channel);
        try {
            content(file).forced = Files.readAllBytes(file);
        } catch (NoSuchFileException renamedOrDeleted) {
            throw new UncheckedIOException("forced under another name: " + file, renamedOrDeleted);
        }
    }

    @Override
    public synchronized MappedByteBuffer map(FileChannel channel, long bytes) throws IOException {
        onCall();
        return REAL.map(channel, bytes);
    }

    @Override
    public synchronized void forcePart(FileChannel channel, MappedByteBuffer mapped, int from, int to)
        throws IOException {
        onCall();
        REAL.forcePart(channel, mapped, from, to);
        final Content content = content(open.get(channel));
        final int end = Math.min(BitUtil.align(to, PAGE), mapped.capacity());
        content.forced = Arrays.copyOf(content.forced, Math.max(content.forced.length, end));
        for (int at = from - from % PAGE; at < end; at++) {
            content.forced[at] = mapped.get(at);
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        onCall();
        REAL.rename(from, to);
    }

    @Override
    public synchronized boolean delete(Path file) throws IOException {
        onCall();
        if (Files.exists(file)) {
            byInode.remove(Files.getAttribute(file, "unix:ino"));
        }
        return REAL.delete(file);
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        onCall();
        REAL.forceDirectory(directory);
        durableNames.put(directory, names(directory));
    }
}
