package io.balsa.raft.testkit.lab;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What the course's tester prints for a test that passed.
 *
 * @param seconds  how long it took for its servers
 * @param requests sent between servers
 * @param bytes    of these requests and their answers
 * @param commits  the highest index applied
 */
public record LabFigures(double seconds, int servers, long requests, long bytes, long commits) {
    /** Each figure's median, for itself. */
    public static LabFigures medianOf(List<LabFigures> runs) {
        return new LabFigures(median(runs, LabFigures::seconds), runs.get(0).servers,
            (long) median(runs, LabFigures::requests), (long) median(runs, LabFigures::bytes),
            (long) median(runs, LabFigures::commits));
    }

    private static double median(List<LabFigures> runs, ToDoubleFunction<LabFigures> figure) {
        final double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** As the course prints them: seconds / requests / bytes / commits. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f / %d / %d / %d", seconds, requests, bytes, commits);
    }
}
