package io.balsa.mapreduce.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.MapReduce;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.Texts;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.LostMapOutput;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskAborted;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.task.TaskFailed;
import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.worker.LocalRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a task does when something goes wrong: it says which of the three ways it ended, and leaves nothing behind. */
final class TasksTest {
    @TempDir
    private Path directory;
    private final Tasks tasks = new Tasks();

    @BeforeEach
    void writeInput() throws Exception {
        final SplittableRandom random = new SplittableRandom(3);
        Files.writeString(directory.resolve("a.txt"), Texts.random(random, 5_000));
        Files.writeString(directory.resolve("b.txt"), Texts.random(random, 5_000));
    }

    /** Emits each word of a line with the line; throws on lines with a given word. */
    public static final class WordsOfLines implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            for (final String word : record.text().split("[ ,.]+")) {
                output.emit(word, record.text());
                if (word.equals(output.option("bad", "none"))) {
                    throw new IllegalStateException("no " + word + "\nplease");
                }
            }
            output.count("lines", 1);
        }
    }

    /** Writes how many values there are, and those of short keys to an output of their own. */
    public static final class Count implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            long count = 0;
            for (final String value : values) {
                count += value.isEmpty() ? 2 : 1;
            }
            (key.length() < 3 ? output.named("short") : output).line(key, count);
            if (key.equals(output.option("unreducible", "none"))) {
                throw new IllegalArgumentException("not this one");
            }
        }
    }

    private Job job() {
        return Job.named("test").mapper(WordsOfLines.class).reducer(Count.class).input(directory + "/*.txt").reduces(3)
            .output(directory.resolve("out"));
    }

    private MapTask mapTask(JobSpec spec, int map, int attempt) {
        return new MapTask(99, map, attempt, Splits.of(spec).get(map), spec);
    }

    private List<MapResult> maps(JobSpec spec) throws TaskException {
        return List.of(tasks.runMap(mapTask(spec, 0, 0), TaskControl.ALONE),
            tasks.runMap(mapTask(spec, 1, 0), TaskControl.ALONE));
    }

    private static ReduceTask reduceTask(JobSpec spec, List<MapResult> maps, int reduce) {
        return new ReduceTask(99, reduce, 4, maps.stream().map(map -> map.runs().get(reduce)).toList(), spec);
    }

    private List<Path> outputs() throws Exception {
        return Texts.allFiles(directory.resolve("out")).stream()
            .filter(file -> !file.toString().contains("/.mr/")).toList();
    }

    @Test
    void everyFileCarriesJobTaskAndAttempt() throws Exception {
        final JobSpec spec = job().spec();
        final List<MapResult> maps = maps(spec);
        assertEquals("mr-1-2.0", maps.get(1).runs().get(2).file());
        assertTrue(Files.exists(JobFiles.workDir(spec, 99).resolve("mr-1-2.0")));
        final ReduceResult result = tasks.runReduce(reduceTask(spec, maps, 2), TaskControl.ALONE);
        assertEquals("mr-out-2", result.outputs().get(0).name());
        assertEquals(".mr-out-2.0000000000000063-4", result.outputs().get(0).temporary());
        assertEquals("short-out-2", result.outputs().get(1).name());
        // Nothing has a published name yet.
        assertEquals(2, outputs().size());
        assertTrue(outputs().stream().allMatch(file -> file.getFileName().toString().startsWith(".")));
    }

    @Test
    void anAttemptNeverTouchesTheFilesOfAnother() throws Exception {
        final JobSpec spec = job().spec();
        final MapResult first = tasks.runMap(mapTask(spec, 0, 0), TaskControl.ALONE);
        final List<String> before = runs(spec, first);
        final MapResult second = tasks.runMap(mapTask(spec, 0, 1), TaskControl.ALONE);
        assertEquals(before, runs(spec, first));
        // Equal bytes, too: which attempt wins makes no difference.
        assertEquals(before, runs(spec, second));
    }

    private static List<String> runs(JobSpec spec, MapResult result) throws Exception {
        final List<String> runs = new ArrayList<>();
        for (final RunRef run : result.runs()) {
            runs.add(HexFormat.of()
                .formatHex(Files.readAllBytes(JobFiles.workDir(spec, 99).resolve(run.file()))));
        }
        return runs;
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "shorter", "bit in a block", "bit in a head", "of another attempt"})
    void aDamagedRunIsReportedWithItsMapTask(String damage) throws Exception {
        final JobSpec spec = job().spec();
        final List<MapResult> maps = maps(spec);
        final Path run = JobFiles.workDir(spec, 99).resolve(maps.get(1).runs().get(0).file());
        final byte[] bytes = Files.readAllBytes(run);
        switch (damage) {
            case "missing" -> Files.delete(run);
            case "shorter" -> Files.write(run, Arrays.copyOf(bytes, bytes.length - 1));
            case "bit in a block" -> flip(run, bytes, bytes.length / 2);
            case "bit in a head" -> flip(run, bytes, 1);
            default -> Files.copy(JobFiles.workDir(spec, 99).resolve(maps.get(0).runs().get(0).file()), run,
                StandardCopyOption.REPLACE_EXISTING);
        }
        final LostMapOutput lost = assertThrows(LostMapOutput.class,
            () -> tasks.runReduce(reduceTask(spec, maps, 0), TaskControl.ALONE));
        assertEquals(1, lost.map());
        assertEquals(1, lost.getMessage().lines().count());
        assertEquals(List.of(), outputs());
    }

    private static void flip(Path file, byte[] bytes, int at) throws Exception {
        bytes[at] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void aLostRunIsMadeAgainAndTheJobGoesOn() throws Exception {
        MapReduce.runSequentially(job().output(directory.resolve("expected")));
        final List<String> lost = new ArrayList<>();
        final TaskRunner losing = new TaskRunner() {
            @Override
            public MapResult runMap(MapTask task, TaskControl control) throws TaskException {
                return tasks.runMap(task, control);
            }

            @Override
            public ReduceResult runReduce(ReduceTask task, TaskControl control) throws TaskException {
                synchronized (lost) {
                    if (task.reduce() == 1 && lost.isEmpty()) {
                        final Path run = JobFiles.workDir(task.spec(), task.jobId()).resolve(task.runs().get(1).file());
                        lost.add(run.toString());
                        assertTrue(run.toFile().delete());
                    }
                }
                return tasks.runReduce(task, control);
            }
        };
        final JobStatus end = LocalRun.run(job().spec(), losing, 2, status -> { }).status();
        assertEquals(1, lost.size());
        assertEquals(1, end.losses());
        assertEquals(3, end.map().attempts(), "the one map, and no other");
        assertEquals(Texts.contents(directory.resolve("expected")), Texts.contents(directory.resolve("out")));
    }

    @Test
    void whatTheMapperThrowsIsOneLineWithFileAndPosition() throws Exception {
        final String text = Files.readString(directory.resolve("a.txt"));
        final String word = text.substring(0, text.indexOf(' '));
        final JobSpec spec = job().option("bad", word).spec();
        final TaskFailed failed = assertThrows(TaskFailed.class,
            () -> tasks.runMap(mapTask(spec, 0, 0), TaskControl.ALONE));
        assertTrue(failed.getMessage().startsWith("map 0 of job test: " + directory + "/a.txt:0: "),
            failed.getMessage());
        assertEquals(1, failed.getMessage().lines().count());
        assertEquals(List.of(), Texts.allFiles(JobFiles.workDir(spec, 99)));
        final JobFailedException job = assertThrows(JobFailedException.class,
            () -> MapReduce.run(job().option("bad", word)));
        assertTrue(job.getMessage().contains(".txt:"), job.getMessage());
        assertEquals(List.of(), Texts.allFiles(directory.resolve("out")));
    }

    @Test
    void whatTheReducerThrowsIsOneLineAndLeavesNoOutput() throws Exception {
        final String word = Files.readString(directory.resolve("a.txt")).split("[ ,.\r\n]+")[4];
        final JobFailedException failed = assertThrows(JobFailedException.class,
            () -> MapReduce.run(job().option("unreducible", word)));
        assertTrue(failed.getMessage().contains("not this one"), failed.getMessage());
        assertEquals(1, failed.getMessage().lines().count());
        assertEquals(List.of(), Texts.allFiles(directory.resolve("out")));
    }

    @Test
    void badRecordsAreLeftOutWithAllTheirPairsAndReported() throws Exception {
        Files.writeString(directory.resolve("c.txt"), "one two\nthree bad four\nbad\nfive");
        final Job job = job().input(directory + "/c.txt").option("bad", "bad").skipRecords(2);
        MapReduce.runSequentially(job.output(directory.resolve("expected")));
        final JobResult result = MapReduce.run(job.output(directory.resolve("out")));
        assertEquals(List.of(8L, 23L), result.skipped().stream().map(skipped -> skipped.position()).toList());
        assertTrue(result.skipped().get(0).toString().startsWith(directory + "/c.txt:8: IllegalStateException"));
        final Map<String, String> outputs = Texts.contents(directory.resolve("out"));
        assertEquals(Texts.contents(directory.resolve("expected")), outputs);
        assertFalse(String.join("", outputs.values()).contains("three"));
        assertTrue(String.join("", outputs.values()).contains("five 1\n"));
        assertThrows(JobFailedException.class, () -> MapReduce.run(job.skipRecords(1)));
    }

    @Test
    void aTaskThatIsToldToStopDoesAndLeavesNothing() throws Exception {
        final JobSpec spec = job().reduces(1).spec();
        final TaskControl stop = new TaskControl() {
            private int asked;

            @Override
            public void progress() {
                asked++;
            }

            @Override
            public boolean cancelled() {
                // Not at once, but when files are already open.
                return asked % 2 == 0;
            }

            @Override
            public <T> T blocking(Callable<T> call) throws Exception {
                return call.call();
            }
        };
        assertThrows(TaskAborted.class, () -> tasks.runMap(mapTask(spec, 0, 0), stop));
        assertEquals(List.of(), Texts.allFiles(JobFiles.workDir(spec, 99)));
        final List<MapResult> maps = maps(spec);
        assertThrows(TaskAborted.class, () -> tasks.runReduce(reduceTask(spec, maps, 0), stop));
        assertEquals(List.of(), outputs());
    }

    @Test
    void aFullDiskFailsTheTaskWithOneLine() throws Exception {
        final JobSpec spec = job().spec();
        final Path work = Files.createDirectories(JobFiles.workDir(spec, 99));
        // Whatever is written through this link meets a full disk.
        Files.createSymbolicLink(work.resolve("mr-0-1.0"), Path.of("/dev/full"));
        final TaskFailed failed = assertThrows(TaskFailed.class,
            () -> tasks.runMap(mapTask(spec, 0, 0), TaskControl.ALONE));
        assertEquals("map 0 of job test: No space left on device", failed.getMessage());
        assertEquals(List.of(), Texts.allFiles(work));

        final List<MapResult> maps = maps(spec);
        Files.createSymbolicLink(directory.resolve("out/" + JobFiles.temporary("mr-out-0", 99, 4)),
            Path.of("/dev/full"));
        final TaskFailed reduce = assertThrows(TaskFailed.class,
            () -> tasks.runReduce(reduceTask(spec, maps, 0), TaskControl.ALONE));
        assertTrue(reduce.getMessage().endsWith("No space left on device"), reduce.getMessage());
        assertEquals(1, reduce.getMessage().lines().count());
        assertEquals(List.of(), outputs());
    }

    @Test
    void aDiskThatIsFullWhileSpillingFailsTheTask() throws Exception {
        final JobSpec spec = job().taskMemory(JobSpec.MIN_TASK_MEMORY).spec();
        final Path work = Files.createDirectories(JobFiles.workDir(spec, 99));
        Files.createSymbolicLink(work.resolve("spill-0-0.0"), Path.of("/dev/full"));
        final Path large = directory.resolve("large");
        Files.writeString(large, "word and word again and again\n".repeat(40_000));
        final MapTask task = new MapTask(99, 0, 0, new Split(large.toString(), 0, Files.size(large)), spec);
        final TaskFailed failed = assertThrows(TaskFailed.class, () -> tasks.runMap(task, TaskControl.ALONE));
        assertTrue(failed.getMessage().endsWith("No space left on device"), failed.getMessage());
        assertEquals(List.of(), Texts.allFiles(work));
    }

    @Test
    void manyRunsAreMergedAFewAtATime() throws Exception {
        // 600 splits where 8 files are merged at once: three rounds.
        final Job job = job().splitBytes(100).taskMemory(JobSpec.MIN_TASK_MEMORY);
        assertTrue(Splits.of(job.spec()).size() > 600);
        MapReduce.runSequentially(job.output(directory.resolve("expected")));
        MapReduce.run(job.output(directory.resolve("out")));
        assertEquals(Texts.contents(directory.resolve("expected")), Texts.contents(directory.resolve("out")));
    }

    @Test
    void aJobEndsWhenItsCallerIsInterrupted() throws Exception {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> MapReduce.run(job()));
        assertEquals(List.of(), outputs());
    }
}
