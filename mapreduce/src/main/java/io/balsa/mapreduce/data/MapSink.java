package io.balsa.mapreduce.data;

import java.io.IOException;

import io.balsa.mapreduce.ByteOutput;

/** Takes the pairs that a mapper emits into the task's store. */
final class MapSink extends Scoped implements ByteOutput {
    private final TaskScope scope;
    private final PairStore store;
    private final boolean numbers;
    private long emitted;
    /** Why a pair was lost: a mapper may catch what it is told, and go on. */
    private Ending lost;

    /** @param numbers whether the job's values are numbers */
    MapSink(TaskScope scope, PairStore store, boolean numbers) {
        super(scope);
        this.scope = scope;
        this.store = store;
        this.numbers = numbers;
    }

    long emitted() {
        return emitted;
    }

    @Override
    public void emit(byte[] key, int offset, int length, long value) {
        if (!numbers) {
            throw new IllegalStateException("a number was emitted, but the job's values are not numbers; "
                + "use values(LongCodec.class)");
        }
        emitted++;
        scope.step();
        try {
            store.add(key, offset, length, value);
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    @Override
    public void emit(byte[] key, int offset, int length, byte[] value, int valueOffset, int valueLength) {
        emitted++;
        scope.step();
        try {
            store.add(key, offset, length, value, valueOffset, valueLength);
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    void throwIfLost() {
        if (lost != null) {
            throw lost;
        }
    }

    /** Copies the keys that lie in the mapper's own arrays. */
    void settleUnlessIn(byte[] array) {
        throwIfLost();
        if (!store.isHolding(array)) {
            settle();
        }
    }

    void settle() {
        try {
            store.settle();
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    private Ending lost(IOException e) {
        lost = new Ending(scope.failed("its pairs cannot be kept: " + Reason.of(e), e));
        return lost;
    }
}
