package io.balsa.mmap;

import io.balsa.raft.spi.SnapshotStore.Snapshot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * How a snapshot lies in its file and travels to other nodes. Nothing in it depends on who took it or when: where
 * index, term and state are equal, the bytes are. Little endian.
 *
 * <pre>
 *  header   0       8         12            16          24      32     40          48
 *          | magic | version | memberCount | clusterId | index | term | stateHash | member id 4 ... | crc32c 4 |
 *
 *  chunk    0        4        8
 *          | length | crc32c | bytes ...                        1 MiB of the state, the last one what is left
 *
 *  footer   0        4        8       16       24           32                                          40
 *          | 0      | crc32c | magic | chunks | stateBytes | contentHash                                |
 * </pre>
 *
 * <ul>
 * <li>A chunk's {@code crc32c} covers the crc of what stands before it (header or chunk), its length and its bytes: a
 * chunk that is missing, in another's place, or left by another snapshot does not fit;</li>
 * <li>the footer's covers the header's crc and all that follows, so that header and footer alone tell whether the file
 * was finished;</li>
 * <li>{@code contentHash} folds, of the header and of each chunk, its crc32c and the crc32 of its bytes, in order.</li>
 * </ul>
 */
final class SnapshotFormat {
    static final int CHUNK_BYTES = 1 << 20;
    static final int CHUNK_HEADER = 8;
    static final int FOOTER = 40;
    private static final long MAGIC = 0x50414E53_41534C42L;
    private static final long END_MAGIC = 0x444E4550_414E5342L;
    static final int VERSION = 1;
    private static final int FIXED_HEADER = 48;
    private static final int VERSION_AT = 8;
    private static final int MEMBER_COUNT_AT = 12;
    private static final int MOST_MEMBERS = 1 << 16;

    private SnapshotFormat() {
    }

    /** What stands before the state. */
    record Header(long clusterId, long index, long term, long stateHash, SortedSet<Integer> members) {
        int length() {
            return headerLength(members.size());
        }

        ByteBuffer encode() {
            final ByteBuffer bytes = buffer(length());
            bytes.putLong(MAGIC).putInt(VERSION).putInt(members.size()).putLong(clusterId).putLong(index).putLong(term)
                .putLong(stateHash);
            members.forEach(bytes::putInt);
            final ByteBuffer covered = bytes.duplicate().flip();
            return bytes.putInt(crc32c(0, covered)).flip();
        }
    }

    /** What stands behind the state. */
    record Footer(long chunks, long stateBytes, long contentHash) {
        ByteBuffer encode(int headerCrc) {
            final ByteBuffer bytes = buffer(FOOTER);
            bytes.putInt(0).putInt(0).putLong(END_MAGIC).putLong(chunks).putLong(stateBytes).putLong(contentHash)
                .flip();
            return bytes.putInt(Integer.BYTES, crc(bytes, headerCrc));
        }

        private static int crc(ByteBuffer footer, int headerCrc) {
            return crc32c(headerCrc, footer.duplicate().position(CHUNK_HEADER));
        }
    }

    /** Header and footer of a file that was finished. */
    record Summary(Header header, Footer footer) {
        long length() {
            return header.length() + footer.chunks() * CHUNK_HEADER + footer.stateBytes() + FOOTER;
        }

        Snapshot snapshot() {
            return new Snapshot(header.index(), header.term(), header.stateHash(), footer.contentHash(), length());
        }
    }

    /** Says that bytes are not what they must be: what, and why. */
    static final class Damage extends Exception {
        private static final long serialVersionUID = 1L;

        Damage(String message) {
            super(message);
        }
    }

    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int headerLength(int members) {
        return FIXED_HEADER + members * Integer.BYTES + Integer.BYTES;
    }

    /** How many bytes of a header say how long it is. */
    static int headerPrefix() {
        return FIXED_HEADER;
    }

    /** @param prefix at least the first {@link #headerPrefix()} bytes of a file */
    static int version(ByteBuffer prefix) throws Damage {
        if (prefix.getLong(0) != MAGIC) {
            throw new Damage("begins with %016x, a snapshot with %016x".formatted(prefix.getLong(0), MAGIC));
        }
        return prefix.getInt(VERSION_AT);
    }

    /** A header with this version instead of its own. */
    static ByteBuffer asThisVersion(ByteBuffer header) {
        return header.putInt(VERSION_AT, VERSION);
    }

    /** @param prefix as of a file of this version */
    static int headerLength(ByteBuffer prefix) throws Damage {
        final int members = prefix.getInt(MEMBER_COUNT_AT);
        if (members < 0 || members > MOST_MEMBERS) {
            throw new Damage("names " + members + " members, at most " + MOST_MEMBERS + " can be");
        }
        return headerLength(members);
    }

    static Header decodeHeader(ByteBuffer bytes) throws Damage {
        final int crcAt = bytes.limit() - Integer.BYTES;
        final int found = crc32c(0, bytes.duplicate().limit(crcAt));
        requireChecksum("header", bytes.getInt(crcAt), found);
        final SortedSet<Integer> members = new TreeSet<>();
        for (int at = FIXED_HEADER; at < crcAt; at += Integer.BYTES) {
            members.add(bytes.getInt(at));
        }
        return new Header(bytes.getLong(16), bytes.getLong(24), bytes.getLong(32), bytes.getLong(40),
            Collections.unmodifiableSortedSet(members));
    }

    static int crcOfHeader(ByteBuffer header) {
        return header.getInt(header.limit() - Integer.BYTES);
    }

    static Footer decodeFooter(ByteBuffer bytes, int headerCrc) throws Damage {
        if (bytes.getInt(0) != 0 || bytes.getLong(CHUNK_HEADER) != END_MAGIC) {
            throw new Damage("does not end with the mark of a finished snapshot");
        }
        requireChecksum("footer", bytes.getInt(Integer.BYTES), Footer.crc(bytes, headerCrc));
        return new Footer(bytes.getLong(16), bytes.getLong(24), bytes.getLong(32));
    }

    static void requireEqual(String what, long expected, long found) throws Damage {
        if (expected != found) {
            throw new Damage(what + ": expected " + expected + ", found " + found);
        }
    }

    static void requireChecksum(String part, int expected, int found) throws Damage {
        if (expected != found) {
            throw new Damage("checksum of the %s: expected %08x, found %08x".formatted(part, expected, found));
        }
    }

    /** @param before the checksum of what stands before, which is covered too */
    private static int crc32c(int before, ByteBuffer bytes) {
        return crc32c(before, bytes.remaining(), bytes);
    }

    private static int crc32c(int before, int length, ByteBuffer bytes) {
        final CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(before).putInt(length)
            .flip());
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** The checksums of header and chunks, taken in order. */
    static final class Digest {
        private int last;
        private int headerCrc;
        private long contentHash;

        /** @param header whole, with its checksum */
        void header(ByteBuffer header) {
            headerCrc = crcOfHeader(header);
            last = headerCrc;
            fold(header);
        }

        int headerCrc() {
            return headerCrc;
        }

        /** The checksum of the next chunk, if these are its bytes. */
        int chunk(ByteBuffer bytes) {
            last = crc32c(last, bytes);
            fold(bytes);
            return last;
        }

        private void fold(ByteBuffer bytes) {
            final CRC32 second = new CRC32();
            second.update(bytes.duplicate());
            // A step of a generator that scatters well: equal parts in another order give another hash.
            final long z = (contentHash + ((long) last << Integer.SIZE | second.getValue())) * 0x9E3779B97F4A7C15L;
            contentHash = z ^ (z >>> Integer.SIZE);
        }

        long contentHash() {
            return contentHash;
        }
    }
}
