package io.balsa.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the benchmarks and prints one table, each figure a median over iterations with the least and the greatest of
 * them. Arguments: {@code [--quick] [--json FILE] [REGEX ...]}; {@code --jmh ARGS...} hands over to JMH itself.
 */
public final class Main {
    private static final String[] JVM_FLAGS = {
        "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens",
        "java.base/java.lang.reflect=ALL-UNNAMED", "--add-exports", "java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED", "-Xmx1g",
        "-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow"};

    private Main() {
    }

    public static void main(String[] args) throws RunnerException, IOException {
        if (args.length > 0 && args[0].equals("--jmh")) {
            org.openjdk.jmh.Main.main(List.of(args).subList(1, args.length).toArray(String[]::new));
            return;
        }
        boolean quick = false;
        String json = null;
        final List<String> include = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> quick = true;
                case "--json" -> {
                    if (++i == args.length) {
                        System.err.println("benchmarks: --json needs a file name");
                        System.exit(2);
                    }
                    json = args[i];
                }
                default -> include.add(args[i]);
            }
        }
        final ChainedOptionsBuilder options = new OptionsBuilder().forks(quick ? 1 : 3)
            .warmupIterations(quick ? 2 : 3).warmupTime(TimeValue.seconds(2))
            .measurementIterations(quick ? 5 : 3).measurementTime(TimeValue.seconds(quick ? 1 : 3))
            .shouldFailOnError(true).verbosity(VerboseMode.SILENT).jvmArgsAppend(withScratchBase());
        include.forEach(options::include);
        if (json != null) {
            options.resultFormat(ResultFormatType.JSON).result(json);
        }
        describeMachine();
        print(new Runner(options.build()).run());
    }

    private static String[] withScratchBase() {
        final List<String> flags = new ArrayList<>(List.of(JVM_FLAGS));
        final String base = System.getProperty(Scratch.BASE);
        if (base != null) {
            flags.add("-D" + Scratch.BASE + '=' + base);
        }
        return flags.toArray(String[]::new);
    }

    private static void describeMachine() throws IOException {
        final FileStore disk = Files.getFileStore(Path.of(System.getProperty(Scratch.BASE, ".")));
        System.out.printf("%s, %d cores, %s %s, JDK %s, scratch on %s (%s); load %.1f at start%n",
            Instant.now().truncatedTo(ChronoUnit.MINUTES), Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"), System.getProperty("os.version"), System.getProperty("java.version"),
            disk.name(), disk.type(),
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        System.out.println(
            "three nodes in one JVM, Aeron UDP on loopback, durability FORCED (fdatasync on a majority)");
    }

    private static void print(Collection<RunResult> results) {
        System.out.println();
        System.out.println("| benchmark | parameters | p50 us (min-max) | p99 us (min-max) | per second (min-max) |");
        System.out.println("|---|---|---|---|---|");
        for (RunResult result : results) {
            final String name = result.getParams().getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1");
            final StringBuilder parameters = new StringBuilder();
            for (String key : result.getParams().getParamsKeys()) {
                parameters.append(parameters.isEmpty() ? "" : ", ").append(key).append(' ')
                    .append(result.getParams().getParam(key));
            }
            if (result.getParams().getMode() == Mode.SampleTime) {
                System.out.printf("| %s | %s | %s | %s | |%n", name, parameters, percentile(result, 50),
                    percentile(result, 99));
            } else {
                System.out.printf("| %s | %s | | | %s |%n", name, parameters, spread(scores(result), "%,.0f"));
            }
        }
    }

    private static String percentile(RunResult result, double percent) {
        return spread(iterations(result).stream().map(IterationResult::getPrimaryResult)
            .map(primary -> primary.getStatistics()).map(statistics -> statistics.getPercentile(percent)).toList(),
            "%,.1f");
    }

    private static List<Double> scores(RunResult result) {
        return iterations(result).stream().map(iteration -> iteration.getPrimaryResult().getScore()).toList();
    }

    private static List<IterationResult> iterations(RunResult result) {
        return result.getBenchmarkResults().stream().map(BenchmarkResult::getIterationResults)
            .flatMap(Collection::stream).toList();
    }

    private static String spread(List<Double> values, String format) {
        final Statistics statistics = new ListStatistics(
            values.stream().mapToDouble(Double::doubleValue).toArray());
        return String.format(Locale.ROOT, "**" + format + "** (" + format + "-" + format + ")",
            statistics.getPercentile(50), statistics.getMin(), statistics.getMax());
    }
}
