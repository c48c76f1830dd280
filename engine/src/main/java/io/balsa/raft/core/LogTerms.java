package io.balsa.raft.core;

import java.util.Arrays;

/**
 * The log as the core sees it: the term of every entry, as runs of equal terms, and how much of it is durable. A log
 * changes term only at elections, so a few dozen runs describe millions of entries.
 *
 * <pre>
 *   index   1 2 3 4 5 6 7        firstIndex  1 4 5
 *   term    1 1 1 2 5 5 5   =    term        1 2 5     lastIndex 7
 * </pre>
 *
 * Index 0 stands before the first entry, with term 0.
 */
public final class LogTerms {
    private long[] runFirst = new long[16];
    private long[] runTerm = new long[16];
    private int runs;
    private long lastIndex;
    private long persistedIndex;
    private final Newest newest = new Newest();

    /** Adds what was recovered from disk; call in index order before the core starts. */
    public void recovered(long term, long firstIndex, long lastIndexOfRun) {
        if (firstIndex != lastIndex + 1 || lastIndexOfRun < firstIndex || term < lastTerm()) {
            throw new SafetyViolation("recovered log has run " + firstIndex + ".." + lastIndexOfRun + " of term " + term
                + " after (" + lastIndex + ", term " + lastTerm() + ')');
        }
        append(term, lastIndexOfRun - lastIndex);
        persistedIndex = lastIndex;
    }

    long lastIndex() {
        return lastIndex;
    }

    long lastTerm() {
        return runs == 0 ? 0 : runTerm[runs - 1];
    }

    /** The last index known to be on this server's disk, with everything before it. */
    long persistedIndex() {
        return persistedIndex;
    }

    boolean holds(long index, long term) {
        return index >= 0 && index <= lastIndex && termAt(index) == term;
    }

    long termAt(long index) {
        assert 0 <= index && index <= lastIndex : index + " is not in the log 0.." + lastIndex;
        return index == 0 ? 0 : runTerm[runOf(index)];
    }

    void append(long term, long count) {
        assert term >= lastTerm() : "terms never fall along the log: " + lastTerm() + " then " + term;
        if (term != lastTerm()) {
            if (runs == runFirst.length) {
                runFirst = Arrays.copyOf(runFirst, runs * 2);
                runTerm = Arrays.copyOf(runTerm, runs * 2);
            }
            runFirst[runs] = lastIndex + 1;
            runTerm[runs++] = term;
        }
        lastIndex += count;
    }

    void truncateFrom(long index) {
        assert 1 <= index && index <= lastIndex;
        lastIndex = index - 1;
        while (runs > 0 && runFirst[runs - 1] > lastIndex) {
            runs--;
        }
        persistedIndex = Math.min(persistedIndex, lastIndex);
    }

    /**
     * The term matters: while (5, term 1) was on its way to disk, a new leader may have replaced it by (5, term 2). The
     * old write's completion says nothing about the new entry.
     */
    void onPersisted(long index, long term) {
        if (holds(index, term)) {
            persistedIndex = Math.max(persistedIndex, index);
        }
    }

    /** §5.4.1: is a log ending in (term, index) at least as up-to-date as this one? */
    boolean isCoveredBy(long index, long term) {
        return term > lastTerm() || (term == lastTerm() && index >= lastIndex);
    }

    /** The newest runs up to {@code index}, at most {@code limit} of them. */
    TermRuns newestRuns(long index, int limit) {
        newest.end = Math.min(index, lastIndex) < 1 ? 0 : runOf(Math.min(index, lastIndex)) + 1;
        newest.begin = Math.max(0, newest.end - limit);
        return newest;
    }

    /**
     * Where two logs part, found in one step: the last index at which this log has the term that the other log's runs
     * show, which by Log Matching (§5.3) is the last common entry.
     *
     * @param theirs    the newest runs of the other log, up to {@code theirLast}
     * @return the last common index; just below the oldest run shown when none of them has a part in common
     */
    long lastCommonIndex(TermRuns theirs, long theirLast) {
        long end = theirLast;
        for (int i = theirs.count() - 1; i >= 0; i--) {
            final long first = theirs.firstIndexOf(i);
            final long upTo = Math.min(end, lastIndex);
            // Walk our runs only where they overlap theirs; both lists are short.
            for (int run = upTo >= first ? runOf(upTo) : -1; run >= 0 && runTerm[run] >= theirs.termOf(i); run--) {
                if (runTerm[run] == theirs.termOf(i)) {
                    final long common = Math.min(upTo, lastOf(run));
                    if (common >= Math.max(first, runFirst[run])) {
                        return common;
                    }
                }
            }
            end = first - 1;
        }
        return Math.max(0, Math.min(end, lastIndex));
    }

    private long lastOf(int run) {
        return run == runs - 1 ? lastIndex : runFirst[run + 1] - 1;
    }

    private int runOf(long index) {
        int low = 0;
        int high = runs - 1;
        if (runFirst[high] <= index) {
            return high; // nearly every question is about the newest entries
        }
        while (low < high) {
            final int middle = (low + high + 1) >>> 1;
            if (runFirst[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** A reused view of the runs {@code begin..end - 1}. */
    private final class Newest implements TermRuns {
        private int begin;
        private int end;

        @Override
        public int count() {
            return end - begin;
        }

        @Override
        public long termOf(int run) {
            return runTerm[begin + run];
        }

        @Override
        public long firstIndexOf(int run) {
            return runFirst[begin + run];
        }
    }
}
