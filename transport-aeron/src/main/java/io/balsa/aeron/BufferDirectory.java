package io.balsa.aeron;

import io.balsa.raft.spi.TransportException;
import org.agrona.IoUtil;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Where the driver's files go: in memory if there is room, else on the node's own disk with a warning. */
record BufferDirectory(Path path, BufferPlan plan, String description) {
    /**
     * Removes what a killed run of the same node left, then looks for room. The node's port must be known to be free:
     * a live process with the same cluster, node and port would lose its files.
     *
     * @throws TransportException when neither place has room
     */
    static BufferDirectory choose(AeronConfig config, SocketBuffers sockets, boolean loopback) {
        return choose(config, sockets, loopback, BufferDirectory::freeBytes);
    }

    static BufferDirectory choose(AeronConfig config, SocketBuffers sockets, boolean loopback,
                                  ToLongFunction<Path> freeBytes) {
        final Path inMemory = config.directoryBase().resolve(name(config));
        final Path onDisk = config.dataDirectory().resolve("aeron");
        remove(inMemory);
        remove(onDisk);
        final int peers = config.peers().size();
        final long freeInMemory = freeBytes.applyAsLong(config.directoryBase());
        final Optional<BufferPlan> there =
            BufferPlan.choose(config.profile(), peers, freeInMemory, sockets, loopback);
        if (there.isPresent()) {
            return new BufferDirectory(inMemory, there.get(), there.get().describe() + ", in " + inMemory);
        }
        final Profile least = config.profile().orElse(Profile.SMALL);
        final BufferPlan plan = BufferPlan.of(least, peers, sockets, loopback);
        final String shortage = config.directoryBase() + " has " + BufferPlan.mebibytes(freeInMemory) + " free, "
            + BufferPlan.mebibytes(plan.total()) + " are needed";
        final long freeOnDisk = freeBytes.applyAsLong(config.dataDirectory());
        if (plan.total() > freeOnDisk) {
            throw new TransportException("no room for network buffers: " + shortage + ", and "
                + config.dataDirectory() + " has " + BufferPlan.mebibytes(freeOnDisk) + "; free space in either");
        }
        return new BufferDirectory(onDisk, plan, plan.describe() + ", in " + onDisk + "; WARNING: on disk and slower, "
            + shortage + "; enlarge it (docker: --shm-size)");
    }

    /** Keeps other users of this host from reading frames. The files in it are made later. */
    void restrictToOwner() throws IOException {
        if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
    }

    void remove() {
        remove(path);
    }

    private static String name(AeronConfig config) {
        final String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9_.-]", "_");
        return "balsa-" + user + "-" + Long.toHexString(config.clusterId()) + "-" + config.nodeId() + "-"
            + config.bind().port();
    }

    private static void remove(Path directory) {
        IoUtil.delete(directory.toFile(), true);
    }

    private static long freeBytes(Path directory) {
        try {
            Files.createDirectories(directory);
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw new TransportException("cannot use " + directory + " for network buffers: " + e.getMessage()
                + "; make it writable or name another directory", e);
        }
    }
}
