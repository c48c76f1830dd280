package io.balsa.mapreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;

import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.samples.Samples;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.worker.LocalRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/MAPREDUCE.md says that a job may ask for, on inputs small enough to be checked by eye. */
@Timeout(60)
final class JobPromisesTest {
    @TempDir
    private Path dir;

    /** Emits what stands before the colon of each line with what stands behind it. */
    public static final class Pairs implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            for (final String line : record.text().lines().toList()) {
                output.emit(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1));
            }
        }
    }

    /** Writes each key with its values as they come; those of one letter to another output as well. */
    public static final class Join implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, String.join(",", values));
            if (key.length() == 1) {
                output.named("letters").text(key);
            }
        }
    }

    /** Sends keys that begin with a vowel to the last reduce. */
    public static final class Vowels implements Partitioner {
        @Override
        public int partition(byte[] key, int offset, int length, int reduces) {
            return "aeiou".indexOf(key[offset]) >= 0 ? reduces - 1 : 0;
        }
    }

    /** Counts words of lines, and removes a file when it is tried again. */
    public static final class Fills implements Mapper<String, String> {
        @Override
        public void open(TaskContext context) throws IOException {
            final Path tried = Path.of(context.option("tried", ""));
            if (Files.exists(tried)) {
                Files.deleteIfExists(Path.of(context.option("ballast", "")));
            } else {
                Files.createFile(tried);
            }
        }

        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            output.emit(record.text() + record.position(), record.text());
        }
    }

    @Test
    void keysComeInTheOrderOfTheirBytes() throws Exception {
        // By UTF-16, as String compares, the last but one would come after the last.
        write("in", "b:1\n\uD83D\uDE00:2\na:3\n\uFF5E:4\nB:5\n\u00e9:6");
        assertEquals(List.of("B 5", "a 3", "b 1", "\u00e9 6", "\uFF5E 4", "\uD83D\uDE00 2"), lines(job(), "mr-out-0"));
    }

    @Test
    void valuesComeInTheOrderOfTheInputOrSortedWhereTheJobAsksForIt() throws Exception {
        write("in1", "key:9\nkey:30\nkey:1");
        write("in2", "key:8\nkey:31");
        assertEquals(List.of("key 9,30,1,8,31"), lines(job(), "mr-out-0"));
        assertEquals(List.of("key 1,30,31,8,9"), lines(job().sortValues(), "mr-out-0"));
    }

    @Test
    void aPartitionerOfTheJobsOwnDecidesWhereAKeyGoes() throws Exception {
        write("in", "ab:1\nb:2\ne:3\nz:4");
        final Job job = job().partitioner(Vowels.class).reduces(3);
        assertEquals(List.of("b 2", "z 4"), lines(job, "mr-out-0"));
        assertEquals(List.of(), Files.readAllLines(dir.resolve("out/mr-out-1")));
        assertEquals(List.of("ab 1", "e 3"), Files.readAllLines(dir.resolve("out/mr-out-2")));
    }

    @Test
    void namedOutputsArePublishedWithTheOthers() throws Exception {
        write("in", "ab:1\nb:2\nc:3");
        final JobResult result = MapReduce.run(job());
        assertEquals(List.of(dir.resolve("out/mr-out-0"), dir.resolve("out/letters-out-0")), result.outputs());
        assertEquals(List.of("b", "c"), Files.readAllLines(dir.resolve("out/letters-out-0")));
    }

    @Test
    void aCombinerShrinksWhatReducesReadAndChangesNothing() throws Exception {
        write("in", "same word again and again and again\n".repeat(100));
        final Job plain = Job.named("plain").mapper(Words.class).reducer(SumReducer.class).values(LongCodec.class)
            .input(dir + "/in").output(dir.resolve("plain"));
        final Job combined = Job.named("combined").mapper(Words.class).combiner(LongSum.class)
            .reducer(SumReducer.class).values(LongCodec.class).input(dir + "/in").output(dir.resolve("combined"));
        assertEquals(700, status(plain).reduce().recordsIn());
        assertEquals(4, status(combined).reduce().recordsIn());
        assertEquals(Texts.contents(dir.resolve("plain")), Texts.contents(dir.resolve("combined")));
    }

    /** Emits words. */
    public static final class Words implements Mapper<String, Long> {
        @Override
        public void map(InputRecord record, MapOutput<String, Long> output) {
            for (final String word : record.text().split(" ", -1)) {
                output.emit(word, 1L);
            }
        }
    }

    @Test
    void packedFilesAreReadAsTheyWereBefore() throws Exception {
        final String text = "a:1\nb:2\na:3";
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(dir.resolve("in.gz")))) {
            packed.write(text.getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(List.of("a 1,3", "b 2"), lines(job(), "mr-out-0"));
    }

    @Test
    void aWholeFileIsOneRecordWhereTheJobAsksForIt() throws Exception {
        write("in1", "a:1\nb:2\n");
        write("in2", "a:3\n");
        final JobResult result = MapReduce.run(job().format(InputFormat.WHOLE_FILES));
        assertEquals(2, result.recordsIn());
        assertEquals(List.of("a 1,3", "b 2"), Files.readAllLines(dir.resolve("out/mr-out-0")));
    }

    @Test
    void outputsAreTheSameBytesHoweverManyWorkersAndSplitsThereAre() throws Exception {
        Texts.write(dir.resolve("texts"), 5, 4, 3_000);
        final List<Map<String, String>> all = new ArrayList<>();
        for (final int slots : new int[] {1, 2, 7}) {
            final Path out = dir.resolve("out" + slots);
            LocalRun.run(Samples.named("inverted-index").orElseThrow().define(Map.of()).input(dir + "/texts/*")
                .reduces(3).splitBytes(2_000L * slots).output(out).spec(), new Tasks(), slots, status -> { });
            all.add(Texts.contents(out));
        }
        assertEquals(3, all.get(0).size());
        assertEquals(all.get(0), all.get(1));
        assertEquals(all.get(0), all.get(2));
    }

    @Test
    void aFullDiskEndsTheJobWithItsLineOrIsFreeAgainWhenTheTaskIsTriedAgain() throws Exception {
        write("in", "a line of text that takes its place\n".repeat(20_000));
        final Path disk = Files.createDirectory(dir.resolve("small-disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()),
            "a small file system cannot be mounted here (needs root)");
        try {
            final Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[4_000_000]);
            final Job job = job().mapper(Fills.class).work(disk.resolve("work")).option("ballast", ballast.toString())
                .option("tried", dir.resolve("tried").toString());
            final JobFailedException failed =
                assertThrows(JobFailedException.class, () -> MapReduce.run(job.maxAttempts(1)));
            assertEquals("map 0 of job promises: No space left on device", failed.getMessage());
            assertEquals(List.of(ballast), Texts.allFiles(disk));
            assertEquals(List.of(), Texts.allFiles(dir.resolve("out")));

            Files.delete(dir.resolve("tried"));
            assertEquals(20_000, MapReduce.run(job.maxAttempts(2)).recordsOut());
            assertEquals(List.of(), Texts.allFiles(disk));
        } finally {
            assertTrue(run("umount", disk.toString()), "unmounted");
        }
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    private Job job() {
        return Job.named("promises").mapper(Pairs.class).reducer(Join.class).input(dir + "/in*")
            .output(dir.resolve("out"));
    }

    private List<String> lines(Job job, String output) throws Exception {
        MapReduce.run(job);
        return Files.readAllLines(dir.resolve("out").resolve(output));
    }

    private static JobStatus status(Job job) throws Exception {
        final AtomicReference<JobStatus> last = new AtomicReference<>();
        MapReduce.run(job, last::set);
        return last.get();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(dir.resolve(name), text);
    }
}
