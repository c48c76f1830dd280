package io.balsa.mapreduce.cli;

import java.util.concurrent.Callable;

import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.RemoteCoordination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a job up. */
@Command(name = "cancel", description = "Gives a job up; its files are removed.")
final class CancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB-ID", description = "as 'mr submit' printed it")
    private String job;

    @Mixin
    private ServiceOptions service;

    @Option(names = "--timeout", defaultValue = "10s", paramLabel = "TIME",
        description = "how long to look for a coordinator that answers (default: ${DEFAULT-VALUE})")
    private String timeout;

    @Override
    public Integer call() {
        try (RemoteCoordination coordination = service.connect("--timeout", timeout)) {
            new JobClient(coordination).cancel(JobId.parse(job));
            return ExitCode.OK;
        }
    }
}
