package io.balsa.mapreduce.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import io.balsa.mapreduce.Engine;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.worker.LocalRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs one job here and now. */
@Command(name = "run", description = "Runs a job and waits for its end.")
final class RunCommand implements Callable<Integer> {
    /** The engine that is used where none is named. */
    static final String LOCAL = "local";

    @Mixin
    private JobOptions job;

    @Option(names = "--workers", paramLabel = "N",
        description = "how many tasks run at a time, or with --processes how many processes (default: one for each "
            + "processor)")
    private Integer workers;

    @Option(names = "--processes", description = "run tasks in processes of their own, one at a time in each")
    private boolean processes;

    @Option(names = "--engine", defaultValue = LOCAL, paramLabel = "NAME",
        description = "what runs the job: local, or spark, which needs SPARK_HOME (default: ${DEFAULT-VALUE})")
    private String engine;

    @Option(names = "--master", paramLabel = "URL", description = "Spark's master (default: local[*])")
    private String master;

    @Option(names = "--conf", paramLabel = "NAME=VALUE", description = "a setting of Spark's; may be repeated")
    private Map<String, String> conf = new LinkedHashMap<>();

    @Override
    public Integer call() throws InterruptedException {
        return engine.equals(LOCAL) ? runHere() : runOn(EngineRun.find(engine));
    }

    private int runOn(Engine other) throws InterruptedException {
        JobOptions.refuse("--workers", workers != null);
        JobOptions.refuse("--processes", processes);
        job.refuseForOtherEngines();
        if (master != null) {
            conf.put("spark.master", master);
        }
        return EngineRun.run(other, job.spec(Runtime.getRuntime().availableProcessors()), conf);
    }

    private int runHere() {
        if (master != null || !conf.isEmpty()) {
            throw new IllegalArgumentException("--master and --conf are Spark's; add --engine spark");
        }
        final int slots = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
        final JobSpec spec = job.spec(processes ? 1 : slots);
        final UntilSignal untilSignal = new UntilSignal();
        try {
            return run(spec, slots);
        } finally {
            untilSignal.close();
        }
    }

    private int run(JobSpec spec, int slots) {
        final ProgressBar bar = ProgressBar.onTerminal();
        try {
            return Ending.tell(processes ? ProcessRun.run(spec, slots, job.heap(), bar)
                : LocalRun.run(spec, new Tasks(), slots, bar).status());
        } catch (InterruptedException e) {
            Main.say("told to stop: the job is given up, and what it wrote is removed");
            return ExitCode.NOT_DONE;
        }
    }
}
