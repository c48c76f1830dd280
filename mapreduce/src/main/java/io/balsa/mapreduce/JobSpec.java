package io.balsa.mapreduce;

import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A job as it travels: names of classes and numbers, nothing that runs. It goes into the replicated log, hence is
 * small. Made by {@link Job#spec()}, which also finds out whether the classes exist and fit.
 *
 * @param name         for people
 * @param classes      what the job runs
 * @param jars         where to look for these classes beside the class path, absolute paths
 * @param format       what one record is
 * @param inputs       files or globs over the last parts of a path, absolute
 * @param reduces      the number of reduce tasks, R in the paper; the outputs are {@code mr-out-0} to
 * {@code mr-out-(R-1)}
 * @param outDir       where the outputs go, absolute
 * @param workDir      where intermediate files go, absolute; readable by all workers
 * @param taskMemory   bytes that the buffers of one running task may hold; what does not fit goes to files
 * @param splitBytes   the length of a split of a large file
 * @param lab          the rules of the course's lab 1: one map task a file, a task not reported in 10 s goes to another
 *                     worker, no renewal
 * @param sortValues   whether a reducer gets the values of a key in the order of their encoded bytes (secondary sort);
 *                     otherwise in the order of map tasks and, within one, of emission
 * @param maxSkipped   how many records each map task may leave out because the mapper threw on them
 * @param maxAttempts  how often one task may fail before the job does
 * @param taskTimeoutMs after how long without a record consumed or emitted a task is given to another worker
 * @param backups      whether the last running tasks of a phase are tried a second time elsewhere (section 3.6 of the
 * paper)
 * @param options      the job's own settings, see {@link TaskContext#option}
 */
public record JobSpec(String name, JobClasses classes, List<String> jars, InputFormat format, List<String> inputs,
                      int reduces, String outDir, String workDir, long taskMemory, long splitBytes, boolean lab,
                      boolean sortValues, int maxSkipped, int maxAttempts, long taskTimeoutMs, boolean backups,
                      NavigableMap<String, String> options) {
    /** The least {@link #taskMemory}. */
    public static final long MIN_TASK_MEMORY = 1 << 20;
    /** The greatest {@link #taskMemory}: buffers are arrays. */
    public static final long MAX_TASK_MEMORY = 1 << 30;
    /** The greatest number of reduce tasks. */
    public static final int MAX_REDUCES = 1 << 16;
    /** The {@link #taskTimeoutMs} of a job that asks for none. */
    public static final long DEFAULT_TASK_TIMEOUT_MS = 600_000;

    /** @throws InvalidJobException if a number is out of its bounds or something is missing */
    public JobSpec {
        jars = List.copyOf(jars);
        inputs = List.copyOf(inputs);
        options = Collections.unmodifiableNavigableMap(new TreeMap<>(options));
        require(!name.isEmpty(), "a job needs a name");
        require(!inputs.isEmpty(), "job " + name + " has no input; give a file or a glob");
        require(reduces >= 1 && reduces <= MAX_REDUCES,
            "job " + name + " asks for " + reduces + " reduces; give 1 to " + MAX_REDUCES);
        require(taskMemory >= MIN_TASK_MEMORY && taskMemory <= MAX_TASK_MEMORY, "job " + name + " gives a task "
            + taskMemory + " bytes of memory; give " + MIN_TASK_MEMORY + " to " + MAX_TASK_MEMORY);
        require(splitBytes >= 1, "job " + name + " asks for splits of " + splitBytes + " bytes; give at least 1");
        require(maxSkipped >= 0, "job " + name + " may skip " + maxSkipped + " records; give 0 or more");
        require(maxAttempts >= 1, "job " + name + " may try a task " + maxAttempts + " times; give 1 or more");
        require(taskTimeoutMs >= 1, "job " + name + " has a task timeout of " + taskTimeoutMs + " ms; give 1 or more");
        require(!lab || format == InputFormat.WHOLE_FILES,
            "job " + name + " is in lab mode but reads " + format + "; lab mode reads whole files");
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new InvalidJobException(otherwise);
        }
    }

    /**
     * What a job runs, by the names of public classes with a public constructor without parameters.
     *
     * @param mapper      a {@link Mapper} or a {@link ByteMapper}
     * @param reducer     a {@link Reducer} or a {@link ByteReducer}
     * @param combiner    a {@link Combiner} or a {@link LongCombiner}
     * @param partitioner a {@link Partitioner}
     * @param keyCodec    a {@link Codec}
     * @param valueCodec  a {@link Codec}
     */
    public record JobClasses(String mapper, String reducer, Optional<String> combiner, Optional<String> partitioner,
                             String keyCodec, String valueCodec) {
    }

    /** Returns this job with its intermediate files elsewhere. */
    public JobSpec withWorkDir(String directory) {
        return new JobSpec(name, classes, jars, format, inputs, reduces, outDir, directory, taskMemory, splitBytes, lab,
            sortValues, maxSkipped, maxAttempts, taskTimeoutMs, backups, options);
    }

    /** Returns this in bytes that {@link #decode} understands, on any machine. */
    public byte[] encode() {
        return JobSpecCodec.encode(this);
    }

    /**
     * The reverse of {@link #encode}.
     *
     * @throws InvalidJobException if these bytes are of another version, or no job
     */
    public static JobSpec decode(byte[] bytes) {
        return JobSpecCodec.decode(bytes);
    }
}
