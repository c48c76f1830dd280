package io.balsa.mapreduce.data;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Reads the pairs of a segment in their order, and verifies each block before the first of its pairs is seen. */
final class SegmentReader implements PairCursor {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Segment segment;
    private final FileChannel file;
    private final CRC32C blockCrc = new CRC32C();
    private final CRC32C headsCrc = new CRC32C();
    private final byte[] head = new byte[Segment.BLOCK_HEAD];
    private long read;
    private byte[] block = {};
    private int at;
    private int end;
    private long prefix;
    private int keyOffset;
    private int keyLength;
    private int valueLength;

    /** @throws DamagedRunException if the file is not there or ends too early */
    SegmentReader(Path path, Segment segment) throws IOException {
        this.path = path;
        this.segment = segment;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (final IOException e) {
            throw new DamagedRunException("run " + path + " cannot be opened: " + Reason.of(e), e);
        }
        if (file.size() < segment.position() + segment.bytes()) {
            final long size = file.size();
            file.close();
            throw new DamagedRunException("run " + path + " has " + size + " bytes of "
                + (segment.position() + segment.bytes()));
        }
    }

    @Override
    public boolean next() throws IOException {
        if (at == end && !nextBlock()) {
            return false;
        }
        keyLength = length();
        valueLength = length();
        keyOffset = at;
        at += keyLength + valueLength;
        if (at > end || at < keyOffset) {
            throw damaged("a pair beyond the end of its block");
        }
        prefix = KeyBytes.prefix(block, keyOffset, keyLength);
        return true;
    }

    private int length() throws DamagedRunException {
        int length = 0;
        int shift = 0;
        while (at < end) {
            final byte next = block[at++];
            length |= (next & 0x7f) << shift;
            if (next >= 0 && length >= 0) {
                return length;
            }
            shift += 7;
        }
        throw damaged("a length without its end");
    }

    private boolean nextBlock() throws IOException {
        if (read == segment.bytes()) {
            if ((int) headsCrc.getValue() != segment.crc()) {
                throw damaged("other blocks than were written");
            }
            return false;
        }
        fill(head, Segment.BLOCK_HEAD);
        headsCrc.update(head, 0, Segment.BLOCK_HEAD);
        final int length = (int) INT.get(head, 0);
        if (length <= 0 || length > segment.bytes() - read) {
            throw damaged("a block of " + length + " bytes");
        }
        if (block.length < length) {
            // Some bytes more, so that prefixes of the last keys are read in one piece.
            block = new byte[Math.max(length, Segment.BLOCK) + KeyBytes.PREFIX];
        }
        fill(block, length);
        blockCrc.reset();
        blockCrc.update(block, 0, length);
        if ((int) blockCrc.getValue() != (int) INT.get(head, Integer.BYTES)) {
            throw damaged("a block whose checksum does not fit");
        }
        at = 0;
        end = length;
        return true;
    }

    private void fill(byte[] into, int length) throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(into, 0, length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, segment.position() + read + bytes.position()) < 0) {
                throw damaged("fewer bytes than it had");
            }
        }
        read += length;
    }

    private DamagedRunException damaged(String what) {
        return new DamagedRunException("run " + path + " has " + what + " before byte "
            + (segment.position() + read));
    }

    @Override
    public long prefix() {
        return prefix;
    }

    @Override
    public byte[] array() {
        return block;
    }

    @Override
    public int keyOffset() {
        return keyOffset;
    }

    @Override
    public int keyLength() {
        return keyLength;
    }

    @Override
    public int valueLength() {
        return valueLength;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
