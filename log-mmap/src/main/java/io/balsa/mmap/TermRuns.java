package io.balsa.mmap;

import io.balsa.raft.spi.RaftLog;
import java.util.Arrays;

/** The terms of the recovered log as runs of equal terms. */
final class TermRuns {
    private long[] terms = new long[16];
    private long[] firstIndexes = new long[16];
    private int size;
    private long lastIndex;

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

    /** The term of the last entry, 0 when there is none. */
    long lastTerm() {
        return size == 0 ? 0 : terms[size - 1];
    }

    void forEach(RaftLog.TermRunConsumer consumer) {
        for (int i = 0; i < size; i++) {
            consumer.onRun(terms[i], firstIndexes[i], i + 1 < size ? firstIndexes[i + 1] - 1 : lastIndex);
        }
    }
}
