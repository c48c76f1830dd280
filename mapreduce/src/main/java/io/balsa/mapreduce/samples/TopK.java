package io.balsa.mapreduce.samples;

import java.util.Map;
import java.util.PriorityQueue;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.Job;
import io.balsa.mapreduce.JobDefinition;
import io.balsa.mapreduce.LongCodec;
import io.balsa.mapreduce.MapOutput;
import io.balsa.mapreduce.Mapper;
import io.balsa.mapreduce.ReduceOutput;
import io.balsa.mapreduce.Reducer;
import io.balsa.mapreduce.TaskContext;

/**
 * Finds the {@code k} lines (an option, 10 without it) with the greatest numbers among lines of the form
 * {@code key number}, such as word counts: greatest first, equal ones by key. For one reduce task.
 */
public final class TopK implements JobDefinition {
    static final String K = "k";

    @Override
    public Job define(Map<String, String> options) {
        return Job.named("top-k").mapper(Greatest.class).reducer(First.class).keys(LongCodec.class).sortValues()
            .options(options);
    }

    private static int k(TaskContext context) {
        return Integer.parseInt(context.option(K, "10"));
    }

    /** A line apart. The less comes first. */
    private record Counted(String key, long number) implements Comparable<Counted> {
        @Override
        public int compareTo(Counted other) {
            final int numbers = Long.compare(number, other.number);
            return numbers != 0 ? numbers : other.key.compareTo(key);
        }
    }

    /** Emits the greatest of its own lines, when it has seen them all. */
    public static final class Greatest implements Mapper<Long, String> {
        private final PriorityQueue<Counted> greatest = new PriorityQueue<>();
        private int k;

        @Override
        public void open(TaskContext context) {
            k = k(context);
        }

        @Override
        public void map(InputRecord record, MapOutput<Long, String> output) {
            final String line = record.text();
            final int space = line.lastIndexOf(' ');
            greatest.add(new Counted(line.substring(0, space), Long.parseLong(line.substring(space + 1))));
            if (greatest.size() > k) {
                greatest.remove();
            }
        }

        @Override
        public void close(MapOutput<Long, String> output) {
            // Turned round, so that the greatest number is the first key; unlike minus, this fits every number.
            greatest.forEach(counted -> output.emit(~counted.number(), counted.key()));
        }
    }

    /** Writes the first {@code k}. */
    public static final class First implements Reducer<Long, String> {
        private int left;

        @Override
        public void open(TaskContext context) {
            left = k(context);
        }

        @Override
        public void reduce(Long key, Iterable<String> values, ReduceOutput output) {
            for (final String value : values) {
                if (left > 0) {
                    output.line(value, ~key);
                    left--;
                }
            }
        }
    }
}
