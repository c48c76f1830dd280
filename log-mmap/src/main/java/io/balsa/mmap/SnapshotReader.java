package io.balsa.mmap;

import io.balsa.mmap.SnapshotFormat.Damage;
import io.balsa.mmap.SnapshotFormat.Digest;
import io.balsa.mmap.SnapshotFormat.Footer;
import io.balsa.mmap.SnapshotFormat.Header;
import io.balsa.mmap.SnapshotFormat.Summary;
import io.balsa.raft.spi.LogCorruptException;
import io.balsa.raft.spi.RaftException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Reads the state out of a snapshot's file. Each chunk is verified before any of it is handed over, and the end is
 * reached only where the footer agrees with all that was read; {@link LogCorruptException} says what does not.
 */
final class SnapshotReader extends InputStream {
    private static final int END = -1;
    /** The JDK copies what goes to the heap through a buffer of this length, which it keeps for the thread. */
    private static final int READ_BYTES = 64 << 10;

    private final Path file;
    private final FileChannel channel;
    private final Disk disk;
    private final String remedy;
    private final long length;
    private final Digest digest = new Digest();
    private final Summary summary;
    private final ByteBuffer chunkHeader = SnapshotFormat.buffer(SnapshotFormat.CHUNK_HEADER);
    /** On the heap: a client that fetches makes a reader each time, and what is off it goes with a collection only. */
    private final ByteBuffer chunk = ByteBuffer.allocate(SnapshotFormat.CHUNK_BYTES).limit(0);
    private long position;
    private long chunks;
    private long stateBytes;
    private boolean ended;

    private SnapshotReader(Path file, FileChannel channel, Disk disk, String remedy) throws IOException {
        this.file = file;
        this.channel = channel;
        this.disk = disk;
        this.remedy = remedy;
        this.length = channel.size();
        try {
            summary = readSummary();
        } catch (Damage damage) {
            throw corrupt(position, damage);
        }
        position = summary.header().length();
    }

    /**
     * Reads header and footer, and compares the file's length with what they say.
     *
     * @throws LogCorruptException when they are not those of a whole snapshot
     * @throws RaftException       when it is of another version
     */
    static SnapshotReader open(Path file, Disk disk) throws IOException {
        return open(file, disk, "start this node with --rebuild to fetch its state from its peers");
    }

    /** @param remedy what to do where it is damaged */
    static SnapshotReader open(Path file, Disk disk, String remedy) throws IOException {
        final FileChannel channel = disk.open(file, StandardOpenOption.READ);
        try {
            return new SnapshotReader(file, channel, disk, remedy);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private Summary readSummary() throws IOException, Damage {
        final ByteBuffer prefix = read(0, SnapshotFormat.buffer(SnapshotFormat.headerPrefix()));
        requireThisVersion(prefix);
        final ByteBuffer headerBytes = read(0, SnapshotFormat.buffer(SnapshotFormat.headerLength(prefix)));
        final Header header = SnapshotFormat.decodeHeader(headerBytes);
        digest.header(headerBytes);
        position = Math.max(headerBytes.limit(), length - SnapshotFormat.FOOTER);
        final ByteBuffer footerBytes = read(position, SnapshotFormat.buffer(SnapshotFormat.FOOTER));
        final Footer footer = SnapshotFormat.decodeFooter(footerBytes, digest.headerCrc());
        final Summary found = new Summary(header, footer);
        SnapshotFormat.requireEqual("length of the file", found.length(), length);
        return found;
    }

    /** Before anything is taken for damage: of another version, nothing else need be where it is expected. */
    private void requireThisVersion(ByteBuffer prefix) throws IOException, Damage {
        final int version = SnapshotFormat.version(prefix);
        if (version != SnapshotFormat.VERSION && !isThisVersionAllTheSame(prefix)) {
            throw new RaftException("snapshot " + file + " is of version " + version + ", this program reads version "
                + SnapshotFormat.VERSION + "; start the program that wrote it, or one that is newer");
        }
    }

    /** Whether nothing but the version itself is damaged: the checksum says so. */
    private boolean isThisVersionAllTheSame(ByteBuffer prefix) throws IOException {
        try {
            final ByteBuffer header = read(0, SnapshotFormat.buffer(SnapshotFormat.headerLength(prefix)));
            SnapshotFormat.decodeHeader(SnapshotFormat.asThisVersion(header));
            return true;
        } catch (Damage otherwise) {
            return false;
        }
    }

    /** What header and footer say. */
    Summary summary() {
        return summary;
    }

    /** Reads and verifies all that has not been read yet. */
    void verify() throws IOException {
        while (nextChunk()) {
            chunk.position(chunk.limit());
        }
    }

    @Override
    public int read() throws IOException {
        if (!chunk.hasRemaining() && !nextChunk()) {
            return END;
        }
        return chunk.get() & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) throws IOException {
        Objects.checkFromIndexSize(offset, wanted, target.length);
        if (wanted == 0) {
            return 0;
        }
        if (!chunk.hasRemaining() && !nextChunk()) {
            return END;
        }
        final int taken = Math.min(wanted, chunk.remaining());
        chunk.get(target, offset, taken);
        return taken;
    }

    @Override
    public int available() {
        return chunk.remaining();
    }

    /** Reads and verifies the next chunk; false at the end, which has been verified too. */
    private boolean nextChunk() throws IOException {
        if (ended) {
            return false;
        }
        chunk.limit(0);
        try {
            final int next = read(position, chunkHeader.clear()).getInt(0);
            if (next == 0) {
                requireWhole();
                ended = true;
                return false;
            }
            if (next < 0 || next > SnapshotFormat.CHUNK_BYTES) {
                throw new Damage("length of the chunk: expected 1 to " + SnapshotFormat.CHUNK_BYTES + ", found "
                    + next);
            }
            read(position + SnapshotFormat.CHUNK_HEADER, chunk.clear().limit(next));
            SnapshotFormat.requireChecksum("chunk", chunkHeader.getInt(Integer.BYTES), digest.chunk(chunk));
            position += SnapshotFormat.CHUNK_HEADER + next;
            chunks++;
            stateBytes += next;
            return true;
        } catch (Damage damage) {
            chunk.limit(0);
            throw corrupt(position, damage);
        }
    }

    private void requireWhole() throws Damage {
        SnapshotFormat.requireEqual("number of chunks", summary.footer().chunks(), chunks);
        SnapshotFormat.requireEqual("bytes of state", summary.footer().stateBytes(), stateBytes);
        SnapshotFormat.requireEqual("content hash", summary.footer().contentHash(), digest.contentHash());
    }

    private ByteBuffer read(long from, ByteBuffer target) throws IOException, Damage {
        final int end = target.limit();
        while (target.position() < end) {
            target.limit(Math.min(end, target.position() + READ_BYTES));
            if (disk.read(channel, target, from + target.position()) < 0) {
                throw new Damage("ends after " + length + " bytes, in the middle of it");
            }
        }
        return target.flip();
    }

    private LogCorruptException corrupt(long offset, Damage damage) {
        return new LogCorruptException("snapshot " + file + " is damaged at offset " + offset + ": "
            + damage.getMessage() + "; " + remedy);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
