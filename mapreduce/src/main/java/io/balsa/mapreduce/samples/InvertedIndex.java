package io.balsa.mapreduce.samples;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

import io.balsa.mapreduce.ByteBuilder;
import io.balsa.mapreduce.ByteGroup;
import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.ByteReducer;
import io.balsa.mapreduce.BytesCodec;
import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.ReduceOutput;

/**
 * Tells where each word is: {@code word file:position,position file:position}, files by name, positions in bytes and in
 * their order. A secondary sort: a value is a file's name, a zero byte and a number that sorts.
 */
public final class InvertedIndex implements JobDefinition {
    @Override
    public Job define(Map<String, String> options) {
        return Job.named("inverted-index").mapper(Occurrences.class).reducer(Postings.class).values(BytesCodec.class)
            .format(InputFormat.BLOCKS).sortValues().options(options);
    }

    /** Emits a posting for each word. */
    public static final class Occurrences implements ByteMapper {
        private String file = "";
        private byte[] value = {};
        private int nameLength;

        @Override
        public void map(InputRecord record, ByteOutput output) {
            if (!record.file().equals(file)) {
                file = record.file();
                final byte[] name = Path.of(file).getFileName().toString().getBytes(StandardCharsets.UTF_8);
                nameLength = name.length + 1;
                value = Arrays.copyOf(name, nameLength + LongCodec.MAX_LENGTH);
            }
            final long shift = record.position() - record.offset();
            Words.letters(record.array(), record.offset(), record.offset() + record.length(),
                (bytes, offset, length) -> output.emit(bytes, offset, length,
                    value, 0, nameLength + LongCodec.encode(shift + offset, value, nameLength)));
        }
    }

    /** Writes the postings of a word in one line. */
    public static final class Postings implements ByteReducer {
        private static final byte[] FILE = {' '};
        private static final byte[] FIRST = {':'};
        private static final byte[] FURTHER = {','};
        private static final byte[] END = {'\n'};

        private final ByteBuilder name = new ByteBuilder(1 << 6);

        @Override
        public void reduce(ByteGroup group, ReduceOutput output) {
            output.raw(group.keyArray(), group.keyOffset(), group.keyLength());
            name.truncate(0);
            while (group.next()) {
                final byte[] value = group.valueArray();
                final int offset = group.valueOffset();
                int end = offset;
                while (value[end] != 0) {
                    end++;
                }
                final boolean same = Arrays.equals(value, offset, end, name.array(), 0, name.length());
                if (!same) {
                    name.truncate(0);
                    name.append(value, offset, end - offset);
                    output.raw(FILE, 0, 1);
                    output.raw(value, offset, end - offset);
                }
                output.raw(same ? FURTHER : FIRST, 0, 1);
                output.number(LongCodec.decode(value, end + 1));
            }
            output.raw(END, 0, 1);
        }
    }
}
