package io.balsa.mapreduce.cli;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.LongSum;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.SumReducer;

/**
 * Counts lines, and does what the setting {@code what} says when it first sees one; {@code mark} names a file for that.
 */
public final class ScriptedJob implements JobDefinition {
    @Override
    public Job define(Map<String, String> options) {
        return Job.named("scripted").mapper(Lines.class).combiner(LongSum.class).reducer(SumReducer.class)
            .values(LongCodec.class).maxAttempts(2);
    }

    /** Its mapper. */
    public static final class Lines implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) throws Exception {
            switch (output.option("what", "")) {
                case "throws" -> throw new IllegalStateException("I cannot read this");
                case "exits" -> {
                    if (isFirst(output.option("mark", ""))) {
                        System.exit(7);
                    }
                }
                case "sleeps" -> {
                    if (isFirst(output.option("mark", ""))) {
                        output.blocking(() -> {
                            Thread.sleep(600_000);
                            return null;
                        });
                    }
                }
                default -> {
                    // nothing
                }
            }
            output.emit(record.text(), 1L);
        }

        private static boolean isFirst(String mark) throws Exception {
            try {
                Files.createFile(Path.of(mark));
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            }
        }
    }
}
