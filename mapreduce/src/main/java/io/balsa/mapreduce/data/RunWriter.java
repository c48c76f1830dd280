package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import io.balsa.mapreduce.task.RunRef;

/** Writes a run out of pairs that come from elsewhere. */
public final class RunWriter implements AutoCloseable {
    private final String name;
    private final FileChannel file;
    private final SegmentWriter segment = new SegmentWriter();

    /** @param name of the run in {@code directory} */
    public RunWriter(Path directory, String name) throws IOException {
        this.name = name;
        file = FileChannel.open(directory.resolve(name), StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        segment.begin(0);
    }

    /** Appends a pair out of {@code bytes}, the value right behind the key; keys must come in their order. */
    public void append(byte[] bytes, int keyOffset, int keyLength, int valueLength) throws IOException {
        segment.append(file, bytes, keyOffset, keyLength, bytes, keyOffset + keyLength, valueLength);
    }

    /** Writes the rest, and returns what a reduce task needs to read the run. */
    public RunRef finish() throws IOException {
        final Segment whole = segment.finish(file);
        return new RunRef(name, whole.bytes(), whole.crc());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
