package io.balsa.mmap;

/** Does again in memory what the records of a log say, in the order they were written. */
final class Replay {
    private TermRuns terms = new TermRuns();
    private IndexMap indexMap = new IndexMap();
    private long lastIndex;
    // Entries up to here may lie in segments that were not read.
    private long missing;
    private long baseIndex;
    private long baseTerm;
    private int baseSegment;

    /** Begins in the middle of the log, where {@code nextIndex} would have been appended next. */
    void beginAt(long nextIndex) {
        terms = new TermRuns();
        indexMap = new IndexMap();
        lastIndex = nextIndex - 1;
        missing = lastIndex;
        baseIndex = 0;
        baseTerm = 0;
        baseSegment = 0;
    }

    void entry(long index, long term, long location) {
        lastIndex = index;
        terms.add(index, term);
        indexMap.add(index, location);
    }

    void truncation(long fromIndex) {
        lastIndex = Math.min(lastIndex, fromIndex - 1);
        // What was missing and is truncated is missed no more.
        missing = Math.min(missing, lastIndex);
        terms.truncateFrom(fromIndex);
        indexMap.truncateFrom(fromIndex);
    }

    /** Entries up to this one may be missing, says a record in {@code segment}. */
    void compaction(long index, long term, int segment) {
        base(index, term, segment);
        indexMap.breakRun();
    }

    /** All entries are void and the log goes on behind this one, says a record in {@code segment}. */
    void reset(long index, long term, int segment) {
        truncation(1);
        lastIndex = index;
        base(index, term, segment);
    }

    private void base(long index, long term, int segment) {
        baseIndex = index;
        baseTerm = term;
        baseSegment = segment;
    }

    /** Something else than an entry lies here. */
    void other() {
        indexMap.breakRun();
    }

    /** Forgets what is not needed any more; to be called once, at the end. */
    void dropWhatIsNotNeeded() {
        terms.dropBefore(firstIndex());
        indexMap.dropBefore(firstIndex());
    }

    /** Whether a record says that every entry which was not read may be missing. */
    boolean mayBeginHere() {
        return baseSegment > 0 && missing <= baseIndex;
    }

    /** Segments before this one hold nothing that is needed. */
    int firstSegment() {
        return indexMap.isEmpty() ? baseSegment
            : Math.min(baseSegment, IndexMap.segment(indexMap.anchorLocation(indexMap.firstAnchor())));
    }

    long firstIndex() {
        return baseIndex + 1;
    }

    long baseTerm() {
        return baseTerm;
    }

    long lastIndex() {
        return lastIndex;
    }

    TermRuns terms() {
        return terms;
    }

    IndexMap indexMap() {
        return indexMap;
    }
}
