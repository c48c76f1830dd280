package io.balsa.mapreduce.data;

import java.util.Arrays;

/**
 * Sorts references by the prefixes of what they refer to, and only where those are equal by looking: a radix sort from
 * the highest byte down, which hands small or fully equal ranges to sorts by comparison. Equal elements keep their
 * order.
 */
final class PrefixSort {
    /** Bytes that one element takes, those for sorting included. */
    static final int BYTES_PER_ELEMENT = 4 * Long.BYTES;

    private static final int SMALL = 24;
    private static final int BUCKETS = 256;

    /** Orders what two references of equal prefix refer to. */
    @FunctionalInterface
    interface Tails {
        int compare(long left, long right);
    }

    private final int[][] counts = new int[Long.BYTES][BUCKETS];
    private final Tails tails;
    private long[] prefixes = {};
    private long[] references = {};
    private long[] otherPrefixes = {};
    private long[] otherReferences = {};

    PrefixSort(Tails tails) {
        this.tails = tails;
    }

    int capacity() {
        return prefixes.length;
    }

    /** Makes room; what was set stays. */
    void grow(int capacity) {
        prefixes = Arrays.copyOf(prefixes, capacity);
        references = Arrays.copyOf(references, capacity);
        otherPrefixes = new long[capacity];
        otherReferences = new long[capacity];
    }

    void set(int index, long prefix, long reference) {
        prefixes[index] = prefix;
        references[index] = reference;
    }

    long reference(int index) {
        return references[index];
    }

    /**
     * Brings the elements into the order of the parts that their references name above bit {@code shift}.
     *
     * @param ends receives where each part ends
     */
    void groupByPart(int size, int shift, int[] ends) {
        Arrays.fill(ends, 0);
        for (int i = 0; i < size; i++) {
            ends[(int) (references[i] >>> shift)]++;
        }
        int start = 0;
        for (int part = 0; part < ends.length; part++) {
            final int count = ends[part];
            ends[part] = start;
            start += count;
        }
        for (int i = 0; i < size; i++) {
            final int to = ends[(int) (references[i] >>> shift)]++;
            otherPrefixes[to] = prefixes[i];
            otherReferences[to] = references[i];
        }
        swap();
    }

    private void swap() {
        final long[] sortedPrefixes = otherPrefixes;
        final long[] sortedReferences = otherReferences;
        otherPrefixes = prefixes;
        otherReferences = references;
        prefixes = sortedPrefixes;
        references = sortedReferences;
    }

    void sort(int from, int to) {
        if (to - from > 1) {
            radix(prefixes, references, otherPrefixes, otherReferences, from, to, 0, true);
        }
    }

    /**
     * Sorts what lies in the first two arrays; the result lies there too if {@code stay}, otherwise in the other two.
     */
    private void radix(long[] keys, long[] refs, long[] otherKeys, long[] otherRefs, int from, int to, int depth,
                       boolean stay) {
        if (to - from <= SMALL || depth == Long.BYTES) {
            if (to - from <= SMALL) {
                insertion(keys, refs, from, to);
            } else {
                merge(refs, otherRefs, from, to);
            }
            if (!stay) {
                System.arraycopy(keys, from, otherKeys, from, to - from);
                System.arraycopy(refs, from, otherRefs, from, to - from);
            }
            return;
        }
        final int shift = Long.SIZE - Byte.SIZE * (depth + 1);
        final int[] next = counts[depth];
        Arrays.fill(next, 0);
        for (int i = from; i < to; i++) {
            next[(int) (keys[i] >>> shift) & 0xff]++;
        }
        if (next[(int) (keys[from] >>> shift) & 0xff] == to - from) {
            radix(keys, refs, otherKeys, otherRefs, from, to, depth + 1, stay);
            return;
        }
        int start = from;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            final int count = next[bucket];
            next[bucket] = start;
            start += count;
        }
        for (int i = from; i < to; i++) {
            final int at = next[(int) (keys[i] >>> shift) & 0xff]++;
            otherKeys[at] = keys[i];
            otherRefs[at] = refs[i];
        }
        start = from;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            final int end = next[bucket];
            if (end > start) {
                radix(otherKeys, otherRefs, keys, refs, start, end, depth + 1, !stay);
            }
            start = end;
        }
    }

    private void insertion(long[] keys, long[] refs, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            final long key = keys[i];
            final long ref = refs[i];
            int at = i;
            while (at > from && isBefore(key, ref, keys[at - 1], refs[at - 1])) {
                keys[at] = keys[at - 1];
                refs[at] = refs[at - 1];
                at--;
            }
            keys[at] = key;
            refs[at] = ref;
        }
    }

    private boolean isBefore(long key, long ref, long otherKey, long otherRef) {
        return key == otherKey ? tails.compare(ref, otherRef) < 0 : Long.compareUnsigned(key, otherKey) < 0;
    }

    /** Sorts elements of one prefix. Long ranges are mostly one key many times, hence in order. */
    private void merge(long[] refs, long[] spare, int from, int to) {
        if (isSorted(refs, from, to)) {
            return;
        }
        if (to - from <= SMALL) {
            insertionOfTails(refs, from, to);
            return;
        }
        final int middle = from + to >>> 1;
        merge(refs, spare, from, middle);
        merge(refs, spare, middle, to);
        System.arraycopy(refs, from, spare, from, middle - from);
        int left = from;
        int right = middle;
        int at = from;
        while (left < middle && right < to) {
            refs[at++] = tails.compare(refs[right], spare[left]) < 0 ? refs[right++] : spare[left++];
        }
        System.arraycopy(spare, left, refs, at, middle - left);
    }

    private void insertionOfTails(long[] refs, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            final long ref = refs[i];
            int at = i;
            while (at > from && tails.compare(ref, refs[at - 1]) < 0) {
                refs[at] = refs[at - 1];
                at--;
            }
            refs[at] = ref;
        }
    }

    private boolean isSorted(long[] refs, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (tails.compare(refs[i], refs[i - 1]) < 0) {
                return false;
            }
        }
        return true;
    }
}
