package io.balsa.mmap;

import io.balsa.raft.spi.RaftLog;
import java.util.Arrays;

/** The terms of a log's entries as runs of equal terms. */
final class TermRuns {
    private long[] terms = new long[16];
    private long[] firstIndexes = new long[16];
    private int size;
    private long lastIndex;

    TermRuns copy() {
        final TermRuns copy = new TermRuns();
        copy.terms = terms.clone();
        copy.firstIndexes = firstIndexes.clone();
        copy.size = size;
        copy.lastIndex = lastIndex;
        return copy;
    }

    void add(long index, long term) {
        if (size == 0 || terms[size - 1] != term) {
            if (size == terms.length) {
                terms = Arrays.copyOf(terms, size * 2);
                firstIndexes = Arrays.copyOf(firstIndexes, size * 2);
            }
            terms[size] = term;
            firstIndexes[size] = index;
            size++;
        }
        lastIndex = index;
    }

    void truncateFrom(long index) {
        while (size > 0 && firstIndexes[size - 1] >= index) {
            size--;
        }
        lastIndex = Math.min(lastIndex, index - 1);
    }

    /** Forgets everything before {@code index}. */
    void dropBefore(long index) {
        int gone = 0;
        while (gone < size && lastIndexOf(gone) < index) {
            gone++;
        }
        size -= gone;
        System.arraycopy(terms, gone, terms, 0, size);
        System.arraycopy(firstIndexes, gone, firstIndexes, 0, size);
        if (size > 0) {
            firstIndexes[0] = Math.max(firstIndexes[0], index);
        }
    }

    /** The term of an entry that was added and is still there. */
    long termOf(long index) {
        int low = 0;
        int high = size - 1;
        while (low < high) {
            final int middle = (low + high + 1) >>> 1;
            if (firstIndexes[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return terms[low];
    }

    void forEach(RaftLog.TermRunConsumer consumer) {
        for (int i = 0; i < size; i++) {
            consumer.onRun(terms[i], firstIndexes[i], lastIndexOf(i));
        }
    }

    private long lastIndexOf(int run) {
        return run + 1 < size ? firstIndexes[run + 1] - 1 : lastIndex;
    }
}
