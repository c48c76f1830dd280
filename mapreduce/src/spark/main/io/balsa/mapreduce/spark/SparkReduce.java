package io.balsa.mapreduce.spark;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.RunWriter;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** Runs a reduce task as the local engine does, over the pairs of one partition as one run. */
final class SparkReduce implements FlatMapFunction<Iterator<Tuple2<byte[], byte[]>>, SparkReduce.Done> {
    private static final long serialVersionUID = 1;

    private final byte[] job;
    private final long jobId;

    SparkReduce(JobSpec spec, long jobId) {
        this.job = spec.encode();
        this.jobId = jobId;
    }

    /** What a task tells the driver; Spark takes the word of one attempt of each. */
    record Done(List<String[]> outputs, TreeMap<String, Long> counters, long recordsIn, long recordsOut)
            implements Serializable {
        List<OutputFile> files() {
            return outputs.stream().map(file -> new OutputFile(file[0], file[1], Long.parseLong(file[2]))).toList();
        }
    }

    @Override
    public Iterator<Done> call(Iterator<Tuple2<byte[], byte[]>> pairs) throws IOException, TaskException {
        final TaskContext context = TaskContext.get();
        final Path work = Files.createTempDirectory("balsa-reduce");
        context.addTaskCompletionListener((TaskCompletionListener) ended -> Directories.remove(work));
        final JobSpec spec = JobSpec.decode(job).withWorkDir(work.toString());
        final Path directory = Files.createDirectories(JobFiles.workDir(spec, jobId));
        final int reduce = context.partitionId();
        final TreeMap<String, Long> counters = new TreeMap<>();
        final long[] records = new long[2];
        final RunRef run;
        try (RunWriter writer = new RunWriter(directory, JobFiles.run(0, reduce, 0))) {
            while (pairs.hasNext()) {
                final byte[] pair = pairs.next()._1();
                if (ShuffledPair.kind(pair) == ShuffledPair.COUNTERS) {
                    add(pair, counters, records);
                } else {
                    writer.append(pair, ShuffledPair.KEY, ShuffledPair.keyLength(pair), ShuffledPair.valueLength(pair));
                }
            }
            run = writer.finish();
        }
        final ReduceTask task = new ReduceTask(jobId, reduce, (int) context.taskAttemptId(), List.of(run), spec);
        final ReduceResult result = new Tasks().runReduce(task, TaskControl.ALONE);
        result.counters().values().forEach((name, count) -> counters.merge(name, count, Long::sum));
        final List<String[]> outputs = new ArrayList<>();
        for (final OutputFile output : result.outputs()) {
            outputs.add(new String[] {output.name(), output.temporary(), Long.toString(output.bytes())});
        }
        return List.of(new Done(outputs, counters, records[0], records[1])).iterator();
    }

    private static void add(byte[] pair, TreeMap<String, Long> counters, long[] records) throws IOException {
        try (DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(pair, ShuffledPair.KEY, pair.length - ShuffledPair.KEY))) {
            records[0] += in.readLong();
            records[1] += in.readLong();
            while (in.available() > 0) {
                counters.merge(in.readUTF(), in.readLong(), Long::sum);
            }
        }
    }
}
