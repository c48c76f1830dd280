package io.balsa.mapreduce;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.JobSpec.JobClasses;

/**
 * Describes a job, step by step; {@link #spec()} the last step. Classes are named and not passed as
 * objects since they run in other processes: public, with a public constructor without parameters.
 * <pre>{@code
 * MapReduce.run(Job.named("count").mapper(Words.class).combiner(LongSum.class).reducer(SumReducer.class)
 *     .values(LongCodec.class).input("books/*.txt").reduces(10).output(Path.of("out")));
 * }</pre>
 */
public final class Job {
    private static final long DEFAULT_TASK_MEMORY = 48L << 20;
    private static final long DEFAULT_SPLIT_BYTES = 32L << 20;
    private static final int DEFAULT_MAX_ATTEMPTS = 4;

    private final String name;
    private String mapper = "";
    private String reducer = "";
    private Optional<String> combiner = Optional.empty();
    private Optional<String> partitioner = Optional.empty();
    private String keyCodec = StringCodec.class.getName();
    private String valueCodec = StringCodec.class.getName();
    private final List<String> jars = new ArrayList<>();
    private InputFormat format = InputFormat.LINES;
    private final List<String> inputs = new ArrayList<>();
    private int reduces = 1;
    private Path output = Path.of("out");
    private Optional<Path> work = Optional.empty();
    private long taskMemory = DEFAULT_TASK_MEMORY;
    private long splitBytes = DEFAULT_SPLIT_BYTES;
    private boolean lab;
    private boolean sortValues;
    private int maxSkipped;
    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private long taskTimeoutMs = JobSpec.DEFAULT_TASK_TIMEOUT_MS;
    private boolean backups;
    private final TreeMap<String, String> options = new TreeMap<>();

    private Job(String name) {
        this.name = name;
    }

    public static Job named(String name) {
        return new Job(name);
    }

    /** A {@link Mapper} or {@link ByteMapper}. */
    public Job mapper(Class<?> mapper) {
        this.mapper = mapper.getName();
        return this;
    }

    /** A {@link Reducer} or {@link ByteReducer}. */
    public Job reducer(Class<?> reducer) {
        this.reducer = reducer.getName();
        return this;
    }

    /** A {@link Combiner} or {@link LongCombiner}; none if this is not called. */
    public Job combiner(Class<?> combiner) {
        this.combiner = Optional.of(combiner.getName());
        return this;
    }

    /** By default {@link HashPartitioner}. */
    public Job partitioner(Class<? extends Partitioner> partitioner) {
        this.partitioner = Optional.of(partitioner.getName());
        return this;
    }

    /** How keys become bytes; text by default. */
    public Job keys(Class<? extends Codec<?>> codec) {
        keyCodec = codec.getName();
        return this;
    }

    /** How values become bytes; text by default. */
    public Job values(Class<? extends Codec<?>> codec) {
        valueCodec = codec.getName();
        return this;
    }

    /** Looks for the job's classes in this jar too. */
    public Job jar(Path jar) {
        jars.add(jar.toAbsolutePath().normalize().toString());
        return this;
    }

    public Job format(InputFormat format) {
        this.format = format;
        return this;
    }

    /**
     * Adds input: a file, or a glob like {@code texts/*.txt}. All files are taken in the order of their paths, each
     * once.
     */
    public Job input(String fileOrGlob) {
        inputs.add(absolute(fileOrGlob));
        return this;
    }

    public Job reduces(int reduces) {
        this.reduces = reduces;
        return this;
    }

    /** The directory for the outputs; made if need be. */
    public Job output(Path directory) {
        this.output = directory;
        return this;
    }

    /** The directory for intermediate files; by default {@code .mr} in the output directory. */
    public Job work(Path directory) {
        this.work = Optional.of(directory);
        return this;
    }

    /** Bytes that the buffers of one running task may hold. */
    public Job taskMemory(long bytes) {
        this.taskMemory = bytes;
        return this;
    }

    /** The length of a map task's part of a large file. */
    public Job splitBytes(long bytes) {
        this.splitBytes = bytes;
        return this;
    }

    /** Runs by the rules of lab 1: a map task for each file, ten seconds for a task. */
    public Job lab() {
        lab = true;
        format = InputFormat.WHOLE_FILES;
        return this;
    }

    /** Gives reducers the values of a key in the order of their encoded bytes. */
    public Job sortValues() {
        sortValues = true;
        return this;
    }

    /**
     * Leaves out records on which the mapper throws, with all pairs they emitted, up to this many in each map task;
     * each is reported with file and position. Records of {@link InputFormat#BLOCKS} are whole blocks.
     */
    public Job skipRecords(int most) {
        this.maxSkipped = most;
        return this;
    }

    /** How often a task is tried before the job fails. */
    public Job maxAttempts(int attempts) {
        this.maxAttempts = attempts;
        return this;
    }

    /**
     * After how long without a record consumed or emitted, or {@link TaskContext#progress}, a task is tried elsewhere.
     */
    public Job taskTimeout(long amount, TimeUnit unit) {
        this.taskTimeoutMs = unit.toMillis(amount);
        return this;
    }

    /** Runs late tasks a second time elsewhere when nothing else is left to do. */
    public Job backups() {
        this.backups = true;
        return this;
    }

    /** A setting of the job's own classes, see {@link TaskContext#option}. */
    public Job option(String option, String value) {
        options.put(option, value);
        return this;
    }

    public Job options(Map<String, String> settings) {
        options.putAll(settings);
        return this;
    }

    /**
     * Returns the job as it travels, with all paths absolute.
     *
     * @throws InvalidJobException one line, if a number is out of bounds, or a class is missing or does not fit
     */
    public JobSpec spec() {
        final Path out = output.toAbsolutePath().normalize();
        final JobSpec spec = new JobSpec(name,
            new JobClasses(mapper, reducer, combiner, partitioner, keyCodec, valueCodec), jars, format, inputs, reduces,
            out.toString(), work.map(path -> path.toAbsolutePath().normalize()).orElse(out.resolve(".mr")).toString(),
            taskMemory, splitBytes, lab, sortValues, maxSkipped, maxAttempts, taskTimeoutMs, backups, options);
        JobCode.load(spec).close();
        return spec;
    }

    private static String absolute(String fileOrGlob) {
        return fileOrGlob.startsWith("/") ? fileOrGlob : Path.of("").toAbsolutePath() + "/" + fileOrGlob;
    }
}
