package io.balsa.mapreduce.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What somebody would write who has no MapReduce. */
final class Rivals {
    private Rivals() {
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Row.Check hashMap(Path input, Path scratch) throws IOException {
        final Map<String, long[]> counts = new HashMap<>();
        for (final Path file : files(input)) {
            try (BufferedReader reader = Files.newBufferedReader(file)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    final StringTokenizer words = new StringTokenizer(line);
                    while (words.hasMoreTokens()) {
                        counts.computeIfAbsent(words.nextToken(), first -> new long[1])[0]++;
                    }
                }
            }
        }
        return () -> new Row.Answer(counts.size(), counts.values().stream().mapToLong(count -> count[0]).sum());
    }

    static Row.Check parallelStreams(Path input, Path scratch) {
        final ConcurrentMap<String, Long> counts = files(input).parallelStream().flatMap(Rivals::lines)
            .flatMap(line -> Arrays.stream(line.split(" "))).filter(word -> !word.isEmpty())
            .collect(Collectors.groupingByConcurrent(word -> word, Collectors.counting()));
        return () -> new Row.Answer(counts.size(), counts.values().stream().mapToLong(Long::longValue).sum());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.lines(file);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Row.Check sortUniq(Path input, Path scratch) throws IOException, InterruptedException {
        final Process shell = new ProcessBuilder("sh", "-c", "cat " + input
            + "/*.txt | tr -s ' \\n' '\\n' | LC_ALL=C sort --parallel=2 | uniq -c "
            + "| awk '{ lines++; words += $1 } END { print lines, words }'").start();
        final String[] numbers =
            new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim().split(" ");
        if (shell.waitFor() != 0) {
            throw new IOException("sort ended with " + shell.exitValue());
        }
        return () -> new Row.Answer(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    static Row.Check duckDb(Path input, Path scratch) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("CREATE TABLE counts AS SELECT word, count(*) AS n FROM (SELECT "
                + "unnest(string_split(line, ' ')) AS word FROM read_csv('" + input + "/*.txt', auto_detect = false, "
                + "header = false, delim = '\\x01', quote = '', escape = '', columns = {'line': 'VARCHAR'})) "
                + "WHERE word <> '' GROUP BY word ORDER BY word");
            try (ResultSet count = statement.executeQuery("SELECT count(*), sum(n) FROM counts")) {
                count.next();
                final Row.Answer answer = new Row.Answer(count.getLong(1), count.getLong(2));
                return () -> answer;
            }
        }
    }
}
