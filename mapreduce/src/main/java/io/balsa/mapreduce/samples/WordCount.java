package io.balsa.mapreduce.samples;

import java.util.Map;

import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.LongSum;
import io.balsa.mapreduce.SumReducer;
import io.balsa.mapreduce.TaskContext;

/** Counts words, over bytes. Words are runs of letters; with the option {@code words=spaces}, what spaces separate. */
public final class WordCount implements JobDefinition {
    /** The option that says what a word is. */
    static final String WORDS = "words";
    static final String LETTERS = "letters";
    static final String SPACES = "spaces";

    @Override
    public Job define(Map<String, String> options) {
        return Job.named("wc").mapper(Count.class).combiner(LongSum.class).reducer(SumReducer.class)
            .values(LongCodec.class).format(InputFormat.BLOCKS).options(options);
    }

    /** Emits 1 for each word. */
    public static final class Count implements ByteMapper {
        private boolean spaces;

        @Override
        public void open(TaskContext context) {
            final String words = context.option(WORDS, LETTERS);
            if (!words.equals(LETTERS) && !words.equals(SPACES)) {
                throw new IllegalArgumentException("option " + WORDS + " is " + words + "; give " + LETTERS + " or "
                    + SPACES);
            }
            spaces = words.equals(SPACES);
        }

        @Override
        public void map(InputRecord record, ByteOutput output) {
            final int end = record.offset() + record.length();
            if (spaces) {
                Words.betweenSpaces(record.array(), record.offset(), end,
                    (bytes, offset, length) -> output.emit(bytes, offset, length, 1));
            } else {
                Words.letters(record.array(), record.offset(), end,
                    (bytes, offset, length) -> output.emit(bytes, offset, length, 1));
            }
        }
    }
}
