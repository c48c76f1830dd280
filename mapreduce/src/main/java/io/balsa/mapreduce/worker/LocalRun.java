package io.balsa.mapreduce.worker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.coordinator.Coordinator;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.raft.spi.Threads;

/** One job in this process: the coordinator's rules without a log, and workers that are threads. */
public final class LocalRun {
    /**
     * How a job ended.
     *
     * @param outputs what the reduces wrote, in their order, by now under their own names if the job is done
     * @param skipped all records that were left out
     * @param cause   what the last attempt threw that failed
     */
    public record End(JobStatus status, List<OutputFile> outputs, List<SkippedRecord> skipped,
                      Optional<Throwable> cause) {
    }

    private LocalRun() {
    }

    /**
     * Runs a job and waits for its end.
     *
     * @param slots how many tasks run at a time; of those that compute never more than there are processors
     * @param watch told several times a second how the job is, on another thread, and at last how it ended; not called
     *              any more when this returns
     * @throws InvalidJobException  when it cannot be run as it is, one line
     * @throws InterruptedException when the calling thread was interrupted: the job is given up, its files are removed
     */
    public static End run(JobSpec spec, TaskRunner tasks, int slots, Consumer<JobStatus> watch)
        throws InterruptedException {
        final long id = JobId.draw();
        try (Coordinator coordinator = Coordinator.inProcess()) {
            final Ledger ledger = new Ledger(tasks, coordinator);
            final JobClient client = new JobClient(coordinator);
            client.submit(id, spec);
            final Thread watcher =
                Thread.ofPlatform().daemon().name("mr-watch").start(() -> watch(client, id, watch));
            try (Worker worker = Worker.ofThreads(ledger, ledger, CpuPermits.ofThisMachine(), slots)) {
                worker.run();
            } catch (InterruptedException | RuntimeException e) {
                client.cancel(id); // its files go with the coordinator
                throw e;
            } finally {
                LockSupport.unpark(watcher);
                Threads.join(watcher);
            }
            return new End(client.look(id), ledger.outputs(), ledger.skipped(), ledger.lastFailure());
        }
    }

    private static void watch(JobClient client, long id, Consumer<JobStatus> watch) {
        try {
            client.await(id, watch);
        } catch (InterruptedException e) {
            // nobody interrupts this thread
        }
    }
}
