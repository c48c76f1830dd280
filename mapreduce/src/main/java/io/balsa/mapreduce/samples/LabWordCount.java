package io.balsa.mapreduce.samples;

import java.util.Map;

import io.balsa.mapreduce.Combiner;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;

/** Counts words as lab 1 does: keys and values are strings, a file is a record. */
public final class LabWordCount implements JobDefinition {
    @Override
    public Job define(Map<String, String> options) {
        return Job.named("wc-lab").mapper(Count.class).combiner(Sum.class).reducer(Sum.class).lab().options(options);
    }

    /** Emits "1" for each word. */
    public static final class Count implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            LetterRuns.of(record.text(), word -> output.emit(word, "1"));
        }
    }

    /** Adds up numbers in digits; the reducer as its own combiner. */
    public static final class Sum implements Reducer<String, String>, Combiner<String, String> {
        @Override
        public String combine(String key, Iterable<String> values) {
            long sum = 0;
            for (final String value : values) {
                sum += Long.parseLong(value);
            }
            return Long.toString(sum);
        }

        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, combine(key, values));
        }
    }
}
