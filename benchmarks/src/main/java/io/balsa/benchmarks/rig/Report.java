package io.balsa.benchmarks.rig;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

import io.balsa.benchmarks.rig.Results.Topic;
import io.balsa.raft.RaftStatus;

/** The tables: medians over the repeats with the least and the greatest, and ratios to the floor and the best peer. */
final class Report {
    /** As {@link RaftStatus.Stage} names them. */
    private static final List<String> STAGES =
        List.of("queue", "send", "force", "follower_force", "commit", "apply", "answer", "total");

    private final Plan plan;
    private final Results results;

    Report(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
    }

    void print(PrintStream out, String surroundings) {
        out.println(surroundings);
        for (Layout layout : Layout.values()) {
            for (boolean forced : List.of(true, false)) {
                for (int bytes : plan.sizes()) {
                    printLoads(out, new Topic(layout, forced, Cell.Kind.WRITE, bytes), plan.outstanding());
                    printStages(out, new Topic(layout, forced, Cell.Kind.WRITE, bytes));
                    printLoads(out, new Topic(layout, forced, Cell.Kind.RATE, bytes), plan.rates());
                    printLoads(out, new Topic(layout, forced, Cell.Kind.READ, bytes), plan.outstanding());
                    printTimes(out, new Topic(layout, forced, Cell.Kind.START, bytes));
                    printTimes(out, new Topic(layout, forced, Cell.Kind.FAILOVER, bytes));
                }
            }
        }
        out.println();
        plan.systems().forEach(system -> out.printf("%s: %s%n", system.label(), system.settings()));
    }

    private void printLoads(PrintStream out, Topic topic, List<Integer> loads) {
        if (!results.any(topic::covers)) {
            return;
        }
        out.printf("%n%s%n%n", topic.title());
        out.printf("| system | %s | ops/s (min-max) | p50 us (min-max) | p99 us (min-max) | p50 : floor "
            + "| p50 : best peer | p99 : best peer | ops/s : best peer | cpu us/op | flushes/s "
            + "| others' cpu, steal |%n",
            topic.kind() == Cell.Kind.RATE ? "a second" : "outstanding");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (int load : loads) {
            for (Contender system : plan.systems()) {
                final double[] ops = results.values(topic, system, load, "opsPerSecond");
                if (ops.length > 0) {
                    printLoad(out, topic, system, load, ops);
                }
            }
        }
    }

    private void printLoad(PrintStream out, Topic topic, Contender system, int load, double[] ops) {
        final double[] p50 = results.values(topic, system, load, "p50us");
        final double[] p99 = results.values(topic, system, load, "p99us");
        out.printf(Locale.ROOT, "| %s | %,d | %s | %s | %s | %s | %s | %s | %s | %.1f | %,.0f | %.2f, %.2f |%n",
            system.label(), load, spread(ops, "%,.0f"), spread(p50, "%,.0f"), spread(p99, "%,.0f"),
            ratio(p50, results.floor(topic)), ratio(p50, results.leastOfPeers(topic, load, "p50us")),
            ratio(p99, results.leastOfPeers(topic, load, "p99us")),
            ratio(ops, results.mostOfPeers(topic, load, "opsPerSecond")),
            Results.median(results.values(topic, system, load, "cpuUsPerOp")),
            Results.median(results.values(topic, system, load, "flushesPerSecond")),
            most(results.values(topic, system, load, "othersCpu")),
            most(results.values(topic, system, load, "steal")));
    }

    private void printStages(PrintStream out, Topic topic) {
        final List<Integer> told = plan.outstanding().stream()
            .filter(load -> results.medianOf(topic, Contender.BALSA, load, "total.p50us").isPresent()).toList();
        if (told.isEmpty()) {
            return;
        }
        out.printf("%nwhere the time goes in %s, p50 us (p99 us), force beside commit%n%n", Contender.BALSA.label());
        out.printf("| outstanding | %s |%n|---%s|%n", String.join(" | ", STAGES), "|---".repeat(STAGES.size()));
        for (int load : told) {
            out.printf(Locale.ROOT, "| %,d | %s |%n", load, STAGES.stream().map(stage -> stage(topic, load, stage))
                .collect(Collectors.joining(" | ")));
        }
    }

    /** Empty where no command was followed that far. */
    private String stage(Topic topic, int load, String stage) {
        final OptionalDouble p50 = results.medianOf(topic, Contender.BALSA, load, stage + ".p50us");
        final OptionalDouble p99 = results.medianOf(topic, Contender.BALSA, load, stage + ".p99us");
        return p50.isEmpty() || p99.isEmpty() ? ""
            : String.format(Locale.ROOT, "%,.0f (%,.0f)", p50.getAsDouble(), p99.getAsDouble());
    }

    private void printTimes(PrintStream out, Topic topic) {
        if (!results.any(topic::covers)) {
            return;
        }
        out.printf("%n%s%n%n| system | ms (min-max) | how often | : best peer |%n|---|---|---|---|%n", topic.title());
        for (Contender system : plan.systems()) {
            final double[] times = results.values(topic, system, 1, "ms");
            if (times.length > 0) {
                out.printf("| %s | %s | %d | %s |%n", system.label(), spread(times, "%,.0f"), times.length,
                    ratio(times, results.leastOfPeers(topic, 1, "ms")));
            }
        }
    }

    private static String ratio(double[] values, OptionalDouble base) {
        return base.isPresent()
            ? String.format(Locale.ROOT, "%.2f", Results.median(values) / base.getAsDouble()) : "";
    }

    private static double most(double[] values) {
        return Arrays.stream(values).max().orElse(0);
    }

    private static String spread(double[] values, String format) {
        return String.format(Locale.ROOT, "**" + format + "** (" + format + "-" + format + ")",
            Results.median(values), Arrays.stream(values).min().orElseThrow(), most(values));
    }
}
