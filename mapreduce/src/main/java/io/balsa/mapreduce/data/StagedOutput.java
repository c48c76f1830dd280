package io.balsa.mapreduce.data;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.LongCodec;

/** Keeps the pairs of one record until it is known that its mapper does not throw. */
final class StagedOutput extends Scoped implements ByteOutput {
    private final MapSink sink;
    private final long budget;
    private final boolean numbers;
    private final ByteBuilder bytes = new ByteBuilder(1 << 10);
    private final byte[] number = new byte[LongCodec.MAX_LENGTH];

    /** @param budget how many bytes the pairs of one record may take */
    StagedOutput(MapSink sink, long budget, boolean numbers) {
        super(sink);
        this.sink = sink;
        this.budget = budget;
        this.numbers = numbers;
    }

    @Override
    public void emit(byte[] key, int offset, int length, long value) {
        emit(key, offset, length, number, 0, LongCodec.encode(value, number, 0));
    }

    @Override
    public void emit(byte[] key, int offset, int length, byte[] value, int valueOffset, int valueLength) {
        if (bytes.length() + (long) length + valueLength > budget) {
            throw new IllegalStateException("the pairs of one record take more than " + budget
                + " bytes; give tasks more memory, or do not skip records");
        }
        putInt(length);
        putInt(valueLength);
        bytes.append(key, offset, length);
        bytes.append(value, valueOffset, valueLength);
    }

    private void putInt(int value) {
        bytes.append(value >>> 24);
        bytes.append(value >>> 16);
        bytes.append(value >>> 8);
        bytes.append(value);
    }

    private int getInt(int at) {
        final byte[] array = bytes.array();
        return array[at] << 24 | (array[at + 1] & 0xff) << 16 | (array[at + 2] & 0xff) << 8 | array[at + 3] & 0xff;
    }

    /** Emits what was kept. */
    void commit() {
        int at = 0;
        while (at < bytes.length()) {
            final int keyLength = getInt(at);
            final int valueLength = getInt(at + Integer.BYTES);
            final int key = at + 2 * Integer.BYTES;
            if (numbers) {
                sink.emit(bytes.array(), key, keyLength, LongCodec.decode(bytes.array(), key + keyLength));
            } else {
                sink.emit(bytes.array(), key, keyLength, bytes.array(), key + keyLength, valueLength);
            }
            at = key + keyLength + valueLength;
        }
        sink.settle();
        forget();
    }

    /** Drops what was kept. */
    void forget() {
        bytes.truncate(0);
    }
}
