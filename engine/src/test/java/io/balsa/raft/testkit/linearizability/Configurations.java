package io.balsa.raft.testkit.linearizability;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.agrona.collections.IntArrayList;

/**
 * The set of configurations a search has met, in one flat array of open addressing: a long history meets millions.
 * <pre>  | place + 1 (32) | state (32) | taken (64) ... |   place + 1 is never 0, so 0 is a free row </pre>
 */
final class Configurations {
    private static final int FEWEST_ROWS = 1 << 8;

    private final int words;
    private final int stride;
    private long[] rows;
    private int mask = FEWEST_ROWS - 1;
    private int size;

    /** @param words of {@code taken} */
    Configurations(int words) {
        this.words = words;
        this.stride = words + 1;
        this.rows = new long[FEWEST_ROWS * stride];
    }

    int size() {
        return size;
    }

    /** Whether it was not there yet. */
    boolean add(int place, int state, long[] taken) {
        if (2 * size > mask) {
            grow();
        }
        final long head = (place + 1L) << 32 | state;
        final int at = find(head, taken, 0);
        if (rows[at] == head) {
            return false;
        }
        insert(at, head, taken, 0);
        size++;
        return true;
    }

    /** For each of the places the rows that lie there, good until the next is added. */
    List<IntArrayList> rowsByPlace(int places) {
        final List<IntArrayList> byPlace = Stream.generate(IntArrayList::new).limit(places).toList();
        for (int at = 0; at < rows.length; at += stride) {
            if (rows[at] != 0) {
                byPlace.get((int) (rows[at] >>> 32) - 1).addInt(at);
            }
        }
        return byPlace;
    }

    int stateAt(int row) {
        return (int) rows[row];
    }

    long[] takenAt(int row) {
        return Arrays.copyOfRange(rows, row + 1, row + stride);
    }

    /** The row that holds it, or the free one where it belongs. */
    private int find(long head, long[] taken, int offset) {
        int row = hash(head, taken, offset) & mask;
        while (rows[row * stride] != 0 && !holds(row * stride, head, taken, offset)) {
            row = (row + 1) & mask;
        }
        return row * stride;
    }

    private boolean holds(int at, long head, long[] taken, int offset) {
        boolean same = rows[at] == head;
        for (int word = 0; same && word < words; word++) {
            same = rows[at + 1 + word] == taken[offset + word];
        }
        return same;
    }

    private void insert(int at, long head, long[] taken, int offset) {
        rows[at] = head;
        System.arraycopy(taken, offset, rows, at + 1, words);
    }

    private void grow() {
        final long[] old = rows;
        mask = 2 * mask + 1;
        rows = new long[Math.multiplyExact(mask + 1, stride)];
        for (int at = 0; at < old.length; at += stride) {
            if (old[at] != 0) {
                insert(find(old[at], old, at + 1), old[at], old, at + 1);
            }
        }
    }

    private int hash(long head, long[] taken, int offset) {
        long hash = head * 0x9E3779B97F4A7C15L;
        for (int word = 0; word < words; word++) {
            hash = (hash ^ (hash >>> 29) ^ taken[offset + word]) * 0xBF58476D1CE4E5B9L;
        }
        return (int) (hash ^ (hash >>> 32));
    }
}
