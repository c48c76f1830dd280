package io.balsa.benchmarks.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Measures Balsa beside other engines: each system in a fresh JVM for each repeat, the systems in shuffled order within
 * a repeat, all with the same JVM options. {@code benchmarks/bin/rig} starts it.
 */
public final class Rig {
    private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g",
        "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens", "java.base/java.lang=ALL-UNNAMED",
        "--add-opens", "java.base/java.lang.reflect=ALL-UNNAMED", "--add-opens", "java.base/java.util=ALL-UNNAMED",
        "--add-opens", "java.base/java.nio=ALL-UNNAMED", "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
        "-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow");

    private final Plan plan;
    private final String[] args;

    private Rig(Plan plan, String[] args) {
        this.plan = plan;
        this.args = args;
    }

    public static void main(String[] args) throws Exception {
        final Plan plan;
        try {
            plan = Plan.parse(args, 0);
        } catch (IllegalArgumentException e) {
            System.err.println("rig: " + e.getMessage() + '\n' + Plan.USAGE);
            System.exit(2);
            return;
        }
        new Report(plan, new Rig(plan, args).measureAll()).print(System.out);
    }

    private List<Cell> measureAll() throws IOException, InterruptedException {
        final List<Cell> cells = new ArrayList<>();
        final Random order = new Random();
        for (int repeat = 1; repeat <= plan.repeats(); repeat++) {
            final List<Contender> systems = new ArrayList<>(plan.systems());
            Collections.shuffle(systems, order);
            for (Contender system : systems) {
                System.err.printf("repeat %d of %d: %s%n", repeat, plan.repeats(), system);
                cells.addAll(measure(system));
            }
        }
        return cells;
    }

    /** A system that fails says so, and the others go on. */
    private List<Cell> measure(Contender system) throws IOException, InterruptedException {
        Files.createDirectories(plan.dir());
        final Path scratch = Files.createTempDirectory(plan.dir(), "rig-");
        final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
            .toString()));
        command.addAll(JVM_OPTIONS);
        command.addAll(plan.jvmOptions());
        command.addAll(List.of("-Djava.io.tmpdir=" + scratch, "-cp",
            System.getProperty(system.isPeer() ? "rig.peers" : "rig.own"), Measure.class.getName(), system.toString(),
            scratch.toString()));
        command.addAll(List.of(args));
        final List<Cell> cells = new ArrayList<>();
        final Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(Cell.PREFIX)) {
                    cells.add(Cell.parse(line));
                }
            }
        }
        if (process.waitFor() != 0) {
            System.err.printf("rig: %s failed with status %d, see above%n", system, process.exitValue());
        }
        delete(scratch);
        return cells;
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            all.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
