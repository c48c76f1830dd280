package io.balsa.mapreduce.samples;

import java.util.Map;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.LongSum;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.SumReducer;

/** Counts words, runs of letters, over strings and numbers. */
public final class TypedWordCount implements JobDefinition {
    @Override
    public Job define(Map<String, String> options) {
        return Job.named("wc-typed").mapper(Count.class).combiner(LongSum.class).reducer(SumReducer.class)
            .values(LongCodec.class).options(options);
    }

    /** Emits 1 for each word. */
    public static final class Count implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) {
            LetterRuns.of(record.text(), word -> output.emit(word, 1L));
        }
    }
}
