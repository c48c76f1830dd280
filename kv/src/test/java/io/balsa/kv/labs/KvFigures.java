package io.balsa.kv.labs;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What the course's tester prints for a test on the store that passed.
 *
 * @param seconds    how long it took for its servers
 * @param requests   sent between servers, and calls of clients
 * @param operations of clients that ended
 */
record KvFigures(double seconds, long requests, long operations) {
    /** Each figure's median, for itself. */
    static KvFigures medianOf(List<KvFigures> runs) {
        return new KvFigures(median(runs, KvFigures::seconds), (long) median(runs, KvFigures::requests),
            (long) median(runs, KvFigures::operations));
    }

    private static double median(List<KvFigures> runs, ToDoubleFunction<KvFigures> figure) {
        final double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** As the course prints them: seconds / requests / operations. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f / %d / %d", seconds, requests, operations);
    }
}
