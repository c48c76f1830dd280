package io.balsa.mapreduce.data;

import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;

/** Gives the records of a split to the job's mapper, and lets what it throws be the end, or leaves the record out. */
final class Mapping {
    private final JobSpec spec;
    private final TaskControl control;
    private final TaskScope scope;
    private final List<SkippedRecord> skipped = new ArrayList<>();
    private long recordsIn;

    Mapping(JobSpec spec, TaskControl control, TaskScope scope) {
        this.spec = spec;
        this.control = control;
        this.scope = scope;
    }

    List<SkippedRecord> skipped() {
        return skipped;
    }

    /** How many records the mapper was given. */
    long recordsIn() {
        return recordsIn;
    }

    /** Makes the job's mapper, one of bytes in any case. */
    static ByteMapper mapper(JobCode code) {
        final Object mapper = code.mapper();
        return mapper instanceof Mapper<?, ?> typed
            ? TypedMapper.of(typed, code.keyCodec(), code.valueCodec()) : (ByteMapper) mapper;
    }

    void run(Split split, JobCode code, MapSink sink) throws Exception {
        final ByteMapper mapper = mapper(code);
        mapper.open(scope);
        new SplitReader(split, spec, control)
            .read(spec.maxSkipped() == 0 ? strict(mapper, sink) : lenient(mapper, sink, code.hasNumbers()));
        mapper.close(sink);
        sink.settle();
    }

    private RecordConsumer strict(ByteMapper mapper, MapSink sink) {
        // Keys of a typed mapper lie in bytes that nobody else sees: they need not be copied after each record.
        final boolean ownKeys = mapper instanceof TypedMapper;
        return new RecordConsumer() {
            @Override
            public void accept(InputRecord record) {
                begin();
                map(mapper, record, sink);
                if (ownKeys) {
                    sink.throwIfLost();
                } else {
                    sink.settleUnlessIn(record.array());
                }
            }

            @Override
            public void buffersChange() {
                sink.settle();
            }
        };
    }

    private RecordConsumer lenient(ByteMapper mapper, MapSink sink, boolean numbers) {
        final StagedOutput staged = new StagedOutput(sink, spec.taskMemory() / 4, numbers);
        return new RecordConsumer() {
            @Override
            public void accept(InputRecord record) {
                begin();
                try {
                    map(mapper, record, staged);
                } catch (final Ending e) {
                    // Only what the mapper threw has a cause: that the task is told to stop is no fault of the record.
                    if (!(e.end().getCause() instanceof Exception) || skipped.size() == spec.maxSkipped()) {
                        throw e;
                    }
                    staged.forget();
                    skipped.add(new SkippedRecord(record.file(), record.position(), Reason.of(e.end().getCause())));
                    return;
                }
                staged.commit();
            }

            @Override
            public void buffersChange() {
                // What was staged is settled by now.
            }
        };
    }

    private void begin() {
        recordsIn++;
        scope.step();
    }

    private void map(ByteMapper mapper, InputRecord record, ByteOutput output) {
        try {
            mapper.map(record, output);
        } catch (final Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw scope.ending(record.file() + ":" + record.position(), e);
        }
    }
}
