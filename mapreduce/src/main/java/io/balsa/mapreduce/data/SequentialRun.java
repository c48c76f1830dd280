package io.balsa.mapreduce.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

import io.balsa.mapreduce.ByteGroup;
import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.ByteReducer;
import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.Partitioner;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;

/**
 * A job as the paper's introduction tells it, with nothing of what makes it fast: the reference that all other ways to
 * run a job are compared with. It shares with them the job's own classes, and nothing that reads, sorts, combines or
 * merges.
 */
public final class SequentialRun {
    private final JobSpec spec;
    private final TaskScope scope;
    private final List<TreeMap<byte[], List<byte[]>>> groups = new ArrayList<>();
    private final List<SkippedRecord> skipped = new ArrayList<>();
    private long recordsIn;
    private long recordsOut;

    public SequentialRun(JobSpec spec) {
        this.spec = spec;
        scope = new TaskScope("job " + spec.name(), spec, TaskControl.ALONE);
        for (int reduce = 0; reduce < spec.reduces(); reduce++) {
            groups.add(new TreeMap<>(Arrays::compareUnsigned));
        }
    }

    /** @throws JobFailedException if the job's code throws */
    public JobResult run() throws JobFailedException {
        try (JobCode code = JobCode.load(spec)) {
            final Partitioner partitioner = code.partitioner();
            partitioner.open(scope);
            // The same files in the same order; how they are cut does not matter here.
            final TreeSet<String> files = new TreeSet<>();
            Splits.of(spec).stream().map(Split::file).forEach(files::add);
            for (final String file : files) {
                map(code, partitioner, file);
            }
            final List<Path> outputs = reduce(code);
            return new JobResult(outputs, scope.counters(), recordsIn, recordsOut, skipped);
        } catch (final Ending e) {
            throw new JobFailedException(e.getMessage(), e);
        } catch (final Exception e) {
            throw new JobFailedException("job " + spec.name() + ": " + Reason.of(e), e);
        }
    }

    private void map(JobCode code, Partitioner partitioner, String file) throws Exception {
        final ByteMapper mapper = Mapping.mapper(code);
        mapper.open(scope);
        final byte[] contents = contents(file);
        final Pairs output = new Pairs(partitioner);
        for (final InputRecord record : records(file, contents)) {
            recordsIn++;
            try {
                mapper.map(record, output);
                output.keep();
            } catch (final Exception e) {
                if (skipped.size() >= spec.maxSkipped()) {
                    throw e;
                }
                skipped.add(new SkippedRecord(file, record.position(), Reason.of(e)));
            }
            output.drop();
        }
        mapper.close(output);
        output.keep();
    }

    private static byte[] contents(String file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file));
                InputStream unpacked = file.endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return unpacked.readAllBytes();
        }
    }

    private List<InputRecord> records(String file, byte[] contents) {
        final List<InputRecord> records = new ArrayList<>();
        if (spec.format() != InputFormat.LINES) {
            if (spec.format() == InputFormat.WHOLE_FILES || contents.length > 0) {
                records.add(new InputRecord().wrap(file, 0, contents, 0, contents.length));
            }
            return records;
        }
        int start = 0;
        for (int i = 0; i < contents.length; i++) {
            if (contents[i] == '\n') {
                final int end = i > start && contents[i - 1] == '\r' ? i - 1 : i;
                records.add(new InputRecord().wrap(file, start, contents, start, end - start));
                start = i + 1;
            }
        }
        if (start < contents.length) {
            records.add(new InputRecord().wrap(file, start, contents, start, contents.length - start));
        }
        return records;
    }

    /** The pairs of one record. */
    private final class Pairs extends Scoped implements ByteOutput {
        private final Partitioner partitioner;
        private final List<Map.Entry<byte[], byte[]>> pairs = new ArrayList<>();

        Pairs(Partitioner partitioner) {
            super(scope);
            this.partitioner = partitioner;
        }

        @Override
        public void emit(byte[] key, int offset, int length, long value) {
            final byte[] number = new byte[LongCodec.MAX_LENGTH];
            emit(key, offset, length, number, 0, LongCodec.encode(value, number, 0));
        }

        @Override
        public void emit(byte[] key, int offset, int length, byte[] value, int valueOffset, int valueLength) {
            pairs.add(Map.entry(Arrays.copyOfRange(key, offset, offset + length),
                Arrays.copyOfRange(value, valueOffset, valueOffset + valueLength)));
        }

        void keep() {
            for (final Map.Entry<byte[], byte[]> pair : pairs) {
                final byte[] key = pair.getKey();
                groups.get(partitioner.partition(key, 0, key.length, spec.reduces()))
                    .computeIfAbsent(key, first -> new ArrayList<>()).add(pair.getValue());
            }
            recordsOut += pairs.size();
            drop();
        }

        void drop() {
            pairs.clear();
        }
    }

    private List<Path> reduce(JobCode code) throws Exception {
        final List<Path> outputs = new ArrayList<>();
        for (int reduce = 0; reduce < spec.reduces(); reduce++) {
            final ByteReducer reducer = Reducing.reducer(code);
            final ReduceTask task = new ReduceTask(0, reduce, 0, List.of(), spec);
            try (ReduceOutputs files = new ReduceOutputs(task, scope)) {
                reducer.open(scope);
                for (final Map.Entry<byte[], List<byte[]>> group : groups.get(reduce).entrySet()) {
                    if (spec.sortValues()) {
                        group.getValue().sort(Arrays::compareUnsigned);
                    }
                    reducer.reduce(new ListGroup(group.getKey(), group.getValue()), files.main());
                }
                reducer.close(files.main());
                outputs.addAll(Publication.publish(Path.of(spec.outDir()), files.finish()));
            }
        }
        return outputs;
    }

    private static final class ListGroup implements ByteGroup {
        private final byte[] key;
        private final Iterator<byte[]> values;
        private byte[] value = {};

        ListGroup(byte[] key, List<byte[]> values) {
            this.key = key;
            this.values = values.iterator();
        }

        @Override
        public byte[] keyArray() {
            return key;
        }

        @Override
        public int keyOffset() {
            return 0;
        }

        @Override
        public int keyLength() {
            return key.length;
        }

        @Override
        public boolean next() {
            if (!values.hasNext()) {
                return false;
            }
            value = values.next();
            return true;
        }

        @Override
        public byte[] valueArray() {
            return value;
        }

        @Override
        public int valueOffset() {
            return 0;
        }

        @Override
        public int valueLength() {
            return value.length;
        }

        @Override
        public long number() {
            return LongCodec.decode(value, 0);
        }
    }
}
