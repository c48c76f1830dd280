package io.balsa.raft.testkit.mutants;

import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one test ended.
 *
 * @param seed the simulator's seed that broke, or -1
 */
record TestRun(End end, String says, long seed, long millis) {
    enum End {
        PASSED,
        /** An assertion of the test failed, or the product's own checks found a violation: what kills a mutant. */
        REPORTED,
        /** It did not end, or some time limit ended it: that is no report of what is wrong. */
        TIMED_OUT,
        /** It could not run, or fell over something that nobody checks. */
        BROKEN
    }

    private static final Pattern SEED = Pattern.compile("seed (\\d+) broke: ");

    static TestRun failed(Throwable thrown, long millis) {
        final Matcher seed = SEED.matcher(String.valueOf(thrown.getMessage()));
        final boolean played = seed.find();
        // the seed's transcript is long; what went wrong is at its end
        final String message = played ? thrown.getMessage().substring(seed.end()) : thrown.toString();
        return new TestRun(endOf(thrown), message, played ? Long.parseLong(seed.group(1)) : -1, millis);
    }

    private static End endOf(Throwable thrown) {
        if (thrown instanceof TimeoutException) {
            return End.TIMED_OUT;
        }
        final boolean checked = thrown instanceof AssertionError || thrown.getClass() == IllegalStateException.class
            || thrown.getClass().getName().startsWith("io.balsa.");
        return checked ? End.REPORTED : End.BROKEN;
    }
}
