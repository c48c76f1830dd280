package io.balsa.mapreduce.wire;

import java.security.SecureRandom;

/** How jobs are named: numbers drawn by whoever submits, so that asking twice is asking once, and none comes again. */
public final class JobId {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int DIGITS = 16;

    private JobId() {
    }

    /** Any number but 0. */
    public static long draw() {
        final long drawn = RANDOM.nextLong();
        return drawn == 0 ? 1 : drawn;
    }

    /** As people see it, and as it stands in the names of files. */
    public static String format(long job) {
        return String.format("%016x", job);
    }

    /**
     * The reverse of {@link #format}.
     *
     * @throws IllegalArgumentException when it is not what that makes
     */
    public static long parse(String text) {
        if (text.length() != DIGITS || !text.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new IllegalArgumentException("'" + text + "' is no job; it has " + DIGITS
                + " hexadecimal digits, see 'mr status'");
        }
        return Long.parseUnsignedLong(text, 16);
    }
}
