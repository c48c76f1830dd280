package io.balsa.mapreduce.data;

import java.io.IOException;

import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.LongCombiner;

/** A table whose word is the number that all numbers of the key combine to. */
final class LongTable extends KeyTable {
    private final LongCombiner combiner;
    private final long[] pendingValues = new long[BATCH];
    private final byte[] numberBytes = new byte[LongCodec.MAX_LENGTH];

    LongTable(long budget, Partitions partitions, LongCombiner combiner) {
        super(budget, partitions);
        this.combiner = combiner;
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, long value) {
        if (isBatchFull(key) && !settle()) {
            return false;
        }
        pendingValues[enqueue(key, keyOffset, keyLength)] = value;
        return true;
    }

    @Override
    public boolean add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength) {
        return add(key, keyOffset, keyLength, LongCodec.decode(value, valueOffset));
    }

    @Override
    void absorb(int slot, boolean fresh, int pendingIndex) {
        final long value = pendingValues[pendingIndex];
        table[slot + 3] = fresh ? value : combiner.combine(table[slot + 3], value);
    }

    @Override
    void drainSlot(int slot, int keyOffset, int keyLength, PairSink sink) throws IOException {
        final int length = LongCodec.encode(table[slot + 3], numberBytes, 0);
        sink.pair(arena, keyOffset, keyLength, numberBytes, 0, length);
    }

    @Override
    long pendingValueBytes() {
        return 0;
    }

    @Override
    void clearPending() {
    }

    @Override
    void forgetValues() {
    }
}
