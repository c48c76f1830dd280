package io.balsa.mapreduce.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and times as people write them. */
final class Amounts {
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,12})([a-z]*)");
    private static final Map<String, Long> BYTES = Map.of("", 1L, "k", 1L << 10, "kib", 1L << 10, "m", 1L << 20,
        "mib", 1L << 20, "g", 1L << 30, "gib", 1L << 30);
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private Amounts() {
    }

    /** {@code 4096}, {@code 256m} or {@code 1GiB}. */
    static long bytes(String option, String text) {
        return amount(option, text, BYTES, "a size such as 4096, 256m or 1g");
    }

    /** {@code 300ms}, {@code 10s}, {@code 5m} or {@code 1h}. */
    static Duration time(String option, String text) {
        return Duration.ofMillis(amount(option, text, MILLIS, "a time such as 300ms, 10s, 5m or 1h"));
    }

    private static long amount(String option, String text, Map<String, Long> units, String wanted) {
        final Matcher amount = AMOUNT.matcher(text.toLowerCase(Locale.ROOT));
        final Long unit = amount.matches() ? units.get(amount.group(2)) : null;
        if (unit == null || Long.parseLong(amount.group(1)) > Long.MAX_VALUE / unit / 1_000_000) {
            throw new IllegalArgumentException(option + ": '" + text + "' is not " + wanted);
        }
        return Long.parseLong(amount.group(1)) * unit;
    }
}
