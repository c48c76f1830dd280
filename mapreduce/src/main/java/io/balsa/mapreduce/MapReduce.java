package io.balsa.mapreduce;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Consumer;

import io.balsa.mapreduce.data.MemoryRun;
import io.balsa.mapreduce.data.SequentialRun;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.worker.LocalRun;

/** Runs jobs in this process. Each call returns when the job has ended; any number may run at the same time. */
public final class MapReduce {
    private MapReduce() {
    }

    /**
     * Runs a job with as many tasks at a time as there are processors, and publishes its outputs.
     *
     * @throws InvalidJobException  if the job cannot run as it is described
     * @throws JobFailedException   if a task failed as often as the job allows; nothing was published
     * @throws InterruptedException if the calling thread was interrupted; the job's tasks have ended
     */
    public static JobResult run(Job job) throws JobFailedException, InterruptedException {
        return run(job, status -> { });
    }

    /**
     * Runs a job as {@link #run(Job)} does and tells how it is.
     *
     * @param watch told several times a second, on a thread of its own, and at last how the job ended
     * @throws InvalidJobException  if the job cannot run as it is described
     * @throws JobFailedException   if a task failed as often as the job allows; nothing was published
     * @throws InterruptedException if the calling thread was interrupted; the job's tasks have ended
     */
    public static JobResult run(Job job, Consumer<JobStatus> watch) throws JobFailedException, InterruptedException {
        final JobSpec spec = job.spec();
        final LocalRun.End end =
            LocalRun.run(spec, new Tasks(), Runtime.getRuntime().availableProcessors(), watch);
        final JobStatus status = end.status();
        if (status.ended() != Ended.DONE) {
            throw new JobFailedException(status.message(), end.cause().orElse(null));
        }
        return new JobResult(end.outputs().stream().map(output -> Path.of(spec.outDir(), output.name())).toList(),
            status.counters(), status.map().recordsIn(), status.map().recordsOut(), end.skipped());
    }

    /**
     * Runs a job whose pairs are numbers that combine, without a file between map and reduce: for jobs whose different
     * keys fit into memory. The lines of all reduce tasks go to {@code output} in the order of tasks.
     *
     * @throws InvalidJobException  if the job has no {@link LongCombiner}, or cannot run as it is described
     * @throws JobFailedException   if the job's code threw, or its keys do not fit into the job's task memory
     * @throws InterruptedException if the calling thread was interrupted; the job's tasks have ended
     */
    public static JobResult runInMemory(Job job, OutputStream output) throws JobFailedException, InterruptedException {
        return new MemoryRun(job.spec(), Runtime.getRuntime().availableProcessors()).run(output);
    }

    /**
     * Runs a job in the simplest way there is: one record after the other, every pair in memory, no combiner. What the
     * others must agree with, byte for byte.
     *
     * @throws InvalidJobException if the job cannot run as it is described
     * @throws JobFailedException  if the job's code threw
     */
    public static JobResult runSequentially(Job job) throws JobFailedException {
        return new SequentialRun(job.spec()).run();
    }
}
