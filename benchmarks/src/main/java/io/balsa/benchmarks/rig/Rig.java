package io.balsa.benchmarks.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures Balsa beside other engines: each system in a fresh JVM for each repeat, the systems in shuffled order within
 * a repeat, all with the same JVM options. {@code benchmarks/bin/rig} starts it.
 */
public final class Rig {
    private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g",
        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
        "-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow");
    private static final int LONGEST_JOB_MINUTES = 10;
    private static final int CLEAN_UP_MS = 5_000;
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Plan plan;
    private final List<String> args;
    private final Thread measuring = Thread.currentThread();
    private Process running;
    private boolean ending;

    private Rig(Plan plan, List<String> args) {
        this.plan = plan;
        this.args = args;
    }

    /** Says what it is about on standard error, and the result on standard output. */
    public static void main(String[] args) throws Exception {
        final Plan plan;
        try {
            plan = Plan.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println("rig: " + e.getMessage() + '\n' + Plan.USAGE);
            System.exit(2);
            return;
        }
        Files.createDirectories(plan.dir());
        final String surroundings = Surroundings.describe(plan);
        final Rig rig = new Rig(plan, Arrays.asList(args));
        Runtime.getRuntime().addShutdownHook(new Thread(rig::endEarly, "end"));
        final List<Cell> cells = rig.measureAll();
        final Results results = new Results(cells);
        new Report(plan, results).print(System.out, surroundings);
        System.err.println("rig: wrote " + new Written(plan, results, surroundings).toFiles());
    }

    /** One process: a system in one layout and durability, its loads or its failovers. */
    private record Job(Contender system, Layout layout, boolean forced, int kills) {
        @Override
        public String toString() {
            return system + ", " + layout + ", " + Plan.durability(forced) + (kills > 0 ? ", kills" : "");
        }
    }

    private List<Cell> measureAll() throws IOException, InterruptedException {
        final List<Cell> cells = new ArrayList<>();
        final Random order = new Random();
        for (int repeat = 1; repeat <= plan.repeats(); repeat++) {
            final List<Job> jobs = jobs(repeat == 1);
            Collections.shuffle(jobs, order);
            for (int i = 0; i < jobs.size(); i++) {
                System.err.printf("repeat %d of %d, %d of %d: %s%n", repeat, plan.repeats(), i + 1, jobs.size(),
                    jobs.get(i));
                cells.addAll(measure(jobs.get(i)));
            }
        }
        return cells;
    }

    /** Leaders are killed in the first repeat only: that is a series already. */
    private List<Job> jobs(boolean first) {
        final List<Job> jobs = new ArrayList<>();
        for (Contender system : plan.systems()) {
            if (system == Contender.ETCD && EtcdProgram.executable().isEmpty()) {
                if (first) {
                    System.err.println("rig: no etcd on the PATH nor in $ETCD, so no row for it");
                }
                continue;
            }
            for (Layout layout : plan.layouts()) {
                for (boolean forced : plan.durable()) {
                    if (system.can(layout, forced)) {
                        jobs.add(new Job(system, layout, forced, 0));
                    }
                }
            }
            if (first && plan.kills() > 0 && system.can(Layout.PROCESSES, true)) {
                jobs.add(new Job(system, Layout.PROCESSES, true, plan.kills()));
            }
        }
        return jobs;
    }

    /** A system that fails says so, and the others go on. */
    private List<Cell> measure(Job job) throws IOException, InterruptedException {
        final Path scratch = Files.createTempDirectory(plan.dir(), "rig-");
        final Path memory = Files.createTempDirectory(Files.isDirectory(SHARED_MEMORY) ? SHARED_MEMORY : plan.dir(),
            "balsa-rig-");
        final List<Cell> cells = new ArrayList<>();
        try {
            final Process process = start(command(job, scratch, memory));
            CompletableFuture.delayedExecutor(LONGEST_JOB_MINUTES, TimeUnit.MINUTES).execute(() -> end(process));
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(Cell.PREFIX)) {
                        cells.add(Cell.parse(line));
                    }
                }
            }
            if (process.waitFor() != 0) {
                System.err.printf("rig: %s failed with status %d, see above%n", job, process.exitValue());
            }
        } finally {
            delete(scratch);
            delete(memory);
        }
        return cells;
    }

    private synchronized Process start(List<String> command) throws IOException {
        if (ending) {
            throw new IllegalStateException("ended before all was measured");
        }
        running = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return running;
    }

    /** When this process is told to end: nothing is left running, and the measuring thread cleans up behind it. */
    private void endEarly() {
        synchronized (this) {
            ending = true;
            if (running != null) {
                end(running);
            }
        }
        try {
            measuring.join(CLEAN_UP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** With its nodes, of which not all notice that they are alone. */
    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private List<String> command(Job job, Path scratch, Path memory) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(plan.jvmOptions());
        command.addAll(List.of("-Djava.io.tmpdir=" + scratch, "-Drig.etcd=" + System.getProperty("rig.etcd", ""),
            "-D" + Ports.PROPERTY + '=' + Ports.firstFor(ProcessHandle.current().pid()), "-cp",
            System.getProperty(job.system().isPeer() ? "rig.peers" : "rig.own"), Measure.class.getName(),
            scratch.toString(), memory.toString()));
        command.addAll(Plan.narrowed(args, job.system(), job.layout(), job.forced()));
        command.addAll(List.of("--kills", String.valueOf(job.kills())));
        return command;
    }

    private static void delete(Path tree) throws IOException {
        final List<Path> all;
        try (Stream<Path> files = Files.walk(tree)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
