package io.balsa.mapreduce.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.samples.Samples;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same job, the same names, the same bytes: on Spark in this process, and on executors that are processes. */
final class SparkMapReduceTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void writeTexts() throws Exception {
        Texts.write(directory.resolve("texts"), 5, 4, 8_000);
    }

    private JavaSparkContext local() {
        return new JavaSparkContext(conf("local[2]"));
    }

    private SparkConf conf(String master) {
        return new SparkConf().setMaster(master).setAppName("balsa").set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.local.dir", directory.resolve("spark").toString());
    }

    private Job job(String sample, String output) {
        return Samples.named(sample).orElseThrow().define(Map.of("pattern", "ab")).input(directory + "/texts/*")
            .reduces(5).output(directory.resolve(output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wc", "wc-lab", "indexer", "grep", "inverted-index", "sort"})
    void theOutputsAreThoseOfTheLocalEngine(String sample) throws Exception {
        final JobResult local = MapReduce.run(job(sample, "local"));
        final JobResult spark;
        try (JavaSparkContext context = local()) {
            spark = SparkMapReduce.run(job(sample, "spark-out"), context);
        }
        assertEquals(Texts.contents(directory.resolve("local")), Texts.contents(directory.resolve("spark-out")));
        assertEquals(local.counters(), spark.counters());
        assertEquals(local.recordsIn(), spark.recordsIn());
        assertEquals(local.recordsOut(), spark.recordsOut());
        assertEquals(5, Texts.allFiles(directory.resolve("spark-out")).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wc", "indexer"})
    void executorsInProcessesOfTheirOwnGiveTheSameOutputs(String sample) throws Exception {
        MapReduce.run(job(sample, "local"));
        final SparkConf conf = conf("local-cluster[2,1,1024]")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executor.memory", "512m");
        try (JavaSparkContext context = new JavaSparkContext(conf)) {
            SparkMapReduce.run(job(sample, "spark-out"), context);
        }
        assertEquals(Texts.contents(directory.resolve("local")), Texts.contents(directory.resolve("spark-out")));
    }

    @Test
    void whatDoesNotRunOnSparkIsRefusedByName() {
        try (JavaSparkContext context = local()) {
            assertTrue(assertThrows(InvalidJobException.class,
                () -> SparkMapReduce.run(job("wc-typed", "out").skipRecords(1), context)).getMessage()
                .contains("skipRecords"));
            assertTrue(assertThrows(InvalidJobException.class,
                () -> SparkMapReduce.run(job("wc-typed", "out").backups(), context)).getMessage()
                .contains("backups"));
        }
        assertFalse(Files.exists(directory.resolve("out")));
    }

    /** Throws. */
    public static final class Refuses implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) {
            throw new IllegalStateException("not today");
        }
    }

    @Test
    void aJobThatFailsPublishesNothingAndSaysWhyInOneLine() throws Exception {
        try (JavaSparkContext context = local()) {
            final JobFailedException failed = assertThrows(JobFailedException.class,
                () -> SparkMapReduce.run(job("wc-typed", "out").mapper(Refuses.class), context));
            assertEquals(1, failed.getMessage().lines().count());
        }
        assertTrue(Texts.allFiles(directory.resolve("out")).isEmpty());
    }
}
