package io.balsa.mmap;

import java.util.Arrays;

/**
 * Where entries lie on disk: one anchor for every {@link #SPACING} entries or {@link #SPACING_BYTES} bytes, and one
 * wherever the next entry does not follow the one before in the same segment. Between two anchors the entries lie one
 * behind the other, so a reader walks from the anchor at or before its index. Costs 16 bytes per anchor: 256 KiB of
 * memory for a million entries.
 *
 * <p>Belongs to one thread at a time; {@link #provideChunk} alone may be called by another.
 */
final class IndexMap {
    static final int SPACING = 64;
    /** How far apart two anchors are at most, but for a long entry. */
    static final int SPACING_BYTES = 64 << 10;
    private static final int CHUNK_BITS = 14;
    private static final int CHUNK = 1 << CHUNK_BITS;

    // The writer's thread makes the next chunk when it rolls, so that the loop thread need not allocate.
    private volatile long[] spare;

    private long[][] chunks = new long[64][];
    // Anchors are counted from the first chunk; those before this one were dropped.
    private int first;
    private int size;
    private long lastIndex;
    private int lastSegment;
    private boolean broken = true;

    IndexMap() {
        chunks[0] = newChunk();
    }

    static long location(int segment, int payload) {
        return (long) segment << 32 | payload;
    }

    static int segment(long location) {
        return (int) (location >>> 32);
    }

    static int payload(long location) {
        return (int) location;
    }

    /** Notes that entry {@code index}, one above the last added, lies at {@code location}. */
    void add(long index, long location) {
        if (broken || index % SPACING == 0 || index != lastIndex + 1 || segment(location) != lastSegment
            || location - anchorLocation(size - 1) >= SPACING_BYTES) {
            set(size, index, location);
            size++;
            broken = false;
        }
        lastIndex = index;
        lastSegment = segment(location);
    }

    /** Notes that something else than the next entry lies behind the last one added. */
    void breakRun() {
        broken = true;
    }

    /** Forgets {@code index} and everything after it. */
    void truncateFrom(long index) {
        while (size > first && anchorIndex(size - 1) >= index) {
            size--;
        }
        broken = true;
    }

    /** Forgets what is before {@code index}; at most a few entries less. */
    void dropBefore(long index) {
        if (index > lastIndex) {
            first = size;
            broken = true;
        }
        while (first + 1 < size && anchorIndex(first + 1) <= index) {
            first++;
        }
        final int unused = first >>> CHUNK_BITS;
        if (unused > 0) {
            System.arraycopy(chunks, unused, chunks, 0, chunks.length - unused);
            Arrays.fill(chunks, chunks.length - unused, chunks.length, null);
            first -= unused << CHUNK_BITS;
            size -= unused << CHUNK_BITS;
        }
    }

    /** Whether there is no entry. */
    boolean isEmpty() {
        return first == size;
    }

    /** The last anchor at or before a place in the log, one less than {@link #firstAnchor()} when there is none. */
    int anchorAt(long place) {
        int low = first - 1;
        int high = size - 1;
        while (low < high) {
            final int middle = (low + high + 1) >> 1;
            if (anchorLocation(middle) <= place) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The first anchor. */
    int firstAnchor() {
        return first;
    }

    /** The position of the anchor at or before {@code index}, which was added. */
    int anchorBefore(long index) {
        int low = first;
        int high = size - 1;
        while (low < high) {
            final int middle = (low + high + 1) >>> 1;
            if (anchorIndex(middle) <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    long anchorIndex(int anchor) {
        return chunks[anchor >>> CHUNK_BITS][(anchor & CHUNK - 1) * 2];
    }

    long anchorLocation(int anchor) {
        return chunks[anchor >>> CHUNK_BITS][(anchor & CHUNK - 1) * 2 + 1];
    }

    /** The anchor behind the last one. */
    int size() {
        return size;
    }

    /** Keeps a chunk ready for when the last one is full. */
    void provideChunk() {
        if (spare == null) {
            spare = newChunk();
        }
    }

    private void set(int anchor, long index, long location) {
        final int chunk = anchor >>> CHUNK_BITS;
        if (chunk == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunks.length * 2);
        }
        if (chunks[chunk] == null) {
            final long[] ready = spare;
            chunks[chunk] = ready == null ? newChunk() : ready;
            spare = null;
        }
        chunks[chunk][(anchor & CHUNK - 1) * 2] = index;
        chunks[chunk][(anchor & CHUNK - 1) * 2 + 1] = location;
    }

    private static long[] newChunk() {
        return new long[CHUNK * 2];
    }
}
