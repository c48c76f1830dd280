package io.balsa.mapreduce.data;

import java.io.IOException;
import java.util.Arrays;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.LongCombiner;

/** Combines pairs of one key that come one after the other, and passes on what they come to. */
abstract class CombiningSink implements PairSink {
    private final PairSink next;
    private final ByteBuilder key = new ByteBuilder(1 << 8);
    private boolean open;

    CombiningSink(PairSink next) {
        this.next = next;
    }

    /** Takes the key's first value. */
    abstract void first(byte[] value, int offset, int length) throws IOException;

    /** Takes a further value of the key, which fills the beginning of {@code key}. */
    abstract void further(byte[] key, int keyLength, byte[] value, int offset, int length) throws IOException;

    /** Passes on what the values come to. */
    abstract void pass(byte[] key, int keyLength, PairSink to) throws IOException;

    @Override
    public final void beginPartition(int partition) throws IOException {
        finish();
        next.beginPartition(partition);
    }

    @Override
    public final void pair(byte[] array, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
        throws IOException {
        if (open && Arrays.equals(array, keyOffset, keyOffset + keyLength, key.array(), 0, key.length())) {
            further(key.array(), key.length(), value, valueOffset, valueLength);
            return;
        }
        finish();
        open = true;
        key.append(array, keyOffset, keyLength);
        first(value, valueOffset, valueLength);
    }

    /** Passes on the last key. */
    final void finish() throws IOException {
        if (open) {
            pass(key.array(), key.length(), next);
            key.truncate(0);
            open = false;
        }
    }

    /** Combines numbers. */
    static final class Numbers extends CombiningSink {
        private final LongCombiner combiner;
        private final byte[] bytes = new byte[LongCodec.MAX_LENGTH];
        private long combined;

        Numbers(PairSink next, LongCombiner combiner) {
            super(next);
            this.combiner = combiner;
        }

        @Override
        void first(byte[] value, int offset, int length) {
            combined = LongCodec.decode(value, offset);
        }

        @Override
        void further(byte[] key, int keyLength, byte[] value, int offset, int length) {
            combined = combiner.combine(combined, LongCodec.decode(value, offset));
        }

        @Override
        void pass(byte[] key, int keyLength, PairSink to) throws IOException {
            to.pair(key, 0, keyLength, bytes, 0, LongCodec.encode(combined, bytes, 0));
        }
    }

    /** Combines any values, a bounded number of bytes at a time. */
    static final class Values extends CombiningSink {
        private static final int MOST = 1 << 18;

        private final ValueCombiner<?, ?> combiner;

        Values(PairSink next, ValueCombiner<?, ?> combiner) {
            super(next);
            this.combiner = combiner;
        }

        @Override
        void first(byte[] value, int offset, int length) {
            combiner.clear();
            combiner.collect(value, offset, length);
        }

        @Override
        void further(byte[] key, int keyLength, byte[] value, int offset, int length) {
            combiner.collect(value, offset, length);
            if (combiner.length() > MOST) {
                final ByteBuilder soFar = combiner.combine(key, 0, keyLength);
                combiner.collect(soFar.array(), 0, soFar.length());
            }
        }

        @Override
        void pass(byte[] key, int keyLength, PairSink to) throws IOException {
            final ByteBuilder value = combiner.combine(key, 0, keyLength);
            to.pair(key, 0, keyLength, value.array(), 0, value.length());
        }
    }
}
