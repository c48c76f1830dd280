package io.balsa.mapreduce.samples;

import java.util.function.Consumer;

/** The lab's words in a string: its longest runs of letters. */
final class LetterRuns {
    private LetterRuns() {
    }

    private static boolean isLetter(int character) {
        // Most are of the small alphabet, and found without a look into Unicode's tables.
        return character < 0x80 ? (character | 0x20) >= 'a' && (character | 0x20) <= 'z'
            : Character.isLetter(character);
    }

    static void of(String text, Consumer<String> words) {
        final int length = text.length();
        int start = -1;
        int at = 0;
        while (at < length) {
            final char unit = text.charAt(at);
            // A pair of surrogates is one character; looking for one only where there can be one keeps the rest fast.
            final int character = Character.isHighSurrogate(unit) ? text.codePointAt(at) : unit;
            if (isLetter(character)) {
                if (start < 0) {
                    start = at;
                }
            } else if (start >= 0) {
                words.accept(text.substring(start, at));
                start = -1;
            }
            at += Character.charCount(character);
        }
        if (start >= 0) {
            words.accept(text.substring(start));
        }
    }
}
