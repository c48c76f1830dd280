package io.balsa.mapreduce.samples;

import java.util.function.Consumer;

/** The lab's words in a string: its longest runs of letters. */
final class LetterRuns {
    private LetterRuns() {
    }

    static void of(String text, Consumer<String> words) {
        final int length = text.length();
        int start = -1;
        int at = 0;
        while (at < length) {
            final char unit = text.charAt(at);
            // A pair of surrogates is one character; looking for one only where there can be one keeps the rest fast.
            final int character = Character.isHighSurrogate(unit) ? text.codePointAt(at) : unit;
            if (Character.isLetter(character)) {
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
