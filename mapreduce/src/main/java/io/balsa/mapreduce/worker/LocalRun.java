package io.balsa.mapreduce.worker;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.coordinator.Coordinator;
import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.JobClient;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;

/** One job in this process: the coordinator's rules without a log, and one worker. */
public final class LocalRun {
    private LocalRun() {
    }

    /**
     * Runs a job and waits for its end.
     *
     * @param slots how many tasks run at a time; of those that compute never more than there are processors
     * @param watch told several times a second how the job is, on another thread
     * @return how it ended
     * @throws InvalidJobException  when it cannot be run as it is, one line
     * @throws InterruptedException when the calling thread was interrupted: the job is given up
     */
    public static JobStatus run(JobSpec spec, TaskRunner tasks, int slots, Consumer<JobStatus> watch)
        throws InterruptedException {
        final long id = JobId.draw();
        try (Coordinator coordinator = Coordinator.inProcess();
             Worker worker = new Worker(coordinator, tasks, CpuPermits.ofThisMachine(), slots)) {
            final JobClient client = new JobClient(coordinator);
            client.submit(id, spec);
            final Thread watcher = Thread.ofPlatform().daemon().name("mr-watch")
                .start(() -> client.await(id, watch));
            try {
                worker.run();
            } catch (InterruptedException | RuntimeException e) {
                client.cancel(id); // for the watcher's sake
                throw e;
            } finally {
                LockSupport.unpark(watcher);
            }
            watcher.join();
            return client.look(id);
        }
    }
}
