package io.balsa.mapreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes keep values, and their order. */
final class CodecsTest {
    private static <T> byte[] bytes(Codec<T> codec, T value) {
        final ByteBuilder builder = new ByteBuilder(0);
        builder.append(7);
        codec.encode(value, builder);
        return Arrays.copyOfRange(builder.array(), 1, builder.length());
    }

    @Test
    void numbersComeBackAndKeepTheirOrder() {
        final SplittableRandom random = new SplittableRandom(1);
        final TreeSet<Long> numbers = new TreeSet<>(List.of(0L, -1L, 111L, 112L, -112L, -113L, 255L, 256L, 65_535L,
            65_536L, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1));
        LongStream.range(-300, 300).forEach(numbers::add);
        for (int i = 0; i < 20_000; i++) {
            numbers.add(random.nextLong() >> random.nextInt(64));
        }
        final LongCodec codec = new LongCodec();
        byte[] before = {};
        for (final Long number : numbers) {
            final byte[] bytes = bytes(codec, number);
            assertEquals(number, codec.decode(bytes, 0, bytes.length));
            assertTrue(Arrays.compareUnsigned(before, bytes) < 0, number + " is not behind the one before");
            assertTrue(bytes.length <= LongCodec.MAX_LENGTH);
            before = bytes;
        }
    }

    @ParameterizedTest
    @CsvSource({"0,1", "111,1", "-112,1", "112,2", "-113,2", "255,2", "256,3", "9223372036854775807,9",
        "-9223372036854775808,9"})
    void smallNumbersAreShort(long number, int length) {
        assertEquals(length, bytes(new LongCodec(), number).length);
    }

    @Test
    void textIsUtf8InTheOrderOfCodePoints() {
        final StringCodec codec = new StringCodec();
        // String.compareTo has the last two the other way round.
        final List<String> ordered = List.of("", "a", "a\u0000", "ab", "b", "\u007f", "\u0080", "\u00e9", "\u4e2d",
            "\uffee", "\ud83d\ude00");
        byte[] before = null;
        for (final String text : ordered) {
            final byte[] bytes = bytes(codec, text);
            assertEquals(text, codec.decode(bytes, 0, bytes.length));
            assertEquals(text, new String(bytes, StandardCharsets.UTF_8));
            assertTrue(before == null || Arrays.compareUnsigned(before, bytes) < 0, text);
            before = bytes;
        }
    }

    @ParameterizedTest
    @CsvSource({"a,2", "b,9", "c,0", "d,5", "e,6", "f,3", "g,4", "h,3", "i,4", "j,1", "A,4", "the,2"})
    void keysGoWhereTheLabSendsThem(String key, int reduce) {
        assertEquals(reduce, partition(key, 10));
    }

    @ParameterizedTest
    @CsvSource({"''", "\u4e2d\u6587", "polygenelubricants", "\u00ff"})
    void everyKeyHasAReduceTask(String key) {
        for (int reduces = 1; reduces < 50; reduces++) {
            final int reduce = partition(key, reduces);
            assertTrue(reduce >= 0 && reduce < reduces);
        }
    }

    private static int partition(String key, int reduces) {
        final byte[] bytes = ("x" + key).getBytes(StandardCharsets.UTF_8);
        return new HashPartitioner().partition(bytes, 1, bytes.length - 1, reduces);
    }
}
