package io.balsa.mapreduce.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.RunPairs;
import io.balsa.mapreduce.data.Tasks;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskException;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import scala.Tuple2;

/** Runs a map task as the local engine does, combined and in bounded memory, and gives its runs to Spark's shuffle. */
final class SparkMap implements PairFlatMapFunction<Tuple2<Integer, String[]>, byte[], byte[]> {
    private static final long serialVersionUID = 1;
    private static final byte[] NOTHING = {};

    private final byte[] job;
    private final long jobId;

    SparkMap(JobSpec spec, long jobId) {
        this.job = spec.encode();
        this.jobId = jobId;
    }

    /** A split in what Spark can serialise. */
    static Tuple2<Integer, String[]> element(int map, Split split) {
        return new Tuple2<>(map, new String[] {split.file(), Long.toString(split.from()), Long.toString(split.to())});
    }

    @Override
    public Iterator<Tuple2<byte[], byte[]>> call(Tuple2<Integer, String[]> element) throws IOException, TaskException {
        final TaskPlace place = new TaskPlace(job);
        final String[] fields = element._2();
        final Split split = new Split(fields[0], Long.parseLong(fields[1]), Long.parseLong(fields[2]));
        final MapTask task = new MapTask(jobId, element._1(), place.attempt(), split, place.spec());
        return new Pairs(task, new Tasks().runMap(task, place));
    }

    /** The pairs of all runs, one after the other, with the task's report before them. */
    private static final class Pairs implements Iterator<Tuple2<byte[], byte[]>> {
        private final int map;
        private final List<RunRef> runs;
        private final Path directory;
        private int reduce = -1;
        private RunPairs run;
        private long number;
        private byte[] ahead;

        Pairs(MapTask task, MapResult result) throws IOException {
            map = task.map();
            runs = result.runs();
            directory = JobFiles.workDir(task.spec(), task.jobId());
            ahead = ShuffledPair.of(0, ShuffledPair.REPORT, map, 0, NOTHING,
                new TaskReport(List.of(), result.counters(), result.recordsIn(), result.recordsOut()).encode());
        }

        @Override
        public boolean hasNext() {
            return ahead != null;
        }

        @Override
        public Tuple2<byte[], byte[]> next() {
            if (ahead == null) {
                throw new NoSuchElementException("all pairs were read");
            }
            final byte[] pair = ahead;
            try {
                ahead = read();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Tuple2<>(pair, NOTHING);
        }

        private byte[] read() throws IOException {
            while (true) {
                if (run != null) {
                    if (run.next()) {
                        return ShuffledPair.of(reduce, ShuffledPair.PAIR, map, number++, run.key(), run.value());
                    }
                    run.close();
                    run = null;
                }
                if (++reduce >= runs.size()) {
                    return null;
                }
                final RunRef next = runs.get(reduce);
                if (next.bytes() > 0) {
                    run = new RunPairs(directory, next);
                }
            }
        }
    }
}
