package io.balsa.benchmarks.rig;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/**
 * What was measured, asked for by circumstances.
 *
 * @param cells one for each figure and repeat
 */
record Results(List<Cell> cells) {
    /** What a table or a chart is about. */
    record Topic(Layout layout, boolean forced, Cell.Kind kind, int bytes) {
        boolean covers(Cell cell) {
            return cell.is("layout", layout) && cell.is("durability", Plan.durability(forced))
                && cell.is("kind", kind.name().toLowerCase(Locale.ROOT)) && cell.is("bytes", bytes);
        }

        String title() {
            return String.format(Locale.ROOT, "%s, %d B, %s, %s", what(), bytes,
                forced ? "forced to disk on a majority" : "in the memory of a majority", layout.words());
        }

        private String what() {
            return switch (kind) {
                case WRITE -> "writes";
                case READ -> "linearizable reads";
                case RATE -> "writes at a rate, open loop";
                case START -> "start to the first write";
                case FAILOVER -> "kill -9 of the leader to the first new write";
            };
        }
    }

    /** All repeats of one figure. */
    double[] values(Topic topic, Contender system, int load, String name) {
        return cells.stream().filter(topic::covers).filter(cell -> cell.is("system", system) && cell.is("load", load))
            .filter(cell -> cell.values().containsKey(name)).mapToDouble(cell -> cell.number(name)).toArray();
    }

    /** The median of the repeats of one figure, if there are any. */
    OptionalDouble medianOf(Topic topic, Contender system, int load, String name) {
        final double[] values = values(topic, system, load, name);
        return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(values));
    }

    /** The sum of what the disk (of a durable write) and the wire take by themselves, if both were measured. */
    OptionalDouble floor(Topic topic) {
        final Topic floors = new Topic(Layout.JVM, true, Cell.Kind.WRITE, topic.bytes());
        final OptionalDouble wire = medianOf(floors, Contender.UDP, 1, "p50us");
        final OptionalDouble disk = medianOf(floors, Contender.FILES, 1, "p50us");
        if (wire.isEmpty() || !topic.forced() || topic.kind() == Cell.Kind.READ) {
            return wire;
        }
        return disk.isEmpty() ? disk : OptionalDouble.of(wire.getAsDouble() + disk.getAsDouble());
    }

    OptionalDouble leastOfPeers(Topic topic, int load, String name) {
        return peers(topic, load, name).min();
    }

    OptionalDouble mostOfPeers(Topic topic, int load, String name) {
        return peers(topic, load, name).max();
    }

    private DoubleStream peers(Topic topic, int load, String name) {
        return Arrays.stream(Contender.values()).filter(Contender::isPeer)
            .map(peer -> medianOf(topic, peer, load, name)).flatMapToDouble(OptionalDouble::stream);
    }

    boolean any(Predicate<Cell> test) {
        return cells.stream().anyMatch(test);
    }

    static double median(double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
