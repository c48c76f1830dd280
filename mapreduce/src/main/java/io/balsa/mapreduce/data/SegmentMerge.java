package io.balsa.mapreduce.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Goes through the pairs of several segments in the order of keys; of equal ones, in the order of the segments. */
final class SegmentMerge implements Closeable {
    private final boolean sortValues;
    private final PairCursor[] readers;
    /** Of the pair that each reader stands at: most comparisons need nothing else. */
    private final long[] prefixes;
    /** A heap of indexes of readers, the one with the least pair first. */
    private final int[] heap;
    private int opened;
    private int size;
    private boolean started;

    /** @param sortValues whether pairs of equal keys come in the order of their values */
    SegmentMerge(int capacity, boolean sortValues) {
        this.sortValues = sortValues;
        readers = new PairCursor[capacity];
        prefixes = new long[capacity];
        heap = new int[capacity];
    }

    /** Opens a further segment; what is opened is closed with this. Not after the first {@link #next}. */
    void open(Path path, Segment segment) throws IOException {
        add(new SegmentReader(path, segment));
    }

    /** Adds further pairs, to be closed with this. Not after the first {@link #next}. */
    void add(PairCursor pairs) {
        readers[opened++] = pairs;
    }

    /** Goes on to the next pair; false behind the last one. */
    boolean next() throws IOException {
        if (!started) {
            started = true;
            for (int i = 0; i < opened; i++) {
                if (advance(i)) {
                    heap[size++] = i;
                }
            }
            for (int i = size / 2 - 1; i >= 0; i--) {
                siftDown(i);
            }
            return size > 0;
        }
        if (size > 0) {
            if (!advance(heap[0])) {
                heap[0] = heap[--size];
            }
            siftDown(0);
        }
        return size > 0;
    }

    private boolean advance(int reader) throws IOException {
        final PairCursor pairs = readers[reader];
        try {
            if (!pairs.next()) {
                return false;
            }
            prefixes[reader] = pairs.prefix();
            return true;
        } catch (final IOException e) {
            throw new DamagedSegment(reader, e);
        }
    }

    /** One of the merged segments is damaged, or cannot be read. */
    static final class DamagedSegment extends IOException {
        private static final long serialVersionUID = 1;

        private final int index;

        DamagedSegment(int index, IOException cause) {
            super(cause.getMessage(), cause);
            this.index = index;
        }

        /** Which of the segments, in the order in which the merge was given them. */
        int index() {
            return index;
        }
    }

    private void siftDown(int from) {
        final int moving = heap[from];
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], moving)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = moving;
    }

    private boolean isBefore(int left, int right) {
        final int order = Long.compareUnsigned(prefixes[left], prefixes[right]);
        return order == 0 ? isTailBefore(left, right) : order < 0;
    }

    private boolean isTailBefore(int left, int right) {
        final PairCursor a = readers[left];
        final PairCursor b = readers[right];
        int order = KeyBytes.compareTails(a.array(), a.keyOffset(), a.keyLength(),
            b.array(), b.keyOffset(), b.keyLength());
        if (order == 0 && sortValues) {
            order = Arrays.compareUnsigned(a.array(), a.valueOffset(), a.valueOffset() + a.valueLength(),
                b.array(), b.valueOffset(), b.valueOffset() + b.valueLength());
        }
        return order == 0 ? left < right : order < 0;
    }

    /** Stands at the current pair. */
    PairCursor current() {
        return readers[heap[0]];
    }

    /** Hands all pairs to {@code sink}. */
    void drain(PairSink sink) throws IOException {
        while (next()) {
            final PairCursor pair = current();
            sink.pair(pair.array(), pair.keyOffset(), pair.keyLength(), pair.array(), pair.valueOffset(),
                pair.valueLength());
        }
    }

    @Override
    public void close() throws IOException {
        for (int i = 0; i < opened; i++) {
            readers[i].close();
        }
    }
}
