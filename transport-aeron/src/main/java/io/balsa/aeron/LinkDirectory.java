package io.balsa.aeron;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.balsa.raft.spi.TransportException;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/**
 * The folder of one link's driver. Links come and go with their processes, so what a killed one leaves would stay for
 * ever: whoever opens a link removes what belongs to nobody.
 *
 * <p>Beside each folder is a file that its owner keeps locked. The lock says whether there is an owner, and nothing
 * else does: a stopped process gives no sign of life, one in another container has no process id here, and of one that
 * was killed while it started the driver's own files tell nothing, however long one waits for them.
 */
final class LinkDirectory implements AutoCloseable {
    private static final String PREFIX = "balsa-link-";
    private static final String LOCK = ".lock";
    private static final Pattern NAME = Pattern.compile("(" + PREFIX + "(\\d{1,18})-[0-9a-f]+)(" + LOCK + ")?");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path folder;
    private final FileChannel lock;

    private LinkDirectory(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Makes a name for a folder this process's own, after it has removed what is nobody's.
     *
     * @throws TransportException when {@code base} cannot be written to
     */
    static LinkDirectory claim(Path base) {
        try {
            Files.createDirectories(base);
            removeLeftovers(base);
            while (true) {
                final Path folder = base.resolve(ownPrefix() + Integer.toHexString(RANDOM.nextInt()));
                final FileChannel lock = FileChannel.open(lockOf(folder), StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
                // Until it is locked, another process may take the file for a leftover: then it is locked, or gone.
                if (lock.tryLock() != null && Files.exists(lockOf(folder))) {
                    return new LinkDirectory(folder, lock);
                }
                lock.close();
            }
        } catch (IOException e) {
            throw new TransportException("cannot use " + base + " for network buffers: " + e
                + "; make it writable or name another directory", e);
        }
    }

    /** Starts a driver in the folder. */
    EmbeddedAeron launch(SocketBuffers sockets, InetSocketAddress address) {
        final BufferPlan plan =
            BufferPlan.of(Profile.SMALL, 0, sockets, address.getAddress().isLoopbackAddress());
        return EmbeddedAeron.launch(Optional.empty(), new BufferDirectory(folder, plan, plan.describe()),
            (driver, client) -> driver.mtuLength(plan.controlMtu()));
    }

    /** Gives the name up. The driver has ended, and has removed its folder. */
    @Override
    public void close() {
        IoUtil.delete(lockOf(folder).toFile(), true);
        CloseHelper.quietClose(lock);
    }

    private static void removeLeftovers(Path base) throws IOException {
        final Set<Path> folders = new TreeSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (final Path each : all) {
                final Matcher name = NAME.matcher(each.getFileName().toString());
                if (name.matches() && !each.getFileName().toString().startsWith(ownPrefix())) {
                    folders.add(base.resolve(name.group(1)));
                }
            }
        }
        folders.forEach(LinkDirectory::removeIfNobodys);
    }

    /**
     * Not for a folder of this process, which loses its lock of a file with the first channel to it that it closes.
     */
    private static synchronized void removeIfNobodys(Path folder) {
        try (FileChannel lock = FileChannel.open(lockOf(folder), StandardOpenOption.WRITE)) {
            if (lock.tryLock() != null) {
                IoUtil.delete(folder.toFile(), true);
                Files.deleteIfExists(lockOf(folder));
            }
        } catch (NoSuchFileException e) {
            IoUtil.delete(folder.toFile(), true); // an owner makes that file before the folder and removes it after
        } catch (IOException e) {
            // another user's, who removes it
        }
    }

    private static String ownPrefix() {
        return PREFIX + ProcessHandle.current().pid() + "-";
    }

    private static Path lockOf(Path folder) {
        return folder.resolveSibling(folder.getFileName() + LOCK);
    }
}
