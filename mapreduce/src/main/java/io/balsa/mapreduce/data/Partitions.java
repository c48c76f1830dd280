package io.balsa.mapreduce.data;

import io.balsa.mapreduce.Partitioner;

/** The job's partitioner, not trusted. */
final class Partitions {
    private final Partitioner partitioner;
    private final int count;

    Partitions(Partitioner partitioner, int count) {
        this.partitioner = partitioner;
        this.count = count;
    }

    int count() {
        return count;
    }

    int of(byte[] key, int offset, int length) {
        final int partition = partitioner.partition(key, offset, length, count);
        if (partition < 0 || partition >= count) {
            throw new IllegalStateException("partitioner " + partitioner.getClass().getName() + " gave " + partition
                + "; it must give 0 to " + (count - 1));
        }
        return partition;
    }
}
