package io.balsa.mapreduce;

import java.nio.charset.StandardCharsets;

/** Text in UTF-8, ordered by code points. A surrogate without its other half is written as a question mark. */
public final class StringCodec implements Codec<String> {
    @Override
    public void encode(String value, ByteBuilder bytes) {
        final int count = value.length();
        bytes.reserve(count);
        final byte[] array = bytes.array();
        final int start = bytes.length();
        int seen = 0;
        for (int i = 0; i < count; i++) {
            final char c = value.charAt(i);
            seen |= c;
            array[start + i] = (byte) c;
        }
        if (seen < 0x80) {
            bytes.advance(count);
            return;
        }
        final byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        bytes.append(encoded, 0, encoded.length);
    }

    @Override
    public String decode(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }
}
