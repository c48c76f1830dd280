package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

import io.balsa.mapreduce.JobCode;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.LostMapOutput;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;

/** One attempt of a reduce task. */
final class ReduceRun {
    /** What is known of a map task that is none: a file that this task wrote itself. */
    private static final int OWN = -1;

    private final ReduceTask task;
    private final JobSpec spec;
    private final TaskControl control;
    private final TaskScope scope;
    private final Path directory;
    private final List<Path> ownFiles = new ArrayList<>();

    ReduceRun(ReduceTask task, TaskControl control) {
        this.task = task;
        this.control = control;
        spec = task.spec();
        scope = new TaskScope("reduce " + task.reduce() + " of job " + spec.name(), spec, control);
        directory = JobFiles.workDir(spec, task.jobId());
    }

    /** A sorted file, and which map task wrote it. */
    private record Input(int map, Path path, Segment segment) {
    }

    ReduceResult run(JobCode code) throws TaskException {
        try {
            scope.progress();
            final List<Input> inputs = merged(inputs());
            try (SegmentMerge merge = open(inputs)) {
                return reduce(code, merge);
            } catch (final SegmentMerge.DamagedSegment e) {
                throw lost(inputs.get(e.index()), e);
            } catch (final Groups.LostRun e) {
                throw e.failure() instanceof SegmentMerge.DamagedSegment damaged
                    ? lost(inputs.get(damaged.index()), damaged) : scope.failed(Reason.of(e.failure()), e);
            }
        } catch (final Ending e) {
            throw e.end();
        } catch (final IOException | RuntimeException | OutOfMemoryError e) {
            throw scope.failed(Reason.of(e), e);
        } finally {
            removeOwnFiles();
        }
    }

    private List<Input> inputs() {
        final List<Input> inputs = new ArrayList<>();
        for (int map = 0; map < task.runs().size(); map++) {
            final RunRef run = task.runs().get(map);
            if (run.bytes() > 0) {
                inputs.add(new Input(map, directory.resolve(run.file()), new Segment(0, run.bytes(), run.crc())));
            }
        }
        return inputs;
    }

    /** Brings the number of files down to what can be merged at once: neighbours first, so that their order stays. */
    private List<Input> merged(List<Input> runs) throws IOException, TaskException {
        final int fanIn = FanIn.of(spec);
        List<Input> inputs = runs;
        while (inputs.size() > fanIn) {
            final List<Input> fewer = new ArrayList<>();
            for (int first = 0; first < inputs.size(); first += fanIn) {
                final List<Input> group = inputs.subList(first, Math.min(first + fanIn, inputs.size()));
                fewer.add(group.size() == 1 ? group.get(0) : mergedFile(group));
            }
            inputs = fewer;
        }
        return inputs;
    }

    private Input mergedFile(List<Input> group) throws IOException, TaskException {
        final Path path = directory.resolve("merge-" + task.reduce() + "-" + ownFiles.size() + "." + task.attempt());
        ownFiles.add(path);
        final SegmentWriter writer = new SegmentWriter();
        writer.begin(0);
        try (SegmentMerge merge = open(group);
                FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (merge.next()) {
                scope.step();
                final PairCursor pair = merge.current();
                writer.append(file, pair.array(), pair.keyOffset(), pair.keyLength(), pair.array(),
                    pair.valueOffset(), pair.valueLength());
            }
            final Input merged = new Input(OWN, path, writer.finish(file));
            for (final Input input : group) {
                if (input.map() == OWN) {
                    Files.delete(input.path());
                }
            }
            return merged;
        } catch (final SegmentMerge.DamagedSegment e) {
            throw lost(group.get(e.index()), e);
        }
    }

    private SegmentMerge open(List<Input> inputs) throws IOException, TaskException {
        final SegmentMerge merge = new SegmentMerge(inputs.size(), spec.sortValues());
        for (final Input input : inputs) {
            try {
                merge.open(input.path(), input.segment());
            } catch (final DamagedRunException e) {
                merge.close();
                throw lost(input, e);
            }
        }
        return merge;
    }

    private TaskException lost(Input input, IOException e) {
        return input.map() == OWN ? scope.failed(e.getMessage(), e)
            : new LostMapOutput(input.map(), e.getMessage(), e);
    }

    private ReduceResult reduce(JobCode code, SegmentMerge merge) throws IOException {
        final ReduceOutputs outputs = new ReduceOutputs(task, scope);
        boolean done = false;
        try (outputs) {
            final Groups groups = new Groups(merge, scope);
            final long count = Reducing.run(Reducing.reducer(code), groups, outputs.main(), scope, spec);
            outputs.throwIfLost();
            final List<OutputFile> files = finish(outputs);
            done = true;
            return new ReduceResult(files, scope.counters(), count, groups.values());
        } finally {
            if (!done) {
                outputs.discard();
            }
        }
    }

    private List<OutputFile> finish(ReduceOutputs outputs) throws IOException {
        try {
            return control.blocking(outputs::finish);
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) {
            throw new IOException("making the output durable was interrupted: " + e, e);
        }
    }

    private void removeOwnFiles() throws TaskException {
        try {
            for (final Path file : ownFiles) {
                Files.deleteIfExists(file);
            }
        } catch (final IOException e) {
            throw scope.failed("what it wrote cannot be removed: " + Reason.of(e), e);
        }
    }
}
