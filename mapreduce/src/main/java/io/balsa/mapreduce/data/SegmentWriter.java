package io.balsa.mapreduce.data;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes segments, one behind the other. */
final class SegmentWriter {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_HEAD = 10;

    private final CRC32C blockCrc = new CRC32C();
    private final CRC32C headsCrc = new CRC32C();
    private byte[] block = new byte[Segment.BLOCK + 256];
    private int used = Segment.BLOCK_HEAD;
    private long start;
    private long written;

    /** Begins a segment at {@code position} of a file that {@link #append} and {@link #finish} are then given. */
    void begin(long position) {
        start = position;
        written = 0;
        headsCrc.reset();
    }

    void append(FileChannel file, byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset,
                int valueLength) throws IOException {
        final long needed = (long) MAX_HEAD + keyLength + valueLength;
        if (used + needed > Segment.BLOCK && used > Segment.BLOCK_HEAD) {
            writeBlock(file);
        }
        if (used + needed > block.length) {
            block = Arrays.copyOf(block, Math.toIntExact(used + needed));
        }
        putLength(keyLength);
        putLength(valueLength);
        System.arraycopy(key, keyOffset, block, used, keyLength);
        used += keyLength;
        System.arraycopy(value, valueOffset, block, used, valueLength);
        used += valueLength;
    }

    private void putLength(int length) {
        int rest = length;
        while (rest > 0x7f) {
            block[used++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        block[used++] = (byte) rest;
    }

    /** Writes what is left, and ends the segment. */
    Segment finish(FileChannel file) throws IOException {
        if (used > Segment.BLOCK_HEAD) {
            writeBlock(file);
        }
        return written == 0 ? Segment.EMPTY : new Segment(start, written, (int) headsCrc.getValue());
    }

    private void writeBlock(FileChannel file) throws IOException {
        blockCrc.reset();
        blockCrc.update(block, Segment.BLOCK_HEAD, used - Segment.BLOCK_HEAD);
        INT.set(block, 0, used - Segment.BLOCK_HEAD);
        INT.set(block, Integer.BYTES, (int) blockCrc.getValue());
        headsCrc.update(block, 0, Segment.BLOCK_HEAD);
        final ByteBuffer bytes = ByteBuffer.wrap(block, 0, used);
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        written += used;
        used = Segment.BLOCK_HEAD;
    }

    /** Forgets a segment that was begun. */
    void abandon() {
        used = Segment.BLOCK_HEAD;
    }
}
