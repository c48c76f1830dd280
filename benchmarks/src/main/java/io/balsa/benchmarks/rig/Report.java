package io.balsa.benchmarks.rig;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The tables: medians over the repeats with the least and the greatest, and ratios to the floor and the best peer. */
final class Report {
    private final Plan plan;
    private final List<Cell> cells;

    Report(Plan plan, List<Cell> cells) {
        this.plan = plan;
        this.cells = cells;
    }

    void print(PrintStream out) {
        for (int bytes : plan.sizes()) {
            out.printf("%n%d B, %s, three nodes and the caller in one JVM%n%n", bytes,
                plan.forced() ? "forced to disk on a majority" : "in the memory of a majority");
            printTable(out, bytes);
        }
        out.println();
        plan.systems().forEach(system -> out.printf("%s: %s%n", system.label(), system.settings()));
    }

    private void printTable(PrintStream out, int bytes) {
        out.println("| system | outstanding | ops/s (min-max) | p50 us (min-max) | p99 us (min-max) | p50 : floor "
            + "| p50 : best peer | ops/s : best peer | cpu us/op | flushes/s | others' cpu (max) |");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|");
        for (int width : plan.outstanding()) {
            for (Contender system : plan.systems()) {
                if (!system.isFloor() || width == 1) {
                    printRow(out, system, bytes, width);
                }
            }
        }
    }

    private void printRow(PrintStream out, Contender system, int bytes, int width) {
        final double[] ops = values(system, bytes, width, "opsPerSecond");
        if (ops.length == 0) {
            out.printf("| %s | %d | no figure |%n", system.label(), width);
            return;
        }
        final double p50 = median(values(system, bytes, width, "p50us"));
        out.printf(Locale.ROOT, "| %s | %d | %s | %s | %s | %s | %s | %s | %.1f | %,.0f | %.2f |%n", system.label(),
            width, spread(ops, "%,.0f"), spread(values(system, bytes, width, "p50us"), "%,.1f"),
            spread(values(system, bytes, width, "p99us"), "%,.1f"), ratio(p50, floor(bytes)),
            ratio(p50, bestPeer(bytes, width, "p50us", false)),
            ratio(median(ops), bestPeer(bytes, width, "opsPerSecond", true)),
            median(values(system, bytes, width, "cpuUsPerOp")),
            median(values(system, bytes, width, "flushesPerSecond")),
            Arrays.stream(values(system, bytes, width, "othersCpu")).max().orElse(0));
    }

    private OptionalDouble floor(int bytes) {
        double sum = 0;
        for (Contender floor : new Contender[] {Contender.FILES, Contender.UDP}) {
            final double[] values = values(floor, bytes, 1, "p50us");
            if (values.length == 0) {
                return OptionalDouble.empty();
            }
            sum += plan.forced() || floor == Contender.UDP ? median(values) : 0;
        }
        return OptionalDouble.of(sum);
    }

    private OptionalDouble bestPeer(int bytes, int width, String name, boolean most) {
        final var medians = plan.systems().stream().filter(Contender::isPeer)
            .map(peer -> values(peer, bytes, width, name)).filter(values -> values.length > 0)
            .mapToDouble(Report::median);
        return most ? medians.max() : medians.min();
    }

    private static String ratio(double value, OptionalDouble base) {
        return base.isPresent() ? String.format(Locale.ROOT, "%.2f", value / base.getAsDouble()) : "";
    }

    private double[] values(Contender system, int bytes, int width, String name) {
        return cells.stream().filter(cell -> cell.text("system").equals(system.toString())
            && cell.text("bytes").equals(String.valueOf(bytes))
            && cell.text("outstanding").equals(String.valueOf(width))).mapToDouble(cell -> cell.number(name)).toArray();
    }

    private static double median(double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String spread(double[] values, String format) {
        return String.format(Locale.ROOT, "**" + format + "** (" + format + "-" + format + ")", median(values),
            Arrays.stream(values).min().orElseThrow(), Arrays.stream(values).max().orElseThrow());
    }
}
