package io.balsa.mapreduce.labs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.TaskContext;

/** The jobs of the course's lab 1, as its tester has them: text in, text out, one map for each file. */
public final class LabApps {
    /** The option that names a folder for what tasks leave for each other to see. */
    static final String MARKS = "marks";
    /** The option that makes tasks crash and dawdle. */
    static final String CRASHES = "crashes";
    private static final Pattern NO_LETTERS = Pattern.compile("\\P{L}+");

    private LabApps() {
    }

    static Job wc() {
        return job("wc", WcMap.class, CountReduce.class);
    }

    static Job indexer() {
        return job("indexer", IndexerMap.class, IndexerReduce.class);
    }

    static Job mapParallelism(Path marks) {
        return job("mtiming", TimingMap.class, JoinReduce.class).option(MARKS, marks.toString());
    }

    static Job reduceParallelism(Path marks) {
        return job("rtiming", LettersMap.class, TimingReduce.class).option(MARKS, marks.toString());
    }

    static Job jobCount(Path marks) {
        return job("jobcount", CountedMap.class, MarksReduce.class).option(MARKS, marks.toString());
    }

    static Job earlyExit() {
        return job("early_exit", FileNameMap.class, SlowReduce.class);
    }

    static Job crash(boolean crashes) {
        return job("crash", CrashMap.class, CrashReduce.class).option(CRASHES, Boolean.toString(crashes));
    }

    private static Job job(String name, Class<?> mapper, Class<?> reducer) {
        return Job.named(name).mapper(mapper).reducer(reducer).reduces(10).lab();
    }

    private static String fileName(InputRecord record) {
        return String.valueOf(Path.of(record.file()).getFileName());
    }

    /** Words are what is left when all but letters goes. */
    public static final class WcMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            NO_LETTERS.splitAsStream(record.text()).filter(word -> !word.isEmpty())
                .forEach(word -> output.emit(word, "1"));
        }
    }

    public static final class CountReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, Integer.toString(listOf(values).size()));
        }
    }

    public static final class IndexerMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            NO_LETTERS.splitAsStream(record.text()).filter(word -> !word.isEmpty()).distinct()
                .forEach(word -> output.emit(word, fileName(record)));
        }
    }

    public static final class IndexerReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            final TreeSet<String> files = new TreeSet<>(listOf(values));
            output.line(key, files.size() + " " + String.join(",", files));
        }
    }

    /** Who runs, and how many run beside it. */
    public static final class TimingMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) throws Exception {
            final long pid = ProcessHandle.current().pid();
            output.emit("times-" + pid, Long.toString(System.currentTimeMillis()));
            output.emit("parallel-" + pid, Integer.toString(atOnce("map", output)));
        }
    }

    public static final class JoinReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) {
            output.line(key, String.join(" ", new TreeSet<>(listOf(values))));
        }
    }

    public static final class LettersMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            "abcdefghij".chars().forEach(letter -> output.emit(Character.toString(letter), "1"));
        }
    }

    public static final class TimingReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) throws Exception {
            output.line(key, Integer.toString(atOnce("reduce", output)));
        }
    }

    public static final class CountedMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) throws Exception {
            Files.createTempFile(marks(output), "jobcount-", "");
            sleep(output, 2_000 + ThreadLocalRandom.current().nextInt(3_000));
            output.emit("a", "x");
        }
    }

    public static final class MarksReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) throws Exception {
            output.line(key, Integer.toString(list(marks(output), "jobcount-").size()));
        }
    }

    public static final class FileNameMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) {
            output.emit(fileName(record), "1");
        }
    }

    public static final class SlowReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) throws Exception {
            if (key.contains("sherlock") || key.contains("tom")) {
                sleep(output, 3_000);
            }
            output.line(key, Integer.toString(listOf(values).size()));
        }
    }

    public static final class CrashMap implements Mapper<String, String> {
        @Override
        public void map(InputRecord record, MapOutput<String, String> output) throws Exception {
            maybeCrash(output);
            output.emit("a", fileName(record));
            output.emit("b", Integer.toString(fileName(record).length()));
            output.emit("c", Integer.toString(record.length()));
            output.emit("d", "xyzzy");
        }
    }

    public static final class CrashReduce implements Reducer<String, String> {
        @Override
        public void reduce(String key, Iterable<String> values, ReduceOutput output) throws Exception {
            maybeCrash(output);
            final List<String> sorted = listOf(values);
            sorted.sort(null);
            output.line(key, String.join(" ", sorted));
        }
    }

    private static List<String> listOf(Iterable<String> values) {
        final List<String> list = new ArrayList<>();
        values.forEach(list::add);
        return list;
    }

    private static void maybeCrash(TaskContext context) throws Exception {
        if (Boolean.parseBoolean(context.option(CRASHES, "false"))) {
            final int dice = ThreadLocalRandom.current().nextInt(1_000);
            if (dice < 330) {
                System.exit(1);
            } else if (dice < 660) {
                sleep(context, ThreadLocalRandom.current().nextInt(10_000));
            }
        }
    }

    /** Leaves a mark with this process's id for a second; counts the processes whose marks are there and that live. */
    private static int atOnce(String phase, TaskContext context) throws Exception {
        final String prefix = "worker-" + phase + "-";
        final Path own = marks(context).resolve(prefix + ProcessHandle.current().pid());
        Files.writeString(own, "");
        final int count = (int) list(marks(context), prefix).stream()
            .filter(mark -> ProcessHandle.of(Long.parseLong(mark.substring(prefix.length()))).isPresent()).count();
        sleep(context, 1_000);
        Files.delete(own);
        return count;
    }

    private static Path marks(TaskContext context) {
        return Path.of(context.option(MARKS, ""));
    }

    private static List<String> list(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith(prefix)).toList();
        }
    }

    private static void sleep(TaskContext context, long ms) throws Exception {
        context.blocking(() -> {
            Thread.sleep(ms);
            return null;
        });
    }
}
