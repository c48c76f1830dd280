package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.Partitioner;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;

/** One attempt of a map task. */
final class MapRun {
    private final MapTask task;
    private final JobSpec spec;
    private final TaskScope scope;
    private final Mapping mapping;
    private final Path directory;

    MapRun(MapTask task, TaskControl control) {
        this.task = task;
        spec = task.spec();
        scope = new TaskScope("map " + task.map() + " of job " + spec.name(), spec, control);
        mapping = new Mapping(spec, control, scope);
        directory = JobFiles.workDir(spec, task.jobId());
    }

    MapResult run(JobCode code) throws TaskException {
        boolean done = false;
        try {
            scope.progress();
            Files.createDirectories(directory);
            final MapResult result = map(code);
            done = true;
            return result;
        } catch (final Ending e) {
            throw e.end();
        } catch (final TaskException e) {
            throw e;
        } catch (final Exception | OutOfMemoryError | StackOverflowError | LinkageError | AssertionError e) {
            throw scope.failed(Reason.of(e), e);
        } finally {
            if (!done) {
                removeRuns();
            }
        }
    }

    private MapResult map(JobCode code) throws Exception {
        final Partitioner partitioner = code.partitioner();
        partitioner.open(scope);
        try (MapStore store = new MapStore(task, code, new Partitions(partitioner, spec.reduces()),
                spec.taskMemory() - SplitReader.memoryOf(spec), directory)) {
            final MapSink sink = new MapSink(scope, store, code.hasNumbers());
            mapping.run(task.split(), code, sink);
            final List<RunRef> runs = store.finish();
            return new MapResult(runs, scope.counters(), mapping.recordsIn(), sink.emitted(), mapping.skipped());
        }
    }

    private void removeRuns() throws TaskException {
        try {
            for (int reduce = 0; reduce < spec.reduces(); reduce++) {
                Files.deleteIfExists(directory.resolve(JobFiles.run(task.map(), reduce, task.attempt())));
            }
        } catch (final IOException e) {
            throw scope.failed("what it wrote cannot be removed: " + Reason.of(e), e);
        }
    }
}
