package io.balsa.benchmarks.rig;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lines over logarithmic axes, as SVG. */
final class Chart {
    private static final int WIDTH = 460;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int TOP = 60;
    private static final int PLOT_WIDTH = WIDTH - LEFT - 20;
    private static final int PLOT_HEIGHT = HEIGHT - TOP - 50;
    private static final int LEGEND_LINE = 18;
    private static final List<String> COLOURS =
        List.of("#0b6e4f", "#c1272d", "#1f5fa8", "#e08e0b", "#7b3fa0", "#555555", "#2aa5a5", "#a05a2c");

    private final String yTitle;
    private final String xTitle;
    private final Map<String, List<Point>> lines = new LinkedHashMap<>();
    private final Map<String, Double> levels = new LinkedHashMap<>();

    private record Point(double x, double y) {
    }

    private record Scale(double low, double high) {
        /** From the power of ten at or below the least to that at or above the greatest. */
        static Scale around(List<Double> values) {
            final double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(1);
            final double greatest = values.stream().mapToDouble(Double::doubleValue).max().orElse(10);
            final double low = Math.floor(Math.log10(least));
            return new Scale(low, Math.max(low + 1, Math.ceil(Math.log10(greatest))));
        }

        double of(double value) {
            return (Math.log10(value) - low) / (high - low);
        }
    }

    Chart(String yTitle, String xTitle) {
        this.yTitle = yTitle;
        this.xTitle = xTitle;
    }

    /** Adds to the line {@code name}; both numbers are positive. */
    void point(String name, double x, double y) {
        lines.computeIfAbsent(name, any -> new ArrayList<>()).add(new Point(x, y));
    }

    /** A level line over the whole width. */
    void line(String name, double y) {
        levels.put(name, y);
    }

    /** One picture of some charts side by side, with the legend of the first below. */
    static String beside(String title, List<Chart> charts) {
        final List<String> names = new ArrayList<>(charts.getFirst().lines.keySet());
        final int width = WIDTH * charts.size();
        final int height = HEIGHT + LEGEND_LINE * (1 + (names.size() + 3) / 4);
        final StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                + "font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
            width, height, width, height));
        text(svg, width / 2.0, 24, "middle", title);
        for (int i = 0; i < charts.size(); i++) {
            svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d 0)\">%n", WIDTH * i));
            charts.get(i).draw(svg, names);
            svg.append("</g>\n");
        }
        for (int i = 0; i < names.size(); i++) {
            final double x = LEFT + (i % 4) * (width - LEFT) / 4.0;
            final double y = HEIGHT + LEGEND_LINE * (1 + i / 4);
            svg.append(String.format(Locale.ROOT,
                "<rect x=\"%.0f\" y=\"%.0f\" width=\"12\" height=\"12\" fill=\"%s\"/>%n", x, y - 10, colour(i)));
            text(svg, x + 18, y, "start", names.get(i));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    private void draw(StringBuilder svg, List<String> names) {
        final Scale x = Scale.around(lines.values().stream().flatMap(List::stream).map(Point::x).toList());
        final List<Double> heights = new ArrayList<>(levels.values());
        lines.values().forEach(points -> points.forEach(point -> heights.add(point.y())));
        final Scale y = Scale.around(heights);
        text(svg, LEFT, TOP - 10, "start", yTitle);
        text(svg, LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT + 36, "end", xTitle);
        for (int power = (int) x.low(); power <= (int) x.high(); power++) {
            final double at = across(x, Math.pow(10, power));
            stroke(svg, at, TOP, at, TOP + PLOT_HEIGHT, "#dddddd");
            text(svg, at, TOP + PLOT_HEIGHT + 18, "middle", number(power));
        }
        for (int power = (int) y.low(); power <= (int) y.high(); power++) {
            final double at = up(y, Math.pow(10, power));
            stroke(svg, LEFT, at, LEFT + PLOT_WIDTH, at, "#dddddd");
            text(svg, LEFT - 6, at + 4, "end", number(power));
        }
        levels.forEach((name, level) -> {
            stroke(svg, LEFT, up(y, level), LEFT + PLOT_WIDTH, up(y, level), "#999999");
            text(svg, LEFT + PLOT_WIDTH, up(y, level) - 4, "end", name);
        });
        lines.forEach((name, points) -> drawLine(svg, points, x, y, colour(names.indexOf(name))));
    }

    private static void drawLine(StringBuilder svg, List<Point> points, Scale x, Scale y, String colour) {
        final StringBuilder path = new StringBuilder();
        for (Point point : points) {
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", across(x, point.x()), up(y, point.y())));
            svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                across(x, point.x()), up(y, point.y()), colour));
        }
        svg.append(String.format(Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", path, colour));
    }

    private static double across(Scale x, double value) {
        return LEFT + PLOT_WIDTH * x.of(value);
    }

    private static double up(Scale y, double value) {
        return TOP + PLOT_HEIGHT * (1 - y.of(value));
    }

    private static String number(int power) {
        return String.format(Locale.ROOT, power < 0 ? "%." + -power + "f" : "%,.0f", Math.pow(10, power));
    }

    private static void stroke(StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
        svg.append(String.format(Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n", x1, y1, x2, y2, colour));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y,
            anchor, text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
