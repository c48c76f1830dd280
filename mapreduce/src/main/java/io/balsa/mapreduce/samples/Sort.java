package io.balsa.mapreduce.samples;

import java.util.Map;

import io.balsa.mapreduce.ByteGroup;
import io.balsa.mapreduce.ByteMapper;
import io.balsa.mapreduce.ByteOutput;
import io.balsa.mapreduce.ByteReducer;
import io.balsa.mapreduce.BytesCodec;
import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.Partitioner;
import io.balsa.mapreduce.ReduceOutput;

/** Sorts lines by their bytes: the outputs, one after the other, are all lines in order. */
public final class Sort implements JobDefinition {
    private static final byte[] NOTHING = {};

    @Override
    public Job define(Map<String, String> options) {
        return Job.named("sort").mapper(Lines.class).reducer(Repeat.class).partitioner(Ranges.class)
            .keys(BytesCodec.class).values(BytesCodec.class).options(options);
    }

    /** Emits each line. */
    public static final class Lines implements ByteMapper {
        @Override
        public void map(InputRecord record, ByteOutput output) {
            output.emit(record.array(), record.offset(), record.length(), NOTHING, 0, 0);
        }
    }

    /** Writes each line as often as it came. */
    public static final class Repeat implements ByteReducer {
        private static final byte[] END = {'\n'};

        @Override
        public void reduce(ByteGroup group, ReduceOutput output) {
            while (group.next()) {
                output.raw(group.keyArray(), group.keyOffset(), group.keyLength());
                output.raw(END, 0, 1);
            }
        }
    }

    /** Cuts what is printable of ASCII into equal ranges by the first two bytes; what is beyond goes to the ends. */
    public static final class Ranges implements Partitioner {
        private static final int FIRST = ' ';
        private static final int LAST = '~';
        private static final int WIDTH = LAST - FIRST + 1;

        @Override
        public int partition(byte[] key, int offset, int length, int reduces) {
            final int first = length > 0 ? key[offset] & 0xff : 0;
            final int second = length > 1 ? key[offset + 1] & 0xff : 0;
            if (first < FIRST || first > LAST) {
                return first < FIRST ? 0 : reduces - 1;
            }
            final int range = (first - FIRST) * WIDTH + Math.clamp(second, FIRST, LAST) - FIRST;
            return (int) ((long) range * reduces / (WIDTH * WIDTH));
        }
    }
}
