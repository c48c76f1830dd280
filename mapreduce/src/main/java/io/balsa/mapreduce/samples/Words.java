package io.balsa.mapreduce.samples;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds words in UTF-8 text without making it characters first. */
final class Words {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    /** Brings the lowest bits of eight bytes together in the highest byte of the product. */
    private static final long GATHER = 0x0102040810204080L;
    private static final boolean[] ASCII_LETTER = new boolean[128];

    static {
        Arrays.fill(ASCII_LETTER, 'A', 'Z' + 1, true);
        Arrays.fill(ASCII_LETTER, 'a', 'z' + 1, true);
    }

    private Words() {
    }

    /** Takes the words that are found. */
    @FunctionalInterface
    interface Found {
        void word(byte[] bytes, int offset, int length);
    }

    /** Finds the longest runs of letters, as Unicode has them: the lab's words. */
    static void letters(byte[] bytes, int from, int to, Found found) {
        int start = -1;
        int at = from;
        while (at < to) {
            final int next = bytes[at];
            final int length;
            final boolean letter;
            if (next >= 0) {
                length = 1;
                letter = ASCII_LETTER[next];
            } else {
                length = sequenceLength(bytes, at, to);
                letter = length > 1 && isLetter(bytes, at, length);
            }
            if (letter) {
                if (start < 0) {
                    start = at;
                }
            } else if (start >= 0) {
                found.word(bytes, start, at - start);
                start = -1;
            }
            at += length;
        }
        if (start >= 0) {
            found.word(bytes, start, to - start);
        }
    }

    /** How many bytes the character at {@code at} takes; 1 if what is there is no character. */
    private static int sequenceLength(byte[] bytes, int at, int to) {
        final int first = bytes[at] & 0xff;
        final int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
        if (first >= 0xf5 || at + length > to) {
            return 1;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 1;
            }
        }
        return length;
    }

    private static boolean isLetter(byte[] bytes, int at, int length) {
        // Rare in most texts, hence by way of the library, which also knows what is too long or half a surrogate.
        final String character = new String(bytes, at, length, StandardCharsets.UTF_8);
        return character.codePointCount(0, character.length()) == 1 && Character.isLetter(character.codePointAt(0));
    }

    /**
     * Finds what lies between spaces, line ends and other control characters. The spaces of 64 bytes are found before
     * any of them is looked at: so that there is one guess, how many these are, where eight bytes at a time are eight.
     */
    static void betweenSpaces(byte[] bytes, int from, int to, Found found) {
        int start = from;
        int at = from;
        for (; at + Long.SIZE <= to; at += Long.SIZE) {
            long spaces = 0;
            for (int i = 0; i < Long.SIZE; i += Long.BYTES) {
                spaces |= spacesOf((long) LONG.get(bytes, at + i)) << i;
            }
            while (spaces != 0) {
                final int space = at + Long.numberOfTrailingZeros(spaces);
                if (space > start) {
                    found.word(bytes, start, space - start);
                }
                start = space + 1;
                spaces &= spaces - 1;
            }
        }
        for (; at < to; at++) {
            if (bytes[at] >= 0 && bytes[at] <= ' ') {
                if (at > start) {
                    found.word(bytes, start, at - start);
                }
                start = at + 1;
            }
        }
        if (to > start) {
            found.word(bytes, start, to - start);
        }
    }

    /** Returns eight bits, one for each byte that is 0 to 32, the first byte's lowest. */
    private static long spacesOf(long eight) {
        // Subtracting 33 from each byte, with the carry between bytes kept out, sets the top bits of the others.
        final long tops = ~((eight | HIGHS) - ONES * 33) & ~eight & HIGHS;
        return (tops >>> 7) * GATHER >>> 56;
    }
}
