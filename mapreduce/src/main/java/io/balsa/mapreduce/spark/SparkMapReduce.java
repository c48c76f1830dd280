package io.balsa.mapreduce.spark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Publication;
import io.balsa.mapreduce.data.Splits;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskException;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Runs a job on Spark. Its map and reduce tasks are the local engine's; Spark's shuffle carries the pairs between them,
 * and Spark decides where tasks run and runs lost ones again. Outputs have the names and the bytes they have locally.
 *
 * <p>Inputs, jars of the job and the output directory must be paths that are the same on the driver and on all
 * executors. How often a task is tried, and whether late ones are run twice, is set in Spark.
 */
public final class SparkMapReduce {
    private static final SecureRandom JOB_IDS = new SecureRandom();

    private SparkMapReduce() {
    }

    /**
     * Runs a job; returns when its outputs are published.
     *
     * @throws InvalidJobException  if the job cannot run as it is described, or asks for what this does not do
     * @throws JobFailedException   if a task failed as often as Spark allows; nothing was published
     * @throws InterruptedException if the calling thread was interrupted; Spark was told to stop the job
     */
    public static JobResult run(Job job, JavaSparkContext context) throws JobFailedException, InterruptedException {
        return run(job.spec(), context);
    }

    static JobResult run(JobSpec spec, JavaSparkContext context) throws JobFailedException, InterruptedException {
        refuseWhatItDoesNotDo(spec);
        final long jobId = JOB_IDS.nextLong();
        final List<Split> splits = Splits.of(spec);
        final List<Tuple2<Integer, String[]>> maps = new ArrayList<>();
        for (int map = 0; map < splits.size(); map++) {
            maps.add(SparkMap.element(map, splits.get(map)));
        }
        final String group = "balsa-" + Long.toHexString(jobId);
        context.setJobGroup(group, "job " + spec.name(), true);
        try {
            final List<byte[]> reports = context.parallelize(maps, maps.size())
                .flatMapToPair(new SparkMap(spec, jobId))
                .repartitionAndSortWithinPartitions(new ShuffledPair.ByPartition(spec.reduces()),
                    new ShuffledPair.Order(spec.sortValues()))
                .mapPartitions(new SparkReduce(spec, jobId)).collect();
            return publish(spec, reports);
        } catch (final IOException e) {
            throw new JobFailedException("the outputs of job " + spec.name() + " cannot be published: "
                + e.getMessage(), e);
        } catch (final Exception e) { // Scala throws checked exceptions that it does not declare
            if (isInterruption(e)) {
                context.cancelJobGroup(group);
                throw (InterruptedException) new InterruptedException("job " + spec.name() + " was told to stop")
                    .initCause(e);
            }
            throw new JobFailedException(reason(e), e);
        } finally {
            context.clearJobGroup();
            removeTemporaries(spec, jobId);
        }
    }

    /** @throws InvalidJobException which names the option, if the job has one that is not kept on Spark */
    static void refuseWhatItDoesNotDo(JobSpec spec) {
        refuse(spec, spec.maxSkipped() > 0, "skipRecords", "leave it out");
        refuse(spec, spec.backups(), "backups", "set spark.speculation instead");
        refuse(spec, spec.taskTimeoutMs() != JobSpec.DEFAULT_TASK_TIMEOUT_MS, "taskTimeout", "leave it out");
    }

    private static void refuse(JobSpec spec, boolean asked, String option, String instead) {
        if (asked) {
            throw new InvalidJobException("job " + spec.name() + " asks for " + option
                + ", which is not kept on Spark; " + instead);
        }
    }

    private static boolean isInterruption(Throwable thrown) {
        return thrown instanceof InterruptedException;
    }

    /** What a task said, if one did; else the first line of what Spark says. */
    static String reason(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof TaskException) {
                return cause.getMessage();
            }
        }
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse(thrown.toString());
    }

    private static JobResult publish(JobSpec spec, List<byte[]> reports) throws IOException {
        TaskReport all = TaskReport.NONE;
        for (final byte[] report : reports) {
            all = all.plus(TaskReport.decode(report, 0));
        }
        return new JobResult(Publication.publish(Path.of(spec.outDir()), all.outputs()), all.counters(),
            all.recordsIn(), all.recordsOut(), List.of());
    }

    /** What reduce tasks have written that nobody publishes: published outputs no longer have such names. */
    private static void removeTemporaries(JobSpec spec, long jobId) throws JobFailedException {
        final Path directory = Path.of(spec.outDir());
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory,
                file -> JobFiles.isTemporary(file.getFileName().toString(), jobId))) {
            for (final Path file : left) {
                Files.deleteIfExists(file);
            }
        } catch (final IOException e) {
            throw new JobFailedException("temporary files of job " + spec.name() + " cannot be removed: " + e, e);
        }
    }
}
