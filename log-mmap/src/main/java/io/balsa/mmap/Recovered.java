package io.balsa.mmap;

/**
 * What a log was found to hold.
 *
 * @param segments      the segments that hold it
 * @param lastSegment   the highest segment number used, 0 when there is none
 * @param firstIndex    of the first entry that is still needed
 * @param baseTerm      of the entry before it, 0 when there never was one
 * @param lastIndex     of the last entry, {@code firstIndex - 1} when there is none
 * @param lastRecordSeq of the last record that counts
 * @param lastCrc       its checksum
 */
record Recovered(SegmentTable segments, int lastSegment, long firstIndex, long baseTerm, long lastIndex,
                 long lastRecordSeq, int lastCrc, TermRuns terms, IndexMap indexMap) {
}
