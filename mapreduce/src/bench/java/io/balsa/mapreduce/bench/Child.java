package io.balsa.mapreduce.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The process of a row. It lives through the whole comparison, so that its code is compiled when it counts, and does
 * nothing but wait between its turns.
 */
final class Child {
    private static final String GO = "go";
    private static final String DONE = "done ";

    private final Row row;
    private final Path log;
    private final Process process;
    private final BufferedReader answers;

    Child(int number, Path directory) throws IOException {
        row = Rows.ALL.get(number);
        log = directory.resolve("speed-row-" + number + ".log");
        process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + row.heap(), "-XX:+UseParallelGC", "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED",
            "-Dslf4j.provider=org.slf4j.nop.NOPServiceProvider", "-Dbalsa.bench.dir=" + directory,
            "-cp", System.getProperty("java.class.path"), SpeedBenchmark.class.getName(), SpeedBenchmark.ROW,
            Integer.toString(number))).redirectError(log.toFile()).start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** What one run came to. */
    record Turn(double seconds, String answer) {
    }

    /** Lets it count once. */
    Turn turn() throws IOException {
        process.getOutputStream().write((GO + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(DONE)) {
                final String[] fields = line.split(" ");
                return new Turn(Double.parseDouble(fields[1]), fields[2]);
            }
        }
        throw new IOException("row " + row.name() + " failed, see " + log);
    }

    /** What the process does: a turn for each line that it is sent. */
    static void serve(Row row, Path directory) throws Exception {
        final Path input = directory.resolve(row.zipf() ? "zipf" : "even");
        final Path scratch = Files.createDirectories(directory.resolve("scratch-" + ProcessHandle.current().pid()));
        final BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (GO.equals(turns.readLine())) {
            final long start = System.nanoTime();
            final Row.Check counted = row.count().run(input, scratch);
            final double seconds = (System.nanoTime() - start) / 1e9;
            System.out.println(DONE + seconds + " " + counted.answer());
        }
        remove(scratch);
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

    /** Ends the process, and waits for its end. */
    void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }
}
