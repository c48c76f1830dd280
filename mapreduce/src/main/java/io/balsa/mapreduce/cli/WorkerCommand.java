package io.balsa.mapreduce.cli;

import java.util.concurrent.Callable;

import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.wire.RemoteCoordination;
import io.balsa.mapreduce.worker.CpuPermits;
import io.balsa.mapreduce.worker.Worker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One worker, until its service ends, or SIGTERM. */
@Command(name = "worker", description = "Runs tasks of a service, until that ends.")
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private ServiceOptions service;

    @Option(names = "--slots", paramLabel = "N",
        description = "how many tasks to run at a time (default: one for each processor)")
    private Integer slots;

    @Option(names = "--patience", defaultValue = "10m", paramLabel = "TIME",
        description = "end when no coordinator has answered for so long (default: ${DEFAULT-VALUE})")
    private String patience;

    @Override
    public Integer call() throws InterruptedException {
        try (RemoteCoordination coordination = service.connect("--patience", patience);
             Worker worker = new Worker(coordination, new Tasks(), CpuPermits.ofThisMachine(),
                 slots == null ? Runtime.getRuntime().availableProcessors() : slots)) {
            final Thread atEnd = new Thread(coordination::close, "close-worker");
            Runtime.getRuntime().addShutdownHook(atEnd); // what a killed one leaves takes memory until the next start
            worker.run();
        }
        return ExitCode.OK;
    }
}
