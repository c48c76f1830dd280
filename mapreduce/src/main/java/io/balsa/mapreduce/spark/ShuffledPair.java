package io.balsa.mapreduce.spark;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;

import org.apache.spark.Partitioner;

/**
 * A pair as it goes through Spark's shuffle: all of it is the key, so that Spark sorts as the local engine does.
 * <pre>
 *   partition (4)  kind (1)  map task (4)  number in the task (8)  key length (4)  key  value
 * </pre>
 * Of kind 0 is what a map task reports: it comes with its output, hence once, however often the task ran.
 */
final class ShuffledPair {
    static final byte REPORT = 0;
    static final byte PAIR = 1;

    private static final int KIND = Integer.BYTES;
    private static final int MAP = KIND + 1;
    private static final int LENGTH = MAP + Integer.BYTES + Long.BYTES;
    static final int KEY = LENGTH + Integer.BYTES;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private ShuffledPair() {
    }

    static byte[] of(int partition, byte kind, int map, long number, byte[] key, byte[] value) {
        return ByteBuffer.allocate(KEY + key.length + value.length).putInt(partition).put(kind).putInt(map)
            .putLong(number).putInt(key.length).put(key).put(value).array();
    }

    static int partition(byte[] pair) {
        return (int) INT.get(pair, 0);
    }

    static byte kind(byte[] pair) {
        return pair[KIND];
    }

    static int keyLength(byte[] pair) {
        return (int) INT.get(pair, LENGTH);
    }

    static int valueLength(byte[] pair) {
        return pair.length - KEY - keyLength(pair);
    }

    /** Sends pairs where the job's partitioner did. */
    static final class ByPartition extends Partitioner {
        private static final long serialVersionUID = 1;

        private final int partitions;

        ByPartition(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object pair) {
            return partition((byte[]) pair);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByPartition same && same.partitions == partitions;
        }

        @Override
        public int hashCode() {
            return partitions;
        }
    }

    /** Reports first, then keys, then values if they are sorted, then where the pair comes from. */
    static final class Order implements Comparator<byte[]>, Serializable {
        private static final long serialVersionUID = 1;

        private final boolean sortValues;

        Order(boolean sortValues) {
            this.sortValues = sortValues;
        }

        @Override
        public int compare(byte[] a, byte[] b) {
            int order = Byte.compare(kind(a), kind(b));
            if (order == 0) {
                order = Arrays.compareUnsigned(a, KEY, KEY + keyLength(a), b, KEY, KEY + keyLength(b));
            }
            if (order == 0 && sortValues) {
                order = Arrays.compareUnsigned(a, KEY + keyLength(a), a.length, b, KEY + keyLength(b), b.length);
            }
            return order != 0 ? order : Arrays.compareUnsigned(a, MAP, LENGTH, b, MAP, LENGTH);
        }
    }
}
