package io.balsa.mmap;

import java.nio.file.Path;
import java.util.SortedMap;

/**
 * What a log was found to hold.
 *
 * @param segments      the segments that hold it, by number
 * @param lastSegment   the highest segment number used, 0 when there is none
 * @param lastIndex     of the last entry, 0 when there is none
 * @param lastRecordSeq of the last record that counts
 * @param lastCrc       its checksum
 */
record Recovered(SortedMap<Integer, Path> segments, int lastSegment, long lastIndex, long lastRecordSeq, int lastCrc,
                 TermRuns terms, IndexMap indexMap) {
}
