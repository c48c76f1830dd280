package io.balsa.mapreduce.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Counts words in many ways, one process after the other, and writes what each took: a table to the standard output,
 * {@code speed.json} and {@code speed.svg} into the directory of the property {@code balsa.bench.dir}.
 * Arguments: parts of the names of the rows to run, all if there are none.
 */
public final class SpeedBenchmark {
    private static final long BYTES = Long.getLong("balsa.bench.bytes", 200_000_000L);
    private static final String ROW = "--row";

    private SpeedBenchmark() {
    }

    public static void main(String[] args) throws Exception {
        final Path directory = Path.of(System.getProperty("balsa.bench.dir", "target")).toAbsolutePath();
        if (args.length == 2 && args[0].equals(ROW)) {
            measure(Rows.ALL.get(Integer.parseInt(args[1])), directory);
            return;
        }
        ZipfText.make(directory.resolve("zipf"), true, BYTES);
        ZipfText.make(directory.resolve("even"), false, BYTES);
        final List<Result> results = new ArrayList<>();
        System.out.printf("%-28s %8s %8s %8s %6s %9s%n", "MB/s", "median", "min", "max", "goal", "distinct");
        for (int row = 0; row < Rows.ALL.size(); row++) {
            final String name = Rows.ALL.get(row).name();
            if (args.length == 0 || Arrays.stream(args).anyMatch(name::contains)) {
                final Result result = inProcess(row, directory);
                results.add(result);
                System.out.println(result.line());
            }
        }
        Files.writeString(directory.resolve("speed.json"), Report.json(results));
        Files.writeString(directory.resolve("speed.svg"), Report.svg(results));
        results.stream().filter(result -> result.row().zipf()).mapToLong(Result::distinct).distinct().skip(1).findAny()
            .ifPresent(other -> {
                throw new IllegalStateException("the rows do not agree on how many different words there are");
            });
    }

    private static Result inProcess(int row, Path directory) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
            .toString(), "-Xmx" + Rows.ALL.get(row).heap(), "-XX:+UseParallelGC", "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED",
            "-Dbalsa.bench.dir=" + directory, "-cp", System.getProperty("java.class.path"),
            SpeedBenchmark.class.getName(), ROW, Integer.toString(row)));
        final Path errors = directory.resolve("speed-row.log");
        final Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("row " + Rows.ALL.get(row).name() + " failed, see " + errors);
        }
        final String[] fields = output.lines().filter(line -> line.startsWith(ROW)).findFirst().orElseThrow()
            .split(" ");
        return new Result(Rows.ALL.get(row), Long.parseLong(fields[1]),
            Arrays.stream(fields).skip(2).mapToDouble(Double::parseDouble).sorted().toArray());
    }

    private static void measure(Row row, Path directory) throws Exception {
        final Path input = directory.resolve(row.zipf() ? "zipf" : "even");
        final Path scratch = Files.createDirectories(directory.resolve("scratch"));
        final StringBuilder line = new StringBuilder(ROW);
        long distinct = 0;
        for (int run = 0; run < row.warm() + row.runs(); run++) {
            final long start = System.nanoTime();
            final Row.Distinct counted = row.count().run(input, scratch);
            final double seconds = (System.nanoTime() - start) / 1e9;
            distinct = counted.count();
            if (run == 0) {
                line.append(' ').append(distinct);
            }
            if (run >= row.warm()) {
                line.append(String.format(Locale.ROOT, " %.2f", BYTES / 1e6 / seconds));
            }
        }
        remove(scratch);
        System.out.println(line);
        // What a rival has left running ends here.
        System.exit(0);
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (final Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * What a row came to.
     *
     * @param speeds megabytes a second, ascending
     */
    record Result(Row row, long distinct, double[] speeds) {
        double median() {
            return speeds[speeds.length / 2];
        }

        double least() {
            return speeds[0];
        }

        double greatest() {
            return speeds[speeds.length - 1];
        }

        String line() {
            return String.format(Locale.ROOT, "%-28s %8.1f %8.1f %8.1f %6s %9d", row.name(), median(), least(),
                greatest(), row.goal() == 0 ? "-" : Integer.toString(row.goal()), distinct);
        }
    }
}
