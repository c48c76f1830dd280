package io.balsa.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.balsa.raft.spi.RaftException;

/**
 * The ids of the members that a node's directory was made for, as one line of text beside its log. A node that counted
 * majorities of another set could elect a leader, and commit, without anybody who saw what the former set committed
 * (thesis §4.1): until members can be changed through the log, they cannot be changed at all. Addresses are not kept,
 * they may change.
 */
final class MembersFile {
    private static final String NAME = "members";
    private static final String UNFINISHED_NAME = "members.new";
    private static final String LINE = "\\d+(,\\d+)*\n";

    private MembersFile() {
    }

    /**
     * Refuses a set of ids that differs from the one on file. Where there is none, this one becomes it: the node was
     * just formatted, or never started since, or is of the time before this file. The directory must be locked.
     */
    static void requireSame(Path dir, Set<Integer> ids) {
        final String given = new TreeSet<>(ids).stream().map(String::valueOf).collect(Collectors.joining(",")) + "\n";
        final Path file = dir.resolve(NAME);
        try {
            final String kept = Files.readString(file, StandardCharsets.ISO_8859_1);
            if (!kept.matches(LINE)) {
                throw new RaftException(file + " is damaged; remove it if the cluster's member ids were always "
                    + given.strip());
            }
            if (!kept.equals(given)) {
                throw new RaftException("directory " + dir + " was made for the members " + kept.strip() + ", not for "
                    + given.strip() + "; name the same ids again (members cannot be added or removed yet, their "
                    + "addresses may change)");
            }
        } catch (NoSuchFileException e) {
            write(dir, given);
        } catch (IOException e) {
            throw new RaftException(file + " cannot be read: " + e + "; check the disk's health and the file's rights",
                e);
        }
    }

    /** All or nothing, durably: the name appears when the content is on disk. */
    private static void write(Path dir, String line) {
        final Path unfinished = dir.resolve(UNFINISHED_NAME);
        try {
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                final ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(unfinished, dir.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(dir, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new RaftException("directory " + dir + " cannot be written: " + e
                + "; check the disk's space, health and rights", e);
        }
    }
}
