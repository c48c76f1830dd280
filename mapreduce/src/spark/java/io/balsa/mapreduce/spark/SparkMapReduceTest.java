package io.balsa.mapreduce.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.samples.Samples;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same job, the same names, the same bytes: on Spark in this process, and on executors that are processes. */
@Timeout(120)
final class SparkMapReduceTest {
    private static final int REDUCES = 5;

    @TempDir
    private Path directory;

    @BeforeEach
    void writeTexts() throws Exception {
        Texts.write(directory.resolve("texts"), 5, 4, 8_000);
    }

    private Job job(String sample, String output) {
        return Samples.named(sample).orElseThrow().define(Map.of("pattern", "ab")).input(directory + "/texts/*")
            .reduces(REDUCES).output(directory.resolve(output));
    }

    private JobResult runOnSpark(Job job, String master, Map<String, String> more) throws Exception {
        final Map<String, String> settings = new HashMap<>(more);
        settings.put("spark.master", master);
        settings.put("spark.local.dir", directory.resolve("spark").toString());
        return new SparkEngine().run(job.spec(), settings);
    }

    private JobResult runOnSpark(Job job) throws Exception {
        return runOnSpark(job, "local[2]", Map.of());
    }

    private void assertSameOutputs() throws Exception {
        final Map<String, String> local = Texts.contents(directory.resolve("local"));
        assertEquals(local, Texts.contents(directory.resolve("spark-out")));
        assertTrue(local.values().stream().anyMatch(lines -> !lines.isEmpty()), "there is something to compare");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wc", "wc-typed", "wc-lab", "indexer", "grep", "inverted-index", "sort"})
    void theOutputsAreThoseOfTheLocalEngine(String sample) throws Exception {
        final JobResult local = MapReduce.run(job(sample, "local"));
        final JobResult spark = runOnSpark(job(sample, "spark-out"));
        assertSameOutputs();
        assertEquals(local.counters(), spark.counters());
        assertEquals(local.recordsIn(), spark.recordsIn());
        assertEquals(local.recordsOut(), spark.recordsOut());
        assertEquals(REDUCES, Texts.allFiles(directory.resolve("spark-out")).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wc", "indexer"})
    void executorsInProcessesOfTheirOwnGiveTheSameOutputs(String sample) throws Exception {
        MapReduce.run(job(sample, "local"));
        runOnSpark(job(sample, "spark-out"), "local-cluster[2,1,1024]", Map.of(
            "spark.executor.extraClassPath", System.getProperty("java.class.path"),
            "spark.executor.memory", "512m"));
        assertSameOutputs();
    }

    @Test
    void tenTimesTheMemoryGoesThroughToo() throws Exception {
        final UnaryOperator<Job> small = job -> job.taskMemory(1 << 20).splitBytes(1 << 22);
        Texts.write(directory.resolve("texts"), 6, 6, 400_000);
        MapReduce.run(small.apply(job("inverted-index", "local")));
        runOnSpark(small.apply(job("inverted-index", "spark-out")));
        assertSameOutputs();
    }

    /** Counts lines. */
    public static final class CountLines implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) {
            output.count("lines", 1);
            output.emit(record.text().isEmpty() ? "empty" : "full", 1L);
        }
    }

    /** Counts keys, and writes each into a second output. */
    public static final class CountKeys implements Reducer<String, Long> {
        @Override
        public void reduce(String key, Iterable<Long> values, ReduceOutput output) {
            long sum = 0;
            for (final long value : values) {
                sum += value;
            }
            output.count("keys", 1);
            output.line(key, sum);
            output.named("names").line(key, "");
        }
    }

    @Test
    void countersAndNamedOutputsComeAlong() throws Exception {
        final UnaryOperator<Job> counting = job -> job.mapper(CountLines.class).reducer(CountKeys.class);
        final JobResult local = MapReduce.run(counting.apply(job("wc-typed", "local")));
        final JobResult spark = runOnSpark(counting.apply(job("wc-typed", "spark-out")));
        assertSameOutputs();
        assertEquals(local.counters(), spark.counters());
        assertEquals(local.recordsIn(), spark.counters().get("lines"));
        assertEquals(local.outputs().stream().map(Path::getFileName).toList(),
            spark.outputs().stream().map(Path::getFileName).toList());
    }

    private void assertRefused(String option, UnaryOperator<Job> asking) {
        final InvalidJobException refused = assertThrows(InvalidJobException.class,
            () -> runOnSpark(asking.apply(job("wc-typed", "out"))));
        assertTrue(refused.getMessage().contains(option), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
        assertFalse(Files.exists(directory.resolve("out")));
    }

    @Test
    void whatIsNotKeptOnSparkIsRefusedByName() {
        assertRefused("skipRecords", job -> job.skipRecords(1));
        assertRefused("backups", Job::backups);
        assertRefused("taskTimeout", job -> job.taskTimeout(1, TimeUnit.MINUTES));
    }

    /** Throws. */
    public static final class Refuses implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) {
            throw new IllegalStateException("not today");
        }
    }

    /** Throws at one key, when the tasks of other keys may have ended. */
    public static final class RefusesLate implements Reducer<String, Long> {
        @Override
        public void reduce(String key, Iterable<Long> values, ReduceOutput output) {
            output.line(key, "seen");
            if (key.equals("b")) {
                throw new IllegalStateException("not this key");
            }
        }
    }

    private void assertFailsAsLocally(Job local, Job spark) throws Exception {
        final String expected = assertThrows(JobFailedException.class, () -> MapReduce.run(local)).getMessage();
        final String told = assertThrows(JobFailedException.class, () -> runOnSpark(spark)).getMessage();
        assertEquals(expected.replaceFirst("^map \\d+", "map"), told.replaceFirst("^map \\d+", "map"));
        assertEquals(1, told.lines().count());
        assertTrue(Texts.allFiles(directory.resolve("spark-out")).isEmpty());
        assertTrue(Texts.allFiles(directory.resolve("spark")).isEmpty());
    }

    @Test
    void aMapperThatThrowsEndsTheJobWithItsLine() throws Exception {
        Files.writeString(directory.resolve("one"), "a line\n");
        final Function<String, Job> failing = output -> Job.named("failing").mapper(Refuses.class)
            .reducer(RefusesLate.class).values(LongCodec.class).input(directory + "/one")
            .output(directory.resolve(output));
        assertFailsAsLocally(failing.apply("local"), failing.apply("spark-out"));
    }

    @Test
    void aReducerThatThrowsEndsTheJobWithItsLineAndNothingIsPublished() throws Exception {
        Files.writeString(directory.resolve("one"), "b\n");
        assertFailsAsLocally(
            job("wc-typed", "local").input(directory + "/one").reducer(RefusesLate.class),
            job("wc-typed", "spark-out").input(directory + "/one").reducer(RefusesLate.class));
    }

    @Test
    void aMasterThatIsNoneIsSaidInOneLine() {
        final JobFailedException failed = assertThrows(JobFailedException.class,
            () -> runOnSpark(job("wc", "out"), "nowhere", Map.of()));
        assertTrue(failed.getMessage().contains("nowhere"), failed.getMessage());
        assertEquals(1, failed.getMessage().lines().count());
    }
}
