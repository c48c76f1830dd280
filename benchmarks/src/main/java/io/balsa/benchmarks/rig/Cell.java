package io.balsa.benchmarks.rig;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.balsa.raft.RaftStatus;
import org.HdrHistogram.Histogram;

/** One measured figure with its surroundings: names and values, in the order they are printed. */
record Cell(Map<String, String> values) {
    /** What a line that carries a cell from the measuring process begins with. */
    static final String PREFIX = "CELL ";

    /** What kind of figure it is. */
    enum Kind { WRITE, READ, RATE, START, FAILOVER }

    /** Which system was measured, and in what circumstances. */
    static Map<String, String> circumstances(Contender contender, Plan plan, Kind kind, int bytes, int load) {
        final Map<String, String> values = new LinkedHashMap<>();
        values.put("system", contender.toString());
        values.put("layout", plan.layout().toString());
        values.put("durability", Plan.durability(plan.forced()));
        values.put("kind", kind.name().toLowerCase(Locale.ROOT));
        values.put("bytes", String.valueOf(bytes));
        values.put("load", String.valueOf(load));
        return values;
    }

    /** From what was measured between two looks at the machine. */
    static Cell of(Map<String, String> circumstances, Histogram latencies, Machine before, Machine after,
                   long otherCpuNs) {
        final Map<String, String> values = new LinkedHashMap<>(circumstances);
        final double seconds = (after.atNs() - before.atNs()) / 1e9;
        final long count = latencies.getTotalCount();
        final double ownNs = after.ownNs() - before.ownNs() + otherCpuNs;
        number(values, "opsPerSecond", count / seconds);
        number(values, "p50us", latencies.getValueAtPercentile(50) / 1e3);
        number(values, "p90us", latencies.getValueAtPercentile(90) / 1e3);
        number(values, "p99us", latencies.getValueAtPercentile(99) / 1e3);
        number(values, "p999us", latencies.getValueAtPercentile(99.9) / 1e3);
        number(values, "maxus", latencies.getMaxValue() / 1e3);
        number(values, "cpuUsPerOp", ownNs / 1e3 / Math.max(1, count));
        number(values, "othersCpu", Math.max(0, (after.busyNs() - before.busyNs() - ownNs) / 1e9 / seconds));
        number(values, "steal", (after.stealNs() - before.stealNs()) / 1e9 / seconds);
        number(values, "flushesPerSecond", (after.flushes() - before.flushes()) / seconds);
        number(values, "loadAverage", after.loadAverage());
        return new Cell(values);
    }

    /** A time of a single event. */
    static Cell of(Map<String, String> circumstances, double milliseconds) {
        final Map<String, String> values = new LinkedHashMap<>(circumstances);
        number(values, "ms", milliseconds);
        return new Cell(values);
    }

    /** And how long the stages of an operation took, of several nodes that tell of one, the last. */
    Cell with(List<RaftStatus.Stage> stages) {
        final Map<String, String> all = new LinkedHashMap<>(values);
        for (RaftStatus.Stage stage : stages) {
            number(all, stage.name() + ".p50us", stage.p50Ns() / 1e3);
            number(all, stage.name() + ".p99us", stage.p99Ns() / 1e3);
        }
        return new Cell(all);
    }

    private static void number(Map<String, String> values, String name, double value) {
        values.put(name, String.format(Locale.ROOT, "%.3f", value));
    }

    String line() {
        final StringBuilder line = new StringBuilder(PREFIX);
        values.forEach((name, value) -> line.append(name).append('=').append(value).append('\t'));
        return line.toString();
    }

    static Cell parse(String line) {
        final Map<String, String> values = new LinkedHashMap<>();
        for (String pair : line.substring(PREFIX.length()).split("\t")) {
            final int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return new Cell(values);
    }

    boolean is(String name, Object value) {
        return value.toString().equals(values.get(name));
    }

    double number(String name) {
        return Double.parseDouble(values.get(name));
    }
}
