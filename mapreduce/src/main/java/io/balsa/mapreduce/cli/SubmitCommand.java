package io.balsa.mapreduce.cli;

import java.util.concurrent.Callable;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.RemoteCoordination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Hands a job to a service. */
@Command(name = "submit", description = "Hands a job to a service and prints its id.")
final class SubmitCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job;

    @Mixin
    private ServiceOptions service;

    @Option(names = "--slots", paramLabel = "N",
        description = "how many tasks share the memory of a worker (default: one for each processor here)")
    private Integer slots;

    @Option(names = "--wait", description = "wait until it has ended, with progress on a terminal")
    private boolean wait;

    @Option(names = "--timeout", defaultValue = "30s", paramLabel = "TIME",
        description = "how long to look for a coordinator that answers (default: ${DEFAULT-VALUE})")
    private String timeout;

    @Override
    public Integer call() throws InterruptedException {
        final JobSpec spec = job.spec(slots == null ? Runtime.getRuntime().availableProcessors() : slots);
        try (RemoteCoordination coordination = service.connect("--timeout", timeout)) {
            final JobClient client = new JobClient(coordination);
            final long id = JobId.draw();
            client.submit(id, spec);
            System.out.println(JobId.format(id));
            return wait ? Ending.tell(client.await(id, ProgressBar.onTerminal())) : ExitCode.OK;
        }
    }
}
