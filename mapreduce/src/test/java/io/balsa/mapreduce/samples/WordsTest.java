package io.balsa.mapreduce.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

/** Words that are found many bytes at a time, against words that are found byte by byte. */
final class WordsTest {
    private static final byte[] KINDS = {' ', '\n', 0, 1, 31, 33, 'a', 'z', 127, (byte) 0x80, (byte) 0xa0, (byte) 0xff};

    private static List<String> slowly(byte[] bytes, int from, int to) {
        final List<String> words = new ArrayList<>();
        int start = from;
        for (int at = from; at <= to; at++) {
            if (at == to || bytes[at] >= 0 && bytes[at] <= ' ') {
                if (at > start) {
                    words.add(start + "+" + (at - start));
                }
                start = at + 1;
            }
        }
        return words;
    }

    @Test
    void whatLiesBetweenSpacesIsTheSameHoweverItIsFound() {
        final SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 20_000; round++) {
            final byte[] bytes = new byte[random.nextInt(300)];
            final int spaces = random.nextInt(1, 40);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = random.nextInt(spaces) == 0 ? KINDS[random.nextInt(KINDS.length)] : (byte) 'x';
            }
            final int from = random.nextInt(bytes.length + 1);
            final int to = random.nextInt(from, bytes.length + 1);
            final List<String> words = new ArrayList<>();
            Words.betweenSpaces(bytes, from, to, (text, offset, length) -> words.add(offset + "+" + length));
            assertEquals(slowly(bytes, from, to), words);
        }
    }
}
