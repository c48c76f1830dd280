package io.balsa.mapreduce.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.task.OutputFile;

/**
 * What tasks came to, beside pairs. It travels with what the task leaves behind, a map's through the shuffle and a
 * reduce's as its result, and not in Spark's accumulators: these count a task as often as it was run.
 */
record TaskReport(List<OutputFile> outputs, Counters counters, long recordsIn, long recordsOut) {
    static final TaskReport NONE = new TaskReport(List.of(), Counters.NONE, 0, 0);

    TaskReport {
        outputs = List.copyOf(outputs);
    }

    TaskReport plus(TaskReport other) {
        final List<OutputFile> both = new ArrayList<>(outputs);
        both.addAll(other.outputs);
        return new TaskReport(both, counters.plus(other.counters), recordsIn + other.recordsIn,
            recordsOut + other.recordsOut);
    }

    byte[] encode() throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(recordsIn);
            out.writeLong(recordsOut);
            out.writeInt(outputs.size());
            for (final OutputFile output : outputs) {
                out.writeUTF(output.name());
                out.writeUTF(output.temporary());
                out.writeLong(output.bytes());
            }
            out.writeInt(counters.values().size());
            for (final Map.Entry<String, Long> counter : counters.values().entrySet()) {
                out.writeUTF(counter.getKey());
                out.writeLong(counter.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** Reads what {@link #encode} wrote, from {@code offset} on. */
    static TaskReport decode(byte[] bytes, int offset) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(bytes, offset, bytes.length - offset))) {
            final long recordsIn = in.readLong();
            final long recordsOut = in.readLong();
            final List<OutputFile> outputs = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                outputs.add(new OutputFile(in.readUTF(), in.readUTF(), in.readLong()));
            }
            final TreeMap<String, Long> counters = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                counters.put(in.readUTF(), in.readLong());
            }
            return new TaskReport(outputs, new Counters(counters), recordsIn, recordsOut);
        }
    }
}
