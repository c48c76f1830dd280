package io.balsa.mapreduce;

import java.util.Arrays;

/** Bytes as they are. */
public final class BytesCodec implements Codec<byte[]> {
    @Override
    public void encode(byte[] value, ByteBuilder bytes) {
        bytes.append(value, 0, value.length);
    }

    @Override
    public byte[] decode(byte[] bytes, int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
