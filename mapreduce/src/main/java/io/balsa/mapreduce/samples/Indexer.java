package io.balsa.mapreduce.samples;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;

/** Tells in which files each word is, as lab 1 does: {@code word n file,file}, files by name and each once. */
public final class Indexer implements JobDefinition {
    @Override
    public Job define(Map<String, String> options) {
        return Job.named("indexer").mapper(Occurrences.class).reducer(Documents.class).lab().options(options);
    }

    /** Emits the file's name for each word in it, once. */
    public static final class Occurrences implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            final String document = Path.of(record.file()).getFileName().toString();
            final Set<String> words = new HashSet<>();
            LetterRuns.of(record.text(), words::add);
            words.forEach(word -> output.emit(word, document));
        }
    }

    /** Writes how many files there are, and their names. */
    public static final class Documents implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            final TreeSet<String> documents = new TreeSet<>();
            values.forEach(documents::add);
            output.line(key, documents.size() + " " + String.join(",", documents));
        }
    }
}
