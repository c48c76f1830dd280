package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.RunRef;

/** Writes what a map task leaves behind: a run for each reduce task, and no file where there is nothing. */
final class RunFiles implements PairSink, AutoCloseable {
    private final Path directory;
    private final MapTask task;
    private final SegmentWriter segment;
    private final RunRef[] runs;
    private int partition = -1;
    private FileChannel file;

    RunFiles(Path directory, MapTask task, SegmentWriter segment) {
        this.directory = directory;
        this.task = task;
        this.segment = segment;
        runs = new RunRef[task.spec().reduces()];
        Arrays.setAll(runs, reduce -> new RunRef(JobFiles.run(task.map(), reduce, task.attempt()), 0, 0));
    }

    @Override
    public void beginPartition(int next) throws IOException {
        endPartition();
        partition = next;
    }

    @Override
    public void pair(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength)
        throws IOException {
        if (file == null) {
            file = FileChannel.open(directory.resolve(runs[partition].file()), StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            segment.begin(0);
        }
        segment.append(file, key, keyOffset, keyLength, value, valueOffset, valueLength);
    }

    private void endPartition() throws IOException {
        if (file != null) {
            final Segment whole = segment.finish(file);
            runs[partition] = new RunRef(runs[partition].file(), whole.bytes(), whole.crc());
            closeFile();
        }
    }

    List<RunRef> finish() throws IOException {
        endPartition();
        return List.of(runs);
    }

    private void closeFile() throws IOException {
        final FileChannel closing = file;
        file = null;
        closing.close();
    }

    @Override
    public void close() throws IOException {
        segment.abandon();
        if (file != null) {
            closeFile();
        }
    }
}
