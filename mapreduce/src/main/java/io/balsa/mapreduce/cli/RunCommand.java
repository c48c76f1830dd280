package io.balsa.mapreduce.cli;

import java.util.concurrent.Callable;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.worker.LocalRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs one job here and now. */
@Command(name = "run", description = "Runs a job on this machine and waits for its end.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job;

    @Option(names = "--workers", paramLabel = "N",
        description = "how many tasks run at a time, or with --processes how many processes (default: one for each "
            + "processor)")
    private Integer workers;

    @Option(names = "--processes", description = "run tasks in processes of their own, one at a time in each")
    private boolean processes;

    @Override
    public Integer call() {
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
