package io.balsa.benchmarks.rig;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits for what a start brings about. */
final class Await {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

    private Await() {
    }

    /** The first of {@code candidates} that passes, asked again and again for half a minute. */
    static <T> T first(Collection<T> candidates, Predicate<T> test, String what) throws InterruptedException {
        final long deadline = System.nanoTime() + LIMIT_NS;
        while (System.nanoTime() < deadline) {
            for (T candidate : candidates) {
                if (test.test(candidate)) {
                    return candidate;
                }
            }
            Thread.sleep(1);
        }
        throw new IllegalStateException("waited " + TimeUnit.NANOSECONDS.toSeconds(LIMIT_NS) + " s for " + what);
    }
}
