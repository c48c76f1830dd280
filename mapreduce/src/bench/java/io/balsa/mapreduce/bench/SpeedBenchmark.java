package io.balsa.mapreduce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts words in many ways, each in a process of its own, in turns, and writes what they took: a table to the standard
 * output, {@code speed.json} and {@code speed.svg} into the directory of the property {@code balsa.bench.dir}. In
 * turns, since a machine is not equally fast all the time: what disturbs one row for a while disturbs the others too.
 * Arguments: parts of the names of the rows to run, all if there are none.
 */
public final class SpeedBenchmark {
    static final String ROW = "--row";
    static final long BYTES = Long.getLong("balsa.bench.bytes", 200_000_000L);

    private final Path directory;
    private final List<Result> results = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();

    private SpeedBenchmark(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] args) throws Exception {
        final Path directory = Path.of(System.getProperty("balsa.bench.dir", "target")).toAbsolutePath();
        if (args.length == 2 && args[0].equals(ROW)) {
            Child.serve(Rows.ALL.get(Integer.parseInt(args[1])), directory);
            return;
        }
        ZipfText.make(directory.resolve("zipf"), true, BYTES);
        ZipfText.make(directory.resolve("even"), false, BYTES);
        new SpeedBenchmark(directory).run(args);
    }

    private void run(String[] names) throws Exception {
        try {
            for (int row = 0; row < Rows.ALL.size(); row++) {
                final String name = Rows.ALL.get(row).name();
                if (names.length == 0 || Arrays.stream(names).anyMatch(name::contains)) {
                    results.add(new Result(Rows.ALL.get(row)));
                    children.add(new Child(row, directory));
                }
            }
            warm();
            takeTurns();
        } finally {
            for (final Child child : children) {
                child.close();
            }
        }
        System.out.printf("%-26s %8s %8s %8s %5s %6s %18s%n", "MB/s", "median", "min", "max", "runs", "goal",
            "distinct/words");
        results.forEach(result -> System.out.println(result.line()));
        Report.ratios(results).forEach(System.out::println);
        Files.writeString(directory.resolve("speed.json"), Report.json(results, BYTES));
        Files.writeString(directory.resolve("speed.svg"), Report.svg(results));
        results.stream().filter(result -> result.row().zipf()).map(Result::answer).distinct().skip(1).findAny()
            .ifPresent(other -> {
                throw new IllegalStateException("the rows do not agree on what was counted");
            });
    }

    private void warm() throws IOException {
        for (int i = 0; i < children.size(); i++) {
            for (int run = 0; run < results.get(i).row().warm(); run++) {
                children.get(i).turn();
            }
        }
    }

    /** Rows with fewer runs have theirs spread over all rounds. */
    private void takeTurns() throws IOException {
        final int rounds = results.stream().mapToInt(result -> result.row().runs()).max().orElse(0);
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < children.size(); i++) {
                final int runs = results.get(i).row().runs();
                if (round * runs / rounds != (round + 1) * runs / rounds) {
                    final Child.Turn turn = children.get(i).turn();
                    results.get(i).add(BYTES / 1e6 / turn.seconds(), turn.answer());
                }
            }
        }
    }
}
