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
 * The log may have lost its front to a snapshot. What it then still knows is the base: the last entry that went, by
 * index and term, which the next one follows. In a log that is whole the base stands before the first entry, at index 0
 * with term 0. The base is kept as the first run, so that it is found like any entry:
 *
 * <pre>
 *   index   . . . . 5 6 7        firstIndex  4 5
 *   term    . . . 2 5 5 5   =    term        2 5           base (4, term 2), lastIndex 7
 * </pre>
 */
public final class LogTerms {
    private long[] runFirst = new long[16];
    private long[] runTerm = new long[16];
    private int runs = 1;
    private long lastIndex;
    private long persistedIndex;
    private final Newest newest = new Newest();

    /** The recovered log begins after this entry, which a snapshot stands for; call before {@link #recovered}. */
    public void recoveredBase(long index, long term) {
        resetTo(index, term);
    }

    /** Adds what was recovered from disk; call in index order before the core starts. */
    public void recovered(long term, long firstIndex, long lastIndexOfRun) {
        if (firstIndex != lastIndex + 1 || lastIndexOfRun < firstIndex || term < lastTerm()) {
            throw new SafetyViolation("recovered log has run " + firstIndex + ".." + lastIndexOfRun + " of term " + term
                + " after (" + lastIndex + ", term " + lastTerm() + ')');
        }
        append(term, lastIndexOfRun - lastIndex);
        persistedIndex = lastIndex;
    }

    /**
     * A durable snapshot stands for everything up to this entry; call after {@link #recovered}. A log that does not
     * lead there was to be given up when the process ended, and is given up now.
     *
     * @return whether it is: the log itself must be reset to this entry, too
     */
    public boolean recoveredSnapshot(long index, long term) {
        if (index < baseIndex()) {
            throw new SafetyViolation("the log begins after entry " + baseIndex() + ", its snapshot ends at entry "
                + index + ": entries between them are missing");
        }
        final boolean leadsThere = holds(index, term);
        if (!leadsThere) {
            resetTo(index, term);
        }
        return !leadsThere;
    }

    long lastIndex() {
        return lastIndex;
    }

    long lastTerm() {
        return runTerm[runs - 1];
    }

    /** The entry before the first one held; 0 while the log is whole. */
    long baseIndex() {
        return runFirst[0];
    }

    /** The last index that counts in this server's log, with everything before it: most often, what is on its disk. */
    long persistedIndex() {
        return persistedIndex;
    }

    /** Whether this entry is known here: the base or a later one. */
    boolean holds(long index, long term) {
        return index >= baseIndex() && index <= lastIndex && termAt(index) == term;
    }

    long termAt(long index) {
        assert baseIndex() <= index && index <= lastIndex
            : index + " is not in the log " + baseIndex() + ".." + lastIndex;
        return runTerm[runOf(index)];
    }

    void append(long term, long count) {
        assert term >= lastTerm() : "terms never fall along the log: " + lastTerm() + " then " + term;
        if (term != lastTerm() || runs == 1) { // the base's own run ends with it
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
        assert baseIndex() < index && index <= lastIndex;
        lastIndex = index - 1;
        while (runFirst[runs - 1] > lastIndex) {
            runs--;
        }
        persistedIndex = Math.min(persistedIndex, lastIndex);
    }

    /** Forgets what is before {@code index}, which becomes the base. */
    void compactTo(long index) {
        if (index <= baseIndex()) {
            return;
        }
        final long term = termAt(index);
        final int first = index == lastIndex ? runs : runOf(index + 1);
        final int left = runs - first;
        System.arraycopy(runFirst, first, runFirst, 1, left);
        System.arraycopy(runTerm, first, runTerm, 1, left);
        runs = left + 1;
        runFirst[0] = index;
        runTerm[0] = term;
        if (left > 0) {
            runFirst[1] = index + 1;
        }
    }

    /** Forgets everything: a durable snapshot stands for what leads up to this entry, and nothing follows it. */
    void resetTo(long index, long term) {
        runs = 1;
        runFirst[0] = index;
        runTerm[0] = term;
        lastIndex = index;
        persistedIndex = index;
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

    /** The newest runs up to {@code index}, at most {@code limit} of them, the base among them where a log has one. */
    TermRuns newestRuns(long index, int limit) {
        final int oldest = baseIndex() == 0 ? 1 : 0;
        newest.end = Math.min(index, lastIndex) < Math.max(1, baseIndex()) ? oldest
            : runOf(Math.min(index, lastIndex)) + 1;
        newest.begin = Math.max(oldest, newest.end - limit);
        return newest;
    }

    /**
     * Where two logs part, found in one step: the last index at which this log has the term that the other log's runs
     * show, which by Log Matching (§5.3) is the last common entry.
     *
     * @param theirs    the newest runs of the other log, up to {@code theirLast}
     * @return the last common index; just below the oldest run shown when none of them has a part in common; below the
     *         base when that is all that can be said
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
