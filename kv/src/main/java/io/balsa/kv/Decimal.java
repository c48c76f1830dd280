package io.balsa.kv;

import java.nio.charset.StandardCharsets;

/** Whole numbers as Redis writes them: no plus sign, no leading zero, no blank, within 64 bits. */
final class Decimal {
    private static final int LONGEST = 20;

    private Decimal() {
    }

    /** Whether {@link #parse} takes it. */
    static boolean isNumber(byte[] text) {
        if (text.length == 0 || text.length > LONGEST) {
            return false;
        }
        final int digits = text[0] == '-' ? 1 : 0;
        if (digits == text.length || (text[digits] == '0' && text.length > 1)) {
            return false;
        }
        for (int i = digits; i < text.length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return false;
            }
        }
        return fits(text, digits);
    }

    /** The number. Only for what {@link #isNumber} accepts. */
    static long parse(byte[] text) {
        return Long.parseLong(new String(text, StandardCharsets.US_ASCII));
    }

    static byte[] format(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean fits(byte[] text, int digits) {
        final String limit = digits == 1 ? "9223372036854775808" : "9223372036854775807";
        final int length = text.length - digits;
        return length < limit.length() || (length == limit.length()
            && new String(text, digits, length, StandardCharsets.US_ASCII).compareTo(limit) <= 0);
    }
}
