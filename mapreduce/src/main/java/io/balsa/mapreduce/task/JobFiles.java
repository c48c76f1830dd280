package io.balsa.mapreduce.task;

import java.nio.file.Path;

import io.balsa.mapreduce.JobSpec;

/**
 * Names of a job's files. What a task writes carries job, task and attempt in its path, so that attempts that nobody
 * waits for any more, of this job or an earlier one, never write what another attempt wrote or reads.
 * <pre>
 *   workDir/job-(job)/mr-(map)-(reduce).(attempt)         a run
 *   workDir/job-(job)/(anything else).(attempt)           a task's own temporary files
 *   outDir/.(output).(job)-(attempt)                      an output that is not published yet
 *   outDir/mr-out-(reduce)                                a published output
 *   outDir/(name)-out-(reduce)                            a published named output
 * </pre>
 * Jobs are written as 16 hexadecimal digits.
 */
public final class JobFiles {
    private JobFiles() {
    }

    /** The directory for intermediate files of one job; to be removed with all it holds when the job has ended. */
    public static Path workDir(JobSpec spec, long jobId) {
        return Path.of(spec.workDir(), "job-" + hex(jobId));
    }

    /** The name of a run in the job's work directory. */
    public static String run(int map, int reduce, int attempt) {
        return "mr-" + map + "-" + reduce + "." + attempt;
    }

    /** The name of a reduce task's output in the output directory. */
    public static String output(int reduce) {
        return "mr-out-" + reduce;
    }

    /** The name of a reduce task's further output in the output directory. */
    public static String namedOutput(String name, int reduce) {
        return name + "-out-" + reduce;
    }

    /** The name that the output {@code name} has in the output directory until it is published. */
    public static String temporary(String name, long jobId, int attempt) {
        return "." + name + mark(jobId) + attempt;
    }

    /** Whether a file of this name in the output directory is one that the job has not published. */
    public static boolean isTemporary(String fileName, long jobId) {
        return fileName.startsWith(".") && fileName.contains(mark(jobId));
    }

    private static String mark(long jobId) {
        return "." + hex(jobId) + "-";
    }

    private static String hex(long jobId) {
        return String.format("%016x", jobId);
    }
}
