package io.balsa.benchmarks.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import io.balsa.benchmarks.rig.Results.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of figures that are known. */
final class ReportTest {
    private static final Topic DURABLE = new Topic(Layout.JVM, true, Cell.Kind.WRITE, 64);

    private static Cell cell(Plan plan, Contender system, int load, double ops, double p50) {
        final Map<String, String> values = Cell.circumstances(system, plan, Cell.Kind.WRITE, 64, load);
        for (String name : List.of("p90us", "p99us", "p999us", "maxus", "cpuUsPerOp", "othersCpu", "steal",
            "flushesPerSecond", "loadAverage")) {
            values.put(name, "1.000");
        }
        values.put("opsPerSecond", String.valueOf(ops));
        values.put("p50us", String.valueOf(p50));
        return Cell.parse(new Cell(values).line());
    }

    private static Results measured(Plan plan) {
        final List<Cell> cells = new ArrayList<>(List.of(cell(plan, Contender.FILES, 1, 0, 150),
            cell(plan, Contender.UDP, 1, 0, 10)));
        for (int repeat = -1; repeat <= 1; repeat++) {
            cells.add(cell(plan, Contender.BALSA, 1, 4_000 + repeat, 240 + repeat));
            cells.add(cell(plan, Contender.JGROUPS, 1, 2_000 + repeat, 480 + repeat));
            cells.add(cell(plan, Contender.AERON, 1, 1_000 + repeat, 960 + repeat));
            cells.add(cell(plan, Contender.BALSA, 64, 100_000 + repeat, 300 + repeat));
        }
        return new Results(cells);
    }

    @Test
    void ratiosAreOfMediansToTheFloorAndToTheBestPeer() {
        final Plan plan = Plan.parse(List.of("--size", "64", "--outstanding", "1,64"));
        final Results results = measured(plan);
        assertEquals(160, results.floor(DURABLE).orElseThrow());
        assertEquals(480, results.leastOfPeers(DURABLE, 1, "p50us").orElseThrow());
        assertEquals(2_000, results.mostOfPeers(DURABLE, 1, "opsPerSecond").orElseThrow());
        assertTrue(results.leastOfPeers(DURABLE, 64, "p50us").isEmpty(), "no peer was measured there");

        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        new Report(plan, results).print(new PrintStream(text, true, StandardCharsets.UTF_8), "here");
        assertTrue(text.toString(StandardCharsets.UTF_8).contains(
            "| Balsa | 1 | **4,000** (3,999-4,001) | **240** (239-241) | **1** (1-1) | 1.50 | 0.50 | 1.00 | 2.00 |"),
            text.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theDiskIsNoPartOfTheFloorWhereNothingIsForced() {
        final Plan plan = Plan.parse(List.of());
        assertEquals(10, measured(plan).floor(new Topic(Layout.JVM, false, Cell.Kind.WRITE, 64)).orElseThrow());
    }

    @Test
    void filesAreWellFormed(@TempDir Path dir) throws Exception {
        final Plan plan = Plan.parse(List.of("--size", "64", "--out", dir.resolve("r").toString()));
        final List<Path> files = new Written(plan, measured(plan), "a \"machine\"").toFiles();
        assertEquals(List.of(dir.resolve("r.json"), dir.resolve("r-jvm-forced-64.svg")), files);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(files.getLast().toFile());
        final String json = Files.readString(files.getFirst());
        assertTrue(json.contains("\"surroundings\": \"a \\\"machine\\\"\"") && json.contains("\"p50us\": 240.0"), json);
    }

    @Test
    void anUnknownOptionOrValueIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Plan.parse(List.of("--system", "balsa")));
        assertThrows(IllegalArgumentException.class, () -> Plan.parse(List.of("--systems", "balsa,raft")));
        assertThrows(IllegalArgumentException.class, () -> Plan.parse(List.of("--layout", "threads")));
        assertThrows(IllegalArgumentException.class, () -> Plan.parse(List.of("--repeats")));
    }

    @Test
    void aProcessMeasuresOneSystemInOneLayoutAndDurability() {
        final Plan plan = Plan.parse(Plan.narrowed(List.of("--full", "--repeats", "2"), Contender.AERON,
            Layout.PROCESSES, false));
        assertEquals(List.of(Contender.AERON), plan.systems());
        assertEquals(Layout.PROCESSES, plan.layout());
        assertEquals(List.of(false), plan.durable());
        assertEquals(2, plan.repeats());
        assertEquals(3 * plan.warmNs(), plan.warmNs(Layout.PROCESSES));
    }
}
