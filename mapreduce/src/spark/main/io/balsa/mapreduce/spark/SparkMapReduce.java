package io.balsa.mapreduce.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Publication;
import io.balsa.mapreduce.data.Splits;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.Split;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Runs a job on Spark. Its map and reduce tasks are the local engine's; Spark's shuffle carries the pairs between them,
 * and Spark decides where tasks run and runs lost ones again. Outputs have the names and the bytes they have locally.
 *
 * <p>Inputs and the output directory must be paths that are the same on the driver and on all executors.
 */
public final class SparkMapReduce {
    private static final SecureRandom JOB_IDS = new SecureRandom();

    private SparkMapReduce() {
    }

    /**
     * Runs a job; returns when its outputs are published.
     *
     * @throws InvalidJobException if the job cannot run as it is described, or asks for what this does not do
     * @throws JobFailedException  if a task failed as often as Spark allows; nothing was published
     */
    public static JobResult run(Job job, JavaSparkContext context) throws JobFailedException {
        final JobSpec spec = job.spec();
        refuse(spec, spec.maxSkipped() > 0, "skipRecords");
        refuse(spec, spec.backups(), "backups (set spark.speculation instead)");
        final long jobId = JOB_IDS.nextLong();
        final List<Split> splits = Splits.of(spec);
        final List<Tuple2<Integer, String[]>> maps = new ArrayList<>();
        for (int map = 0; map < splits.size(); map++) {
            maps.add(SparkMap.element(map, splits.get(map)));
        }
        try {
            final List<SparkReduce.Done> reduces = context.parallelize(maps, maps.size())
                .flatMapToPair(new SparkMap(spec, jobId))
                .repartitionAndSortWithinPartitions(new ShuffledPair.ByPartition(spec.reduces()),
                    new ShuffledPair.Order(spec.sortValues()))
                .mapPartitions(new SparkReduce(spec, jobId)).collect();
            return publish(spec, reduces);
        } catch (final IOException e) {
            throw new JobFailedException("the outputs of job " + spec.name() + " cannot be published: "
                + e.getMessage(), e);
        } catch (final Exception e) {
            if (e instanceof SparkException || e instanceof RuntimeException) {
                throw new JobFailedException("job " + spec.name() + " failed on Spark: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
            }
            throw e;
        }
    }

    private static void refuse(JobSpec spec, boolean asked, String option) {
        if (asked) {
            throw new InvalidJobException("job " + spec.name() + " asks for " + option
                + ", which does not run on Spark; leave it out");
        }
    }

    private static JobResult publish(JobSpec spec, List<SparkReduce.Done> reduces) throws IOException {
        final List<OutputFile> outputs = new ArrayList<>();
        Counters counters = Counters.NONE;
        long recordsIn = 0;
        long recordsOut = 0;
        for (final SparkReduce.Done reduce : reduces) {
            outputs.addAll(reduce.files());
            counters = counters.plus(new Counters(reduce.counters()));
            recordsIn += reduce.recordsIn();
            recordsOut += reduce.recordsOut();
        }
        return new JobResult(Publication.publish(Path.of(spec.outDir()), outputs), counters, recordsIn, recordsOut,
            List.of());
    }
}
