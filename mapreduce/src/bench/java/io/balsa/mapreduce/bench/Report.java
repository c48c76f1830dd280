package io.balsa.mapreduce.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The comparison for machines and for eyes. */
final class Report {
    private static final int WIDTH = 760;
    private static final int LABELS = 200;
    private static final int BAR = 26;

    private Report() {
    }

    /** A row of ours, the one beside it, and how many times as fast ours must be. */
    private record Pair(String ours, String theirs, double wanted) {
    }

    private static final List<Pair> PAIRS = List.of(
        new Pair(Rows.STRINGS, Rows.SPARK, 1.5),
        new Pair(Rows.TYPED, Rows.STREAMS, 1),
        new Pair(Rows.IN_MEMORY, Rows.DUCK_DB, 1));

    /** How medians of this run compare, a line each. */
    static List<String> ratios(List<Result> results) {
        final List<String> lines = new ArrayList<>();
        for (final Pair pair : PAIRS) {
            find(results, pair.ours).ifPresent(ours -> find(results, pair.theirs).ifPresent(theirs ->
                lines.add(String.format(Locale.ROOT, "%s / %s = %.2f (wanted: %.1f)", pair.ours, pair.theirs,
                    ours.median() / theirs.median(), pair.wanted))));
        }
        return lines;
    }

    private static Optional<Result> find(List<Result> results, String name) {
        return results.stream().filter(result -> result.row().name().equals(name)).findFirst();
    }

    static String json(List<Result> results, long bytes) {
        final String rows = results.stream().map(result -> String.format(Locale.ROOT,
            "    {\"row\": \"%s\", \"balsa\": %b, \"heap\": \"%s\", \"median\": %.1f, \"min\": %.1f, \"max\": %.1f, "
                + "\"runs\": %d, \"goal\": %d, \"counted\": \"%s\"}", result.row().name(), result.row().ours(),
            result.row().heap(), result.median(), result.least(), result.greatest(), result.runs(),
            result.row().goal(), result.answer())).collect(Collectors.joining(",\n"));
        return String.format(Locale.ROOT, "{%n  \"unit\": \"MB/s\", \"bytes\": %d, \"processors\": %d, "
                + "\"java\": \"%s\",%n  \"rows\": [%n%s%n  ],%n  \"ratios\": [%s]%n}%n", bytes,
            Runtime.getRuntime().availableProcessors(), Runtime.version(), rows,
            ratios(results).stream().map(line -> "\"" + line + "\"").collect(Collectors.joining(", ")));
    }

    static String svg(List<Result> results) {
        final double most = results.stream().mapToDouble(Result::greatest).max().orElse(1);
        final double scale = (WIDTH - LABELS - 60) / most;
        final int height = (results.size() + 1) * BAR + 12;
        final StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
                + "font-size=\"13\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                + "<text x=\"8\" y=\"20\">word count, megabytes a second: median, least to greatest; red: the goal"
                + "</text>%n", WIDTH, height));
        for (int i = 0; i < results.size(); i++) {
            final Result result = results.get(i);
            final int y = (i + 1) * BAR + 4;
            svg.append(String.format(Locale.ROOT, "<text x=\"8\" y=\"%d\">%s</text>"
                    + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"16\" fill=\"%s\"/>"
                    + "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"black\"/>"
                    + "<text x=\"%.1f\" y=\"%d\">%.0f</text>%n",
                y + 13, result.row().name(), LABELS, y, result.median() * scale,
                result.row().ours() ? "#2b7bba" : "#b0b0b0", LABELS + result.least() * scale,
                LABELS + result.greatest() * scale, y + 8, y + 8, LABELS + result.greatest() * scale + 6, y + 13,
                result.median()));
            if (result.row().goal() > 0) {
                final double x = LABELS + result.row().goal() * scale;
                svg.append(String.format(Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"red\" stroke-width=\"2\"/>%n",
                    x, x, y - 2, y + 18));
            }
        }
        return svg.append("</svg>\n").toString();
    }
}
