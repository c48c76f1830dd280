package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import io.balsa.mapreduce.ReduceOutput;

/** One output of a reduce task: lines in a file under a temporary name. */
final class LineFile extends Lines implements AutoCloseable {
    private final ReduceOutputs outputs;
    private final String name;
    private final String temporary;
    private final FileChannel file;
    private long written;

    LineFile(ReduceOutputs outputs, Path directory, String name, String temporary) throws IOException {
        super(outputs.scope());
        this.outputs = outputs;
        this.name = name;
        this.temporary = temporary;
        file = FileChannel.open(directory.resolve(temporary), StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    String name() {
        return name;
    }

    String temporary() {
        return temporary;
    }

    /** The file's length, what is still in memory included. */
    long length() {
        return written + bytes.length();
    }

    @Override
    void full() {
        try {
            write();
        } catch (final IOException e) {
            throw outputs.lost(e);
        }
    }

    private void write() throws IOException {
        final ByteBuffer out = ByteBuffer.wrap(bytes.array(), 0, bytes.length());
        while (out.hasRemaining()) {
            file.write(out);
        }
        written += bytes.length();
        bytes.truncate(0);
    }

    /** Makes all lines durable. */
    void finish() throws IOException {
        write();
        file.force(false);
    }

    @Override
    public ReduceOutput named(String other) {
        return outputs.named(other);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
