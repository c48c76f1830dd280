package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

import io.balsa.mapreduce.task.RunRef;

/** Reads a run pair by pair, for those who carry its pairs elsewhere. */
public final class RunPairs implements AutoCloseable {
    private final SegmentReader reader;

    /** @throws IOException if the run in {@code directory} is missing or shorter than it was */
    public RunPairs(Path directory, RunRef run) throws IOException {
        reader = new SegmentReader(directory.resolve(run.file()), new Segment(0, run.bytes(), run.crc()));
    }

    /**
     * Goes on to the next pair; false behind the last one.
     *
     * @throws IOException if the run is damaged
     */
    public boolean next() throws IOException {
        return reader.next();
    }

    /** Returns the pair's key, encoded. */
    public byte[] key() {
        return Arrays.copyOfRange(reader.array(), reader.keyOffset(), reader.keyOffset() + reader.keyLength());
    }

    /** Returns the pair's value, encoded. */
    public byte[] value() {
        return Arrays.copyOfRange(reader.array(), reader.valueOffset(), reader.valueOffset() + reader.valueLength());
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
