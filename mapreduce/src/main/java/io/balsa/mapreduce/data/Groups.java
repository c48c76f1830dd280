package io.balsa.mapreduce.data;

import java.io.IOException;
import java.util.Arrays;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.ByteGroup;
import io.balsa.mapreduce.LongCodec;

/** Cuts sorted pairs into groups of one key. */
final class Groups implements ByteGroup {
    private final SegmentMerge pairs;
    private final TaskScope scope;
    private final ByteBuilder key = new ByteBuilder(1 << 8);
    private long prefix;
    private PairCursor value;
    /** Whether the merge stands at a pair that was not given out. */
    private boolean ahead;
    private boolean inGroup;
    private long values;
    /** Why there are no more values: a reducer may catch what it is told, and go on. */
    private LostRun lost;

    Groups(SegmentMerge pairs, TaskScope scope) throws IOException {
        this.pairs = pairs;
        this.scope = scope;
        ahead = pairs.next();
    }

    /** Goes on to the next key, over values that nobody asked for; false behind the last one. */
    boolean nextGroup() {
        if (lost != null) {
            throw lost;
        }
        while (inGroup) {
            next();
        }
        if (!ahead) {
            return false;
        }
        final PairCursor first = pairs.current();
        key.truncate(0);
        key.append(first.array(), first.keyOffset(), first.keyLength());
        prefix = first.prefix();
        inGroup = true;
        return true;
    }

    @Override
    public boolean next() {
        if (!inGroup) {
            return false;
        }
        if (!ahead) {
            try {
                ahead = pairs.next();
            } catch (final IOException e) {
                lost = new LostRun(e);
                throw lost;
            }
        }
        inGroup = ahead && isSameKey(pairs.current());
        if (inGroup) {
            value = pairs.current();
            ahead = false;
            values++;
            scope.step();
        }
        return inGroup;
    }

    private boolean isSameKey(PairCursor pair) {
        return pair.prefix() == prefix && Arrays.equals(pair.array(), pair.keyOffset(),
            pair.keyOffset() + pair.keyLength(), key.array(), 0, key.length());
    }

    /** Carries a failure to read through the job's own code. */
    static final class LostRun extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final IOException failure;

        LostRun(IOException failure) {
            super(failure);
            this.failure = failure;
        }

        IOException failure() {
            return failure;
        }
    }

    /** How many values were read. */
    long values() {
        return values;
    }

    @Override
    public byte[] keyArray() {
        return key.array();
    }

    @Override
    public int keyOffset() {
        return 0;
    }

    @Override
    public int keyLength() {
        return key.length();
    }

    @Override
    public byte[] valueArray() {
        return value.array();
    }

    @Override
    public int valueOffset() {
        return value.valueOffset();
    }

    @Override
    public int valueLength() {
        return value.valueLength();
    }

    @Override
    public long number() {
        return LongCodec.decode(value.array(), value.valueOffset());
    }
}
