package io.balsa.mapreduce.samples;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.TaskContext;

/**
 * Writes the lines in which the regular expression of the option {@code pattern} is found, as
 * {@code file:position:line}. Lines of one file are together and in their order.
 */
public final class Grep implements JobDefinition {
    static final String PATTERN = "pattern";

    @Override
    public Job define(Map<String, String> options) {
        return Job.named("grep").mapper(Match.class).reducer(Lines.class).options(options);
    }

    /** Emits the lines that match, under the name of their file. */
    public static final class Match implements Mapper<String, String> {
        private Pattern pattern = Pattern.compile("");

        @Override
        public void open(TaskContext context) {
            pattern = Pattern.compile(context.option(PATTERN, ""));
        }

        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            final String line = record.text();
            if (pattern.matcher(line).find()) {
                final Path file = Path.of(record.file());
                output.emit(file.getFileName().toString(), record.position() + ":" + line);
                output.count("lines", 1);
            }
        }
    }

    /** Writes the lines of a file as they come. */
    public static final class Lines implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            for (final String value : values) {
                output.text(key + ":" + value);
            }
        }
    }
}
