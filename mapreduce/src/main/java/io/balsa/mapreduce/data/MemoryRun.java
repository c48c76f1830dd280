package io.balsa.mapreduce.data;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.LongCombiner;
import io.balsa.mapreduce.Partitioner;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;

/**
 * Runs a job of combining numbers without files: each thread keeps one table over all the splits that it reads, and the
 * tables are merged at the end.
 */
public final class MemoryRun {
    private final JobSpec spec;
    private final int threads;
    private final List<Split> splits;
    private final Queue<Tabulation> tables = new ConcurrentLinkedQueue<>();

    /** @param threads how many tasks run at a time */
    public MemoryRun(JobSpec spec, int threads) {
        this.spec = spec;
        this.threads = threads;
        splits = Splits.of(spec);
    }

    /** What one thread has counted. */
    private final class Tabulation implements PairStore {
        private final TaskScope scope;
        private final Mapping mapping;
        private final LongTable table;
        private final MapSink sink;
        private final MemorySegments segments = new MemorySegments();

        Tabulation(JobCode code, TaskControl control) throws Exception {
            scope = new TaskScope("job " + spec.name(), spec, control);
            mapping = new Mapping(spec, control, scope);
            final Partitioner partitioner = code.partitioner();
            partitioner.open(scope);
            table = new LongTable(spec.taskMemory() - SplitReader.memoryOf(spec),
                new Partitions(partitioner, spec.reduces()), (LongCombiner) code.combiner().orElseThrow());
            sink = new MapSink(scope, this, true);
        }

        @Override
        public void add(byte[] key, int keyOffset, int keyLength, long value) throws IOException {
            if (!table.add(key, keyOffset, keyLength, value)) {
                throw full();
            }
        }

        @Override
        public void add(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
            throws IOException {
            if (!table.add(key, keyOffset, keyLength, value, valueOffset, valueLength)) {
                throw full();
            }
        }

        private IOException full() {
            return new IOException("the " + table.size() + " different keys so far fill the task memory of "
                + spec.taskMemory() + " bytes; give more, or run the job with files");
        }

        @Override
        public boolean isHolding(byte[] array) {
            return table.hasPending(array);
        }

        @Override
        public void settle() throws IOException {
            if (!table.settle()) {
                throw full();
            }
        }
    }

    /**
     * Writes all lines to {@code output}.
     *
     * @throws InvalidJobException  if the job has no {@link LongCombiner}
     * @throws JobFailedException   if the job's code threw or its keys do not fit into memory
     * @throws InterruptedException if the calling thread was interrupted; all tasks have ended
     */
    public JobResult run(OutputStream output) throws JobFailedException, InterruptedException {
        try (JobCode code = JobCode.load(spec)) {
            if (!code.combiner().filter(LongCombiner.class::isInstance).isPresent()) {
                throw new InvalidJobException("job " + spec.name() + " has no combiner of numbers, which running in "
                    + "memory needs; run it with files");
            }
            Crew.run(threads, splits.size(), (split, control) -> map(split, code, control));
            final List<Tabulation> tabulations = List.copyOf(tables);
            Crew.run(threads, tabulations.size(), (index, control) -> drain(tabulations.get(index)));
            final MemoryLines[] lines = new MemoryLines[spec.reduces()];
            Crew.run(threads, lines.length, (reduce, control) ->
                lines[reduce] = reduce(reduce, code, tabulations, control));
            return result(tabulations, lines, output);
        } catch (final IOException e) {
            throw new JobFailedException("the lines of job " + spec.name() + " cannot be written: " + Reason.of(e), e);
        }
    }

    private void map(int split, JobCode code, TaskControl control) throws TaskException {
        // As many tables as threads, since each goes back before its thread takes the next split.
        Tabulation table = tables.poll();
        try {
            if (table == null) {
                table = new Tabulation(code, control);
            }
            table.mapping.run(splits.get(split), code, table.sink);
        } catch (final Ending e) {
            throw e.end();
        } catch (final TaskException e) {
            throw e;
        } catch (final Exception e) {
            throw scope(control).failed(Reason.of(e), e);
        }
        tables.add(table);
    }

    private void drain(Tabulation tabulation) {
        try {
            tabulation.table.drain(tabulation.segments);
        } catch (final IOException e) {
            throw new IllegalStateException("memory cannot be written", e);
        }
    }

    private TaskScope scope(TaskControl control) {
        return new TaskScope("job " + spec.name(), spec, control);
    }

    /** The lines of one reduce task. */
    private static final class MemoryLines extends Lines {
        private final TaskScope scope;

        MemoryLines(TaskScope scope) {
            super(scope);
            this.scope = scope;
        }

        @Override
        void full() {
            // All lines stay here until they are handed over.
        }

        @Override
        public ReduceOutput named(String name) {
            throw new IllegalStateException("a job without files has no output " + name + "; run it with files");
        }
    }

    private MemoryLines reduce(int reduce, JobCode code, List<Tabulation> tabulations, TaskControl control)
        throws TaskException {
        final TaskScope scope = scope(control);
        final MemoryLines lines = new MemoryLines(scope);
        try (SegmentMerge merge = new SegmentMerge(tabulations.size(), spec.sortValues())) {
            for (final Tabulation tabulation : tabulations) {
                merge.add(tabulation.segments.cursor(reduce));
            }
            Reducing.run(Reducing.reducer(code), new Groups(merge, scope), lines, scope, spec);
            return lines;
        } catch (final Ending e) {
            throw e.end();
        } catch (final IOException | RuntimeException e) {
            throw scope.failed(Reason.of(e), e);
        }
    }

    private JobResult result(List<Tabulation> tabulations, MemoryLines[] lines, OutputStream output)
        throws IOException {
        Counters counters = Counters.NONE;
        long recordsIn = 0;
        long recordsOut = 0;
        final List<SkippedRecord> skipped = new ArrayList<>();
        for (final Tabulation tabulation : tabulations) {
            counters = counters.plus(tabulation.scope.counters());
            recordsIn += tabulation.mapping.recordsIn();
            recordsOut += tabulation.sink.emitted();
            skipped.addAll(tabulation.mapping.skipped());
        }
        for (final MemoryLines part : lines) {
            counters = counters.plus(part.scope.counters());
            output.write(part.bytes.array(), 0, part.bytes.length());
        }
        return new JobResult(List.of(), counters, recordsIn, recordsOut, skipped);
    }
}
