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
    private static final String OURS = "256m";
    private static final String THEIRS = "2g";
    private static final int REDUCES = 10;
    private static final Map<String, String> SPACES = Map.of("words", "spaces");

    static final List<Row> ALL = List.of(
        new Row("bytes, in memory", true, true, 300, OURS, 4, 7, Rows::inMemory),
        new Row("bytes, files", true, true, 170, OURS, 4, 7,
            (in, out) -> files(new WordCount().define(SPACES), in, out)),
        new Row("typed, files", true, true, 100, OURS, 3, 5,
            (in, out) -> files(new TypedWordCount().define(Map.of()), in, out)),
        new Row("strings + combiner, files", true, true, 50, OURS, 2, 5,
            (in, out) -> files(Job.named("strings").mapper(LabWordCount.Count.class).combiner(LabWordCount.Sum.class)
                .reducer(LabWordCount.Sum.class), in, out)),
        new Row("bytes, files, 8 M words", true, false, 45, OURS, 2, 3,
            (in, out) -> files(new WordCount().define(SPACES), in, out)),
        new Row("HashMap, one thread", false, true, 0, THEIRS, 1, 3, Rivals::hashMap),
        new Row("parallel streams", false, true, 0, THEIRS, 2, 5, Rivals::parallelStreams),
        new Row("sort | uniq -c", false, true, 0, THEIRS, 0, 1, Rivals::sortUniq),
        new Row("DuckDB", false, true, 0, THEIRS, 2, 5, Rivals::duckDb),
        new Row("Spark local[2], strings", false, true, 0, THEIRS, 1, 2, SparkRival::count));

    private Rows() {
    }

    private static Row.Distinct inMemory(Path input, Path scratch) throws Exception {
        final LineCount lines = new LineCount();
        MapReduce.runInMemory(new WordCount().define(SPACES).input(input + "/*.txt").reduces(REDUCES).output(scratch),
            lines);
        return () -> lines.count;
    }

    private static Row.Distinct files(Job job, Path input, Path scratch) throws Exception {
        final List<Path> outputs =
            MapReduce.run(job.input(input + "/*.txt").reduces(REDUCES).output(scratch)).outputs();
        return () -> {
            final LineCount lines = new LineCount();
            for (final Path file : outputs) {
                Files.copy(file, lines);
            }
            return lines.count;
        };
    }

    /** Counts line ends instead of keeping what is written. */
    static final class LineCount extends OutputStream {
        private long count;

        @Override
        public void write(int b) {
            count += b == '\n' ? 1 : 0;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                count += bytes[i] == '\n' ? 1 : 0;
            }
        }
    }
}
