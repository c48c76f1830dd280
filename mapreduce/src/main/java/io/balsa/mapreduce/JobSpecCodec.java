package io.balsa.mapreduce;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

import io.balsa.mapreduce.JobSpec.JobClasses;

/** A job in bytes: a version, then its components in their order, an absent class as an empty name. */
final class JobSpecCodec {
    private static final int VERSION = 1;

    private JobSpecCodec() {
    }

    static byte[] encode(JobSpec spec) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(spec.name());
            out.writeUTF(spec.classes().mapper());
            out.writeUTF(spec.classes().reducer());
            out.writeUTF(spec.classes().combiner().orElse(""));
            out.writeUTF(spec.classes().partitioner().orElse(""));
            out.writeUTF(spec.classes().keyCodec());
            out.writeUTF(spec.classes().valueCodec());
            write(spec.jars(), out);
            out.writeUTF(spec.format().name());
            write(spec.inputs(), out);
            out.writeInt(spec.reduces());
            out.writeUTF(spec.outDir());
            out.writeUTF(spec.workDir());
            out.writeLong(spec.taskMemory());
            out.writeLong(spec.splitBytes());
            out.writeBoolean(spec.lab());
            out.writeBoolean(spec.sortValues());
            out.writeInt(spec.maxSkipped());
            out.writeInt(spec.maxAttempts());
            out.writeLong(spec.taskTimeoutMs());
            out.writeBoolean(spec.backups());
            out.writeInt(spec.options().size());
            for (final Map.Entry<String, String> option : spec.options().entrySet()) {
                out.writeUTF(option.getKey());
                out.writeUTF(option.getValue());
            }
        } catch (final IOException e) {
            // Nothing but a name beyond 64 KiB fails to be written into memory.
            throw new InvalidJobException("a name or path of job " + spec.name() + " is too long; shorten it", e);
        }
        return bytes.toByteArray();
    }

    static JobSpec decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            final int version = in.readByte();
            if (version != VERSION) {
                throw new InvalidJobException("a job is written in version " + version + ", this program reads version "
                    + VERSION + "; use the same program everywhere");
            }
            final String name = in.readUTF();
            final JobClasses classes = new JobClasses(in.readUTF(), in.readUTF(), present(in.readUTF()),
                present(in.readUTF()), in.readUTF(), in.readUTF());
            return new JobSpec(name, classes, readList(in), InputFormat.valueOf(in.readUTF()), readList(in),
                in.readInt(), in.readUTF(), in.readUTF(), in.readLong(), in.readLong(), in.readBoolean(),
                in.readBoolean(), in.readInt(), in.readInt(), in.readLong(), in.readBoolean(), readOptions(in));
        } catch (final IOException | UncheckedIOException e) {
            throw new InvalidJobException("a job's description ends in its midst; submit the job again", e);
        }
    }

    private static Optional<String> present(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    private static void write(List<String> list, DataOutputStream out) throws IOException {
        out.writeInt(list.size());
        for (final String element : list) {
            out.writeUTF(element);
        }
    }

    private static List<String> readList(DataInputStream in) throws IOException {
        final int size = in.readInt();
        final List<String> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(in.readUTF());
        }
        return list;
    }

    private static NavigableMap<String, String> readOptions(DataInputStream in) throws IOException {
        final int size = in.readInt();
        final NavigableMap<String, String> options = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            options.put(in.readUTF(), in.readUTF());
        }
        return options;
    }
}
