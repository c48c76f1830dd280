package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * What did not fit into a map task's memory: one file with a segment for each partition.
 *
 * @param segments in the order of partitions
 */
record SpillFile(Path path, List<Segment> segments) {
    /** Writes one; {@link #finish} must be called, and {@link #close} in any case. */
    static final class Writer implements PairSink, AutoCloseable {
        private final Path path;
        private final FileChannel file;
        private final SegmentWriter segment;
        private final Segment[] segments;
        private int partition = -1;
        private long position;

        Writer(Path path, int partitions, SegmentWriter segment) throws IOException {
            this.path = path;
            this.segment = segment;
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
            segments = new Segment[partitions];
            Arrays.fill(segments, Segment.EMPTY);
        }

        @Override
        public void beginPartition(int next) throws IOException {
            endPartition();
            partition = next;
            segment.begin(position);
        }

        private void endPartition() throws IOException {
            if (partition >= 0) {
                segments[partition] = segment.finish(file);
                position += segments[partition].bytes();
            }
        }

        @Override
        public void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
            throws IOException {
            segment.append(file, key, keyOffset, keyLength, value, valueOffset, valueLength);
        }

        SpillFile finish() throws IOException {
            endPartition();
            partition = -1;
            return new SpillFile(path, List.of(segments));
        }

        @Override
        public void close() throws IOException {
            segment.abandon();
            file.close();
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }
}
