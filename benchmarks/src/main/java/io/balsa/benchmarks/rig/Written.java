package io.balsa.benchmarks.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

import io.balsa.benchmarks.rig.Results.Topic;

/** The results as files: every cell as JSON, and charts of the medians as SVG. */
final class Written {
    private final Plan plan;
    private final Results results;
    private final String surroundings;

    Written(Plan plan, Results results, String surroundings) {
        this.plan = plan;
        this.results = results;
        this.surroundings = surroundings;
    }

    /** Returns what was written. */
    List<Path> toFiles() throws IOException {
        final List<Path> files = new ArrayList<>();
        Files.createDirectories(plan.out().getParent());
        files.add(Files.writeString(Path.of(plan.out() + ".json"), json()));
        for (Layout layout : Layout.values()) {
            for (boolean forced : List.of(true, false)) {
                for (int bytes : plan.sizes()) {
                    final Topic topic = new Topic(layout, forced, Cell.Kind.WRITE, bytes);
                    if (plan.outstanding().size() > 1 && results.any(topic::covers)) {
                        files.add(Files.writeString(Path.of(String.format(Locale.ROOT, "%s-%s-%s-%d.svg", plan.out(),
                            layout, Plan.durability(forced), bytes)), chart(topic)));
                    }
                }
            }
        }
        return files;
    }

    private String json() {
        final StringBuilder json = new StringBuilder("{\"surroundings\": ");
        string(json, surroundings).append(",\n \"cells\": [");
        String separator = "\n  ";
        for (Cell cell : results.cells()) {
            json.append(separator);
            object(json, cell.values());
            separator = ",\n  ";
        }
        return json.append("\n ]}\n").toString();
    }

    private static void object(StringBuilder json, Map<String, String> values) {
        json.append('{');
        String separator = "";
        for (Map.Entry<String, String> value : values.entrySet()) {
            string(json.append(separator), value.getKey()).append(": ");
            if (value.getValue().matches("-?[0-9]+(\\.[0-9]+)?")) {
                json.append(value.getValue());
            } else {
                string(json, value.getValue());
            }
            separator = ", ";
        }
        json.append('}');
    }

    private static StringBuilder string(StringBuilder json, String text) {
        return json.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }

    private String chart(Topic topic) {
        final Chart throughput = new Chart("operations a second", "outstanding");
        final Chart latency = new Chart("p50, microseconds", "outstanding");
        for (Contender system : plan.systems()) {
            if (!system.isFloor()) {
                for (int load : plan.outstanding()) {
                    add(throughput, topic, system, load, "opsPerSecond");
                    add(latency, topic, system, load, "p50us");
                }
            }
        }
        results.floor(topic).ifPresent(floor -> latency.line("floor", floor));
        return Chart.beside(topic.title(), List.of(throughput, latency));
    }

    private void add(Chart chart, Topic topic, Contender system, int load, String name) {
        final OptionalDouble median = results.medianOf(topic, system, load, name);
        if (median.isPresent()) {
            chart.point(system.label(), load, median.getAsDouble());
        }
    }
}
