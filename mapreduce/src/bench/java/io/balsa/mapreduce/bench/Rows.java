package io.balsa.mapreduce.bench;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.samples.LabWordCount;
import io.balsa.mapreduce.samples.TypedWordCount;
import io.balsa.mapreduce.samples.WordCount;

/** All rows of the comparison. */
final class Rows {
    static final String IN_MEMORY = "bytes, in memory";
    static final String TYPED = "typed, files";
    static final String STRINGS = "strings + combiner, files";
    static final String STREAMS = "parallel streams";
    static final String DUCK_DB = "DuckDB";
    static final String SPARK = "Spark local[2], strings";

    private static final String OURS = "256m";
    private static final String THEIRS = "2g";
    private static final int REDUCES = 10;
    private static final Map<String, String> SPACES = Map.of("words", "spaces");

    static final List<Row> ALL = List.of(
        new Row(IN_MEMORY, true, true, 300, OURS, 8, 9, Rows::inMemory),
        new Row("bytes, files", true, true, 170, OURS, 5, 9,
            (in, out) -> files(new WordCount().define(SPACES), in, out)),
        new Row(TYPED, true, true, 100, OURS, 3, 7,
            (in, out) -> files(new TypedWordCount().define(Map.of()), in, out)),
        new Row(STRINGS, true, true, 50, OURS, 2, 4,
            (in, out) -> files(Job.named("strings").mapper(LabWordCount.Count.class).combiner(LabWordCount.Sum.class)
                .reducer(LabWordCount.Sum.class), in, out)),
        new Row("bytes, files, 8 M words", true, false, 45, OURS, 1, 3,
            (in, out) -> files(new WordCount().define(SPACES), in, out)),
        new Row("HashMap, one thread", false, true, 0, THEIRS, 1, 3, Rivals::hashMap),
        new Row(STREAMS, false, true, 0, THEIRS, 2, 5, Rivals::parallelStreams),
        new Row("sort | uniq -c", false, true, 0, THEIRS, 0, 2, Rivals::sortUniq),
        new Row(DUCK_DB, false, true, 0, THEIRS, 2, 9, Rivals::duckDb),
        new Row(SPARK, false, true, 0, THEIRS, 1, 3, SparkRival::count));

    private Rows() {
    }

    private static Row.Check inMemory(Path input, Path scratch) throws Exception {
        final Tally lines = new Tally();
        MapReduce.runInMemory(new WordCount().define(SPACES).input(input + "/*.txt").reduces(REDUCES).output(scratch),
            lines);
        return lines::answer;
    }

    private static Row.Check files(Job job, Path input, Path scratch) throws Exception {
        final List<Path> outputs =
            MapReduce.run(job.input(input + "/*.txt").reduces(REDUCES).output(scratch)).outputs();
        return () -> {
            final Tally lines = new Tally();
            for (final Path file : outputs) {
                Files.copy(file, lines);
            }
            return lines.answer();
        };
    }

    /** Counts lines {@code word number} and adds up the numbers, instead of keeping what is written. */
    static final class Tally extends OutputStream {
        private long lines;
        private long sum;
        private long number;

        @Override
        public void write(int b) {
            if (b == '\n') {
                lines++;
                sum += number;
                number = 0;
            } else {
                number = b >= '0' && b <= '9' ? 10 * number + b - '0' : 0;
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                write(bytes[i]);
            }
        }

        Row.Answer answer() {
            return new Row.Answer(lines, sum);
        }
    }
}
