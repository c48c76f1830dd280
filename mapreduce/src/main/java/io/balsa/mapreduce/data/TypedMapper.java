package io.balsa.mapreduce.data;

import java.util.concurrent.Callable;

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
    private final Output typed = new Output();

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
        typed.output = output;
        mapper.map(record, typed);
    }

    @Override
    public void close(ByteOutput output) throws Exception {
        typed.output = output;
        mapper.close(typed);
    }

    private final class Output implements MapOutput<K, V> {
        private ByteOutput output;
        private ByteBuilder key = new ByteBuilder(KEYS);
        private final ByteBuilder value = new ByteBuilder(1 << 8);

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

        @Override
        public String option(String name, String otherwise) {
            return output.option(name, otherwise);
        }

        @Override
        public void count(String name, long amount) {
            output.count(name, amount);
        }

        @Override
        public void progress() {
            output.progress();
        }

        @Override
        public <T> T blocking(Callable<T> call) throws Exception {
            return output.blocking(call);
        }
    }
}
