package io.balsa.mapreduce.data;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.Codec;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.TaskContext;

/** A mapper of objects as one of bytes. */
final class TypedMapper<K, V> implements ByteMapper {
    /** Keys lie one behind the other up to here, so that a store may take them in batches. */
    private static final int KEYS = 1 << 14;

    private final Mapper<K, V> mapper;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final boolean numbers;
    private Output typed;

    TypedMapper(Mapper<K, V> mapper, Codec<K> keys, Codec<V> values) {
        this.mapper = mapper;
        this.keys = keys;
        this.values = values;
        numbers = values instanceof LongCodec;
    }

    @SuppressWarnings("unchecked") // that mapper and codecs fit each other is the job's word; a cast of theirs tells
    static TypedMapper<Object, Object> of(Mapper<?, ?> mapper, Codec<?> keys, Codec<?> values) {
        return new TypedMapper<>((Mapper<Object, Object>) mapper, (Codec<Object>) keys, (Codec<Object>) values);
    }

    @Override
    public void open(TaskContext context) throws Exception {
        mapper.open(context);
    }

    @Override
    public void map(InputRecord record, ByteOutput output) throws Exception {
        mapper.map(record, typed(output));
    }

    @Override
    public void close(ByteOutput output) throws Exception {
        mapper.close(typed(output));
    }

    private Output typed(ByteOutput output) {
        // One and the same output in all of a task, or almost: those of skipped records are another.
        if (typed == null || typed.output != output) {
            typed = new Output(output);
        }
        return typed;
    }

    private final class Output extends Scoped implements MapOutput<K, V> {
        private final ByteOutput output;
        private ByteBuilder key = new ByteBuilder(KEYS);
        private final ByteBuilder value = new ByteBuilder(1 << 8);

        Output(ByteOutput output) {
            super(output);
            this.output = output;
        }

        @Override
        public void emit(K keyObject, V valueObject) {
            if (key.length() > KEYS / 2) {
                // The store may still read from the old bytes.
                key = new ByteBuilder(KEYS);
            }
            final int start = key.length();
            keys.encode(keyObject, key);
            if (numbers) {
                output.emit(key.array(), start, key.length() - start, (Long) valueObject);
                return;
            }
            value.truncate(0);
            values.encode(valueObject, value);
            output.emit(key.array(), start, key.length() - start, value.array(), 0, value.length());
        }
    }
}
