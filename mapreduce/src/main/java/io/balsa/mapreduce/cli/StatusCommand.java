package io.balsa.mapreduce.cli;

import java.util.List;
import java.util.concurrent.Callable;

import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.wire.RemoteCoordination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How jobs are. */
@Command(name = "status", description = "Shows how a job is, or all that the service remembers.")
final class StatusCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB-ID", arity = "0..1", description = "as 'mr submit' printed it (default: all)")
    private String job;

    @Mixin
    private ServiceOptions service;

    @Option(names = "--json", description = "as JSON, see docs/MAPREDUCE-OPERATIONS.md")
    private boolean json;

    @Option(names = "--timeout", defaultValue = "10s", paramLabel = "TIME",
        description = "how long to look for a coordinator that answers (default: ${DEFAULT-VALUE})")
    private String timeout;

    @Override
    public Integer call() {
        try (RemoteCoordination coordination = service.connect("--timeout", timeout)) {
            final JobClient client = new JobClient(coordination);
            final List<JobStatus> jobs = job == null ? client.lookAtAll() : List.of(client.look(JobId.parse(job)));
            if (json) {
                System.out.println(StatusText.json(jobs));
            } else {
                StatusText.table(jobs).forEach(System.out::println);
            }
            return ExitCode.OK;
        }
    }
}
