package io.balsa.mmap;

import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.Storage.Identity;
import io.balsa.raft.spi.Storage.Standing;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.VoteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Term, vote, boot counter and identity in a file of fixed size, written in place: a vote needs no space on a full disk
 * and waits for no bulk write. Two slots, a page apart, are written in turn; a crash damages the one being written, and
 * the other still holds the pair before.
 *
 * <pre>
 *   0  crc32c of 4..79     8  magic           24  currentTerm     40  clusterId     56  bootCounter
 *   4  version            16  sequence        32  votedFor        48  storeId       64  durableRecords
 *                                             36  nodeId                            72  standing
 *                                                                                   76  durability      little endian
 * </pre>
 *
 * <p>{@code durableRecords} is how many records the log was known to hold durably when this server last started or
 * stopped: a log that has fewer lost some. {@code standing}: 0 follower, 1 voter, 2 rebuilding, 3 vote lost.
 * {@code durability}: 0 forced, 1 memory quorum; a program that knows only the first one takes this for a standing that
 * it does not know.
 */
final class VoteFile implements VoteStore, AutoCloseable {
    static final int SLOT_DISTANCE = 4096;
    static final int SLOT_LENGTH = 80;
    private static final String NAME = "vote";
    private static final long MAGIC = 0x45544F56_41534C42L;
    private static final int VERSION = 1;

    /** What one slot says. */
    record Slot(long sequence, long currentTerm, int votedFor, Identity identity, long bootCounter,
                long durableRecords) {
        Slot next(long newTerm, int newVotedFor, long newBootCounter, long newDurableRecords) {
            return new Slot(sequence + 1, newTerm, newVotedFor, identity, newBootCounter, newDurableRecords);
        }

        /** The same with another standing. */
        Slot with(Standing standing) {
            return new Slot(sequence, currentTerm, votedFor, identity.with(standing), bootCounter, durableRecords);
        }
    }

    private final Path file;
    private final FileChannel channel;
    private final Disk disk;
    private final ByteBuffer buffer = newBuffer();
    // Written by whichever thread persists, read by the loop thread.
    private volatile Slot slot;
    private volatile boolean failed;

    private VoteFile(Path file, FileChannel channel, Disk disk, Slot slot) {
        this.file = file;
        this.channel = channel;
        this.disk = disk;
        this.slot = slot;
    }

    static Path path(Path dir) {
        return dir.resolve(NAME);
    }

    /** What both slots say; a slot that is empty was torn by a crash, or is damaged. */
    record Slots(Optional<Slot> first, Optional<Slot> second) {
        Optional<Slot> newest() {
            if (first.isPresent() && second.isPresent()) {
                return first.get().sequence > second.get().sequence ? first : second;
            }
            return first.or(() -> second);
        }

        boolean bothSound() {
            return first.isPresent() && second.isPresent();
        }
    }

    /** Creates the file of a new server, whole or not at all. */
    static void create(Path dir, Identity identity, Disk disk) throws IOException {
        create(dir, new Slot(0, 0, NOBODY, identity, 0, 0), disk);
    }

    /** Creates the file, or replaces it, whole or not at all. */
    static void create(Path dir, Slot slot, Disk disk) throws IOException {
        final Path unfinished = dir.resolve(NAME + ".new");
        try (FileChannel channel = disk.open(unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
            write(channel, ByteBuffer.allocate(2 * SLOT_DISTANCE), 0, disk);
            write(channel, newBuffer(), slot, disk);
            write(channel, newBuffer(),
                slot.next(slot.currentTerm, slot.votedFor, slot.bootCounter, slot.durableRecords), disk);
            disk.force(channel, true);
        }
        disk.rename(unfinished, path(dir));
        disk.forceDirectory(dir);
    }

    static VoteFile open(Path dir, Disk disk) throws IOException {
        final Path file = path(dir);
        final Slot slot = read(dir, disk);
        return new VoteFile(file, disk.open(file, StandardOpenOption.WRITE), disk, slot);
    }

    /** The newer of the sound slots; changes nothing. */
    static Slot read(Path dir) throws IOException {
        return read(dir, Disk.REAL);
    }

    static Slot read(Path dir, Disk disk) throws IOException {
        final Path file = path(dir);
        if (!Files.exists(file)) {
            throw new LogCorruptException(file + " is missing: this server's term and vote are lost; start it "
                + "with --rebuild, so that its peers make it a voter again");
        }
        return readSlots(dir, disk).newest().orElseThrow(() -> new LogCorruptException(file + ": both slots fail their "
            + "checksum, so this server's term and vote are lost; start it with --rebuild, so that its peers make it a "
            + "voter again"));
    }

    /** Both slots of a file that is there; changes nothing. */
    static Slots readSlots(Path dir, Disk disk) throws IOException {
        try (FileChannel channel = disk.open(path(dir), StandardOpenOption.READ)) {
            return new Slots(read(channel, 0, disk), read(channel, 1, disk));
        }
    }

    /** The same, where a slot that the disk does not give counts as one that fails its checksum. */
    static Slots readableSlots(Path dir, Disk disk) throws IOException {
        try (FileChannel channel = disk.open(path(dir), StandardOpenOption.READ)) {
            return new Slots(readable(channel, 0, disk), readable(channel, 1, disk));
        }
    }

    private static Optional<Slot> readable(FileChannel channel, int which, Disk disk) {
        try {
            return read(channel, which, disk);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    @Override
    public long currentTerm() {
        return slot.currentTerm;
    }

    @Override
    public int votedFor() {
        return slot.votedFor;
    }

    @Override
    public void persist(long currentTerm, int votedFor) {
        store(vote(currentTerm, votedFor));
    }

    /** In both slots: were the one before to stand beside it, damage to one would bring the voter back. */
    @Override
    public void demote(long bootCounter) {
        final Slot now = slot;
        store(now.next(now.currentTerm, now.votedFor, Math.max(now.bootCounter, bootCounter), now.durableRecords)
            .with(Standing.VOTE_LOST));
        final Slot demoted = slot;
        store(demoted.next(demoted.currentTerm, demoted.votedFor, demoted.bootCounter, demoted.durableRecords));
    }

    @Override
    public void promote(long currentTerm, int votedFor) {
        store(vote(currentTerm, votedFor).with(Standing.VOTER));
    }

    private Slot vote(long currentTerm, int votedFor) {
        final Slot now = slot;
        if (currentTerm < now.currentTerm) {
            throw new IllegalArgumentException("term " + currentTerm + " after term " + now.currentTerm);
        }
        // Guards the one promise that elections rest on (§5.2), so it is checked always, not only with assertions.
        if (currentTerm == now.currentTerm && now.votedFor != NOBODY && votedFor != now.votedFor) {
            throw new IllegalStateException("second vote in term " + currentTerm + ": " + votedFor + " after "
                + now.votedFor);
        }
        return now.next(currentTerm, votedFor, now.bootCounter, now.durableRecords);
    }

    Identity identity() {
        return slot.identity;
    }

    long bootCounter() {
        return slot.bootCounter;
    }

    /** What the file says now. */
    Slot slot() {
        return slot;
    }

    /**
     * The run before may have lost entries that it acknowledged: its server is no voter's until it is promoted. To be
     * followed by {@link #raiseBoot}, so that both slots say so.
     */
    void distrust() {
        final Slot now = slot;
        if (now.identity.voter()) {
            store(now.next(now.currentTerm, now.votedFor, now.bootCounter, now.durableRecords)
                .with(Standing.REBUILDING));
        }
    }

    /** Counts a new run, which finds {@code durableRecords} records in the log. */
    void raiseBoot(long durableRecords) {
        final Slot now = slot;
        store(now.next(now.currentTerm, now.votedFor, now.bootCounter + 1, durableRecords));
    }

    /** Notes at a clean stop how many records the log holds. */
    void noteDurableRecords(long durableRecords) {
        final Slot now = slot;
        store(now.next(now.currentTerm, now.votedFor, now.bootCounter, durableRecords));
    }

    private void store(Slot next) {
        // After a failed force the kernel may have dropped the page: another force would report a success it never had.
        if (failed) {
            throw new StorageException(file + ": an earlier write failed; stop this node and check the disk");
        }
        try {
            write(channel, buffer, next, disk);
            disk.force(channel, false);
            slot = next;
        } catch (IOException e) {
            failed = true;
            throw new StorageException(file + ": term " + next.currentTerm + " could not be made durable: "
                + e.getMessage() + "; stop this node and check the disk", e);
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, Slot slot, Disk disk) throws IOException {
        buffer.clear();
        buffer.putInt(0).putInt(VERSION).putLong(MAGIC).putLong(slot.sequence).putLong(slot.currentTerm)
            .putInt(slot.votedFor).putInt(slot.identity.nodeId()).putLong(slot.identity.clusterId())
            .putLong(slot.identity.storeId()).putLong(slot.bootCounter).putLong(slot.durableRecords)
            .putInt(code(slot.identity.standing())).putInt(code(slot.identity.durability())).flip();
        buffer.putInt(0, crc(buffer));
        write(channel, buffer, (slot.sequence & 1) * SLOT_DISTANCE, disk);
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long start, Disk disk) throws IOException {
        while (bytes.hasRemaining()) {
            disk.write(channel, bytes, start + bytes.position());
        }
    }

    private static Optional<Slot> read(FileChannel channel, int which, Disk disk) throws IOException {
        final ByteBuffer buffer = newBuffer();
        final long start = (long) which * SLOT_DISTANCE;
        while (buffer.hasRemaining()) {
            if (disk.read(channel, buffer, start + buffer.position()) < 0) {
                return Optional.empty();
            }
        }
        buffer.flip();
        if (buffer.getLong(8) != MAGIC || buffer.getInt(0) != crc(buffer)) {
            return Optional.empty();
        }
        if (buffer.getInt(4) != VERSION) {
            throw new LogCorruptException("vote file of version " + buffer.getInt(4) + ", this program reads version "
                + VERSION + "; start the program that wrote it");
        }
        final Identity identity =
            new Identity(buffer.getLong(40), buffer.getInt(36), buffer.getLong(48), standing(buffer.getInt(72)),
                durability(buffer.getInt(76)));
        return Optional.of(new Slot(buffer.getLong(16), buffer.getLong(24), buffer.getInt(32), identity,
            buffer.getLong(56), buffer.getLong(64)));
    }

    private static int code(Standing standing) {
        return switch (standing) {
            case FOLLOWER -> 0;
            case VOTER -> 1;
            case REBUILDING -> 2;
            case VOTE_LOST -> 3;
        };
    }

    private static Standing standing(int code) {
        for (final Standing standing : Standing.values()) {
            if (code(standing) == code) {
                return standing;
            }
        }
        throw new LogCorruptException("vote file with standing " + code + ", which this program does not know; start "
            + "the program that wrote it");
    }

    private static int code(Durability durability) {
        return switch (durability) {
            case FORCED -> 0;
            case MEMORY_QUORUM -> 1;
        };
    }

    private static Durability durability(int code) {
        for (final Durability durability : Durability.values()) {
            if (code(durability) == code) {
                return durability;
            }
        }
        throw new LogCorruptException("vote file with durability " + code + ", which this program does not know; start "
            + "the program that wrote it");
    }

    private static int crc(ByteBuffer slot) {
        final CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().limit(SLOT_LENGTH).position(Integer.BYTES));
        return (int) crc.getValue();
    }

    private static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(SLOT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
