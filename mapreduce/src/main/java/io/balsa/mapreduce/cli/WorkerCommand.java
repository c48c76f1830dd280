package io.balsa.mapreduce.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

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

    @Option(names = "--until-stdin-ends",
        description = "end when stdin does, and so with whoever started this worker and holds the other end")
    private boolean untilStdinEnds;

    @Override
    public Integer call() throws InterruptedException {
        final AtomicBoolean orphaned = new AtomicBoolean();
        try (RemoteCoordination coordination = service.connect("--patience", patience);
             Worker worker = new Worker(coordination, new Tasks(), CpuPermits.ofThisMachine(),
                 slots == null ? Runtime.getRuntime().availableProcessors() : slots)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(worker, coordination), "close-worker"));
            if (untilStdinEnds) {
                Thread.ofPlatform().daemon().name("mr-stdin").start(() -> endWithStdin(worker, orphaned));
            }
            worker.run();
        }
        if (orphaned.get()) {
            Main.say("whoever started this worker is gone, so it ends");
            return ExitCode.UNAVAILABLE;
        }
        return ExitCode.OK;
    }

    /** What a link leaves takes memory until the next start. Told first, the worker does not say that it is closed. */
    private static void leave(Worker worker, RemoteCoordination coordination) {
        worker.close();
        coordination.close();
    }

    private static void endWithStdin(Worker worker, AtomicBoolean orphaned) {
        try {
            while (System.in.read() >= 0) {
                // whatever it says
            }
        } catch (IOException e) {
            // then nobody is there either
        }
        orphaned.set(true);
        worker.close();
    }
}
