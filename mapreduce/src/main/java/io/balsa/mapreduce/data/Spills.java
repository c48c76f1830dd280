package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.task.MapTask;

/** The files of a map task that hold what did not fit into its memory, in the order in which they were filled. */
final class Spills implements AutoCloseable {
    /** Something that gives away sorted pairs. */
    @FunctionalInterface
    interface Source {
        void pour(PairSink sink) throws IOException;
    }

    private final Path directory;
    private final MapTask task;
    private final SegmentWriter segment;
    private final List<SpillFile> files = new ArrayList<>();
    private int named;

    Spills(Path directory, MapTask task, SegmentWriter segment) {
        this.directory = directory;
        this.task = task;
        this.segment = segment;
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /** Fills a further file. */
    void write(Source source) throws IOException {
        files.add(written(source));
    }

    private SpillFile written(Source source) throws IOException {
        final Path path = directory.resolve("spill-" + task.map() + "-" + named++ + "." + task.attempt());
        try (SpillFile.Writer writer = new SpillFile.Writer(path, task.spec().reduces(), segment)) {
            source.pour(writer);
            return writer.finish();
        } catch (final IOException | RuntimeException e) {
            new SpillFile(path, List.of()).delete();
            throw e;
        }
    }

    /** Hands over all pairs of all files, sorted, and removes the files. */
    void merge(PairSink sink) throws IOException {
        final int fanIn = FanIn.of(task.spec());
        while (files.size() > fanIn) {
            // Neighbours, and the result in their place: equal keys stay in the order in which they were emitted.
            for (int first = 0; first < files.size(); first++) {
                final List<SpillFile> group = files.subList(first, Math.min(first + fanIn, files.size()));
                final SpillFile merged = written(into -> merge(group, into));
                for (final SpillFile file : group) {
                    file.delete();
                }
                group.clear();
                files.add(first, merged);
            }
        }
        merge(files, sink);
        close();
    }

    private void merge(List<SpillFile> group, PairSink sink) throws IOException {
        for (int partition = 0; partition < task.spec().reduces(); partition++) {
            sink.beginPartition(partition);
            try (SegmentMerge merge = new SegmentMerge(group.size(), task.spec().sortValues())) {
                for (final SpillFile file : group) {
                    if (file.segments().get(partition).bytes() > 0) {
                        merge.open(file.path(), file.segments().get(partition));
                    }
                }
                merge.drain(sink);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (final SpillFile file : files) {
            file.delete();
        }
        files.clear();
    }
}
