package io.balsa.mapreduce.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicLong;

import io.balsa.mapreduce.Combiner;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.samples.Samples;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten times the memory a task has, in one split: it spills, and nobody sees a difference. */
final class SpillTest {
    @TempDir
    private static Path directory;
    private static Path input;

    @BeforeAll
    static void writeInput() throws Exception {
        input = directory.resolve("input");
        // Half of the words come once: a table of them does not pay.
        final SplittableRandom random = new SplittableRandom(9);
        final StringBuilder text = new StringBuilder(Texts.random(random, 900_000));
        for (int i = 0; i < 500_000; i++) {
            text.append(Long.toString(random.nextLong() >>> 1, 36)).append(i % 7 == 0 ? '\n' : ' ');
        }
        Files.writeString(input, text);
        assertTrue(Files.size(input) > 10 * JobSpec.MIN_TASK_MEMORY);
    }

    private static Job small(Job job, String output) {
        return job.input(input.toString()).reduces(3).splitBytes(1 << 30).taskMemory(JobSpec.MIN_TASK_MEMORY)
            .output(directory.resolve(output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wc", "wc-typed", "sort"})
    void aTaskWithTenTimesItsMemoryFinishes(String name) throws Exception {
        MapReduce.runSequentially(small(Samples.named(name).orElseThrow().define(Map.of()), name + "-expected"));
        final AtomicLong spills = new AtomicLong();
        final Timer watch = new Timer(true);
        watch.schedule(new TimerTask() {
            @Override
            public void run() {
                spills.accumulateAndGet(spillFiles(directory.resolve(name)), Math::max);
            }
        }, 0, 1);
        MapReduce.run(small(Samples.named(name).orElseThrow().define(Map.of()), name));
        watch.cancel();
        assertEquals(Texts.contents(directory.resolve(name + "-expected")), Texts.contents(directory.resolve(name)));
        assertTrue(spills.get() > 1, "it went without files, so this has shown nothing");
    }

    private static long spillFiles(Path output) {
        try {
            return Texts.allFiles(output).stream().filter(file -> file.getFileName().toString().startsWith("spill"))
                .count();
        } catch (final Exception e) {
            // A file was removed while it was looked at: the next look will do.
            return 0;
        }
    }

    /** Emits each word's own text for its first letter. */
    public static final class ByLetter implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            for (final String word : record.text().split("[ ,.]+")) {
                if (!word.isEmpty()) {
                    output.emit(word.substring(0, 1), word);
                }
            }
        }
    }

    /** Keeps the longest, and of those the first. */
    public static final class Longest implements Combiner<String, String>, Reducer<String, String> {
        @Override
        public String combine(String key, Iterable<String> values) {
            String longest = "";
            for (final String value : values) {
                longest = value.length() > longest.length() ? value : longest;
            }
            return longest;
        }

        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, combine(key, values));
        }
    }

    @Test
    void aCombinerThatKeepsTheFirstOfEqualsKeepsTheFirst() throws Exception {
        MapReduce.runSequentially(small(Job.named("longest").mapper(ByLetter.class).reducer(Longest.class), "l0"));
        MapReduce.run(small(Job.named("longest").mapper(ByLetter.class).reducer(Longest.class), "l1"));
        MapReduce.run(small(Job.named("longest").mapper(ByLetter.class).combiner(Longest.class)
            .reducer(Longest.class), "l2").splitBytes(100_000));
        assertEquals(Texts.contents(directory.resolve("l0")), Texts.contents(directory.resolve("l1")));
        assertEquals(Texts.contents(directory.resolve("l0")), Texts.contents(directory.resolve("l2")));
    }

    @Test
    void aJobInMemoryThatDoesNotFitSaysSo() {
        final JobFailedException failed = assertThrows(JobFailedException.class, () -> MapReduce.runInMemory(
            small(Samples.named("wc").orElseThrow().define(Map.of()), "memory"), OutputStream.nullOutputStream()));
        assertTrue(failed.getMessage().contains("give more, or run the job with files"), failed.getMessage());
    }
}
