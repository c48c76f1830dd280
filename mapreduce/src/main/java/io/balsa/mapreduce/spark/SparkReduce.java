package io.balsa.mapreduce.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.RunWriter;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.TaskException;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.Tuple2;

/** Runs a reduce task as the local engine does, over the pairs of one partition as one run. */
final class SparkReduce implements FlatMapFunction<Iterator<Tuple2<byte[], byte[]>>, byte[]> {
    private static final long serialVersionUID = 1;

    private final byte[] job;
    private final long jobId;

    SparkReduce(JobSpec spec, long jobId) {
        this.job = spec.encode();
        this.jobId = jobId;
    }

    /** Returns one {@link TaskReport}: this task's, and those of the map tasks that came with its pairs. */
    @Override
    public Iterator<byte[]> call(Iterator<Tuple2<byte[], byte[]>> pairs) throws IOException, TaskException {
        final TaskPlace place = new TaskPlace(job);
        final JobSpec spec = place.spec();
        final Path directory = Files.createDirectories(JobFiles.workDir(spec, jobId));
        final int reduce = place.partition();
        TaskReport report = TaskReport.NONE;
        final RunRef run;
        try (RunWriter writer = new RunWriter(directory, JobFiles.run(0, reduce, 0))) {
            while (pairs.hasNext()) {
                final byte[] pair = pairs.next()._1();
                if (ShuffledPair.kind(pair) == ShuffledPair.REPORT) {
                    report = report.plus(TaskReport.decode(pair, ShuffledPair.KEY));
                } else {
                    writer.append(pair, ShuffledPair.KEY, ShuffledPair.keyLength(pair), ShuffledPair.valueLength(pair));
                }
            }
            run = writer.finish();
        }
        final ReduceTask task = new ReduceTask(jobId, reduce, place.attempt(), List.of(run), spec);
        final ReduceResult result = new Tasks().runReduce(task, place);
        return List.of(report.plus(new TaskReport(result.outputs(), result.counters(), 0, 0)).encode()).iterator();
    }
}
