package io.balsa.mapreduce.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What to run, on what, and where to. */
final class JobOptions {
    /** Of a process's heap, what the buffers of its tasks may hold; the rest is for everything else. */
    private static final double BUFFERS = 0.375;

    @Parameters(paramLabel = "JOB", description = "a sample (wc, wc-typed, wc-lab, indexer, grep, sort, top-k, "
        + "inverted-index), or the name of a class that defines a job, in --jar or on the class path")
    private String job;

    @Option(names = "--input", required = true, paramLabel = "GLOB", description = "files to read; may be repeated")
    private List<String> inputs;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "where mr-out-0, mr-out-1, ... go")
    private Path out;

    @Option(names = "--reduces", defaultValue = "10", paramLabel = "R",
        description = "how many reduces, and so outputs (default: ${DEFAULT-VALUE})")
    private int reduces;

    @Option(names = "--jar", paramLabel = "JAR", description = "where to find the job's classes; may be repeated")
    private List<Path> jars = List.of();

    @Option(names = "--memory", defaultValue = "256m", paramLabel = "SIZE",
        description = "heap of each process; the buffers of its tasks share three eighths (default: ${DEFAULT-VALUE})")
    private String memory;

    @Option(names = "--split", paramLabel = "SIZE", description = "how much of a large file one map reads")
    private String split;

    @Option(names = "--work", paramLabel = "DIR", description = "where intermediate files go (default: .mr in --out)")
    private Path work;

    @Option(names = "--lab", description = "by the rules of the course's lab 1: one map for each file, and a task that "
        + "is not done 10 s after its claim goes to another worker")
    private boolean lab;

    @Option(names = "--skip", defaultValue = "0", paramLabel = "N",
        description = "how many records each map may skip that the job cannot bear; they are told")
    private int skip;

    @Option(names = "--max-attempts", paramLabel = "N", description = "a task that fails so often ends the job")
    private Integer maxAttempts;

    @Option(names = "--task-timeout", paramLabel = "TIME",
        description = "a task that neither reads nor writes a record for so long has failed (default: 10m)")
    private String taskTimeout;

    @Option(names = "--backups", description = "hand late tasks out a second time near the end of a phase")
    private boolean backups;

    @Option(names = "-D", paramLabel = "NAME=VALUE", description = "a setting of the job's own; may be repeated")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** @param slots how many tasks share a process's memory */
    JobSpec spec(int slots) {
        final Job described = JobNames.find(job, jars).define(settings).options(settings)
            .reduces(reduces).output(out).skipRecords(skip).taskMemory(taskMemory(slots));
        inputs.forEach(described::input);
        jars.forEach(described::jar);
        if (work != null) {
            described.work(work);
        }
        if (split != null) {
            described.splitBytes(Amounts.bytes("--split", split));
        }
        if (lab) {
            described.lab();
        }
        if (maxAttempts != null) {
            described.maxAttempts(maxAttempts);
        }
        if (taskTimeout != null) {
            described.taskTimeout(Amounts.time("--task-timeout", taskTimeout).toMillis(), TimeUnit.MILLISECONDS);
        }
        if (backups) {
            described.backups();
        }
        return described.spec();
    }

    /** Refuses what only this program's own engine does, by its name. */
    void refuseForOtherEngines() {
        refuse("--lab", lab);
        refuse("--work", work != null);
    }

    /** @throws IllegalArgumentException if {@code given} */
    static void refuse(String option, boolean given) {
        if (given) {
            throw new IllegalArgumentException(option + ": is for --engine " + RunCommand.LOCAL + "; leave it out");
        }
    }

    /** Of each process, in the form the JVM takes. */
    String heap() {
        return "-Xmx" + (Amounts.bytes("--memory", memory) >> 20) + "m";
    }

    private long taskMemory(int slots) {
        final long share = (long) (BUFFERS * Amounts.bytes("--memory", memory) / slots);
        return Math.max(JobSpec.MIN_TASK_MEMORY, Math.min(share, JobSpec.MAX_TASK_MEMORY));
    }
}
