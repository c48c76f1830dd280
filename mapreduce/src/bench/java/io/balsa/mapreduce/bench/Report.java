package io.balsa.mapreduce.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.balsa.mapreduce.bench.SpeedBenchmark.Result;

/** The comparison for machines and for eyes. */
final class Report {
    private static final int WIDTH = 760;
    private static final int LABELS = 220;
    private static final int BAR = 26;

    private Report() {
    }

    static String json(List<Result> results) {
        return results.stream().map(result -> String.format(Locale.ROOT,
            "  {\"row\": \"%s\", \"balsa\": %b, \"median\": %.1f, \"min\": %.1f, \"max\": %.1f, \"runs\": %d, "
                + "\"goal\": %d, \"distinct\": %d}", result.row().name(), result.row().ours(), result.median(),
            result.least(), result.greatest(), result.speeds().length, result.row().goal(), result.distinct()))
            .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    static String svg(List<Result> results) {
        final double most = results.stream().mapToDouble(Result::greatest).max().orElse(1);
        final double scale = (WIDTH - LABELS - 70) / most;
        final StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
                + "font-size=\"13\">%n<text x=\"8\" y=\"20\">word count, megabytes a second: median, least to greatest"
                + "</text>%n", WIDTH, (results.size() + 1) * BAR + 12));
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
        }
        return svg.append("</svg>\n").toString();
    }
}
