package io.balsa.mapreduce.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.JobFailedException;
import io.balsa.mapreduce.JobResult;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.JobFiles;
import io.balsa.mapreduce.task.LostMapOutput;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.task.TaskFailed;
import io.balsa.mapreduce.task.TaskRunner;

/**
 * Runs a job in this process: map tasks, then reduce tasks, a few at a time. A task that fails is tried again; a run
 * that is found damaged has its map task run again.
 */
public final class LocalRun {
    private static final SecureRandom JOB_IDS = new SecureRandom();

    private final JobSpec spec;
    private final int threads;
    private final TaskRunner tasks;
    private final long jobId = JOB_IDS.nextLong();
    private final List<Split> splits;
    private final MapResult[] maps;
    private final ReduceResult[] reduces;
    private final int[] mapAttempts;

    /** @param threads how many tasks run at a time */
    public LocalRun(JobSpec spec, int threads) {
        this(spec, threads, new Tasks());
    }

    LocalRun(JobSpec spec, int threads, TaskRunner tasks) {
        this.spec = spec;
        this.threads = threads;
        this.tasks = tasks;
        splits = Splits.of(spec);
        maps = new MapResult[splits.size()];
        mapAttempts = new int[splits.size()];
        reduces = new ReduceResult[spec.reduces()];
    }

    /**
     * @throws JobFailedException   if a task failed as often as the job allows; nothing was published
     * @throws InterruptedException if the calling thread was interrupted; all tasks have ended
     */
    public JobResult run() throws JobFailedException, InterruptedException {
        try {
            Crew.run(threads, maps.length, this::map);
            Crew.run(threads, reduces.length, this::reduce);
            final List<Path> outputs = Publication.publish(Path.of(spec.outDir()),
                Arrays.stream(reduces).flatMap(reduce -> reduce.outputs().stream()).toList());
            return result(outputs);
        } catch (final IOException e) {
            throw new JobFailedException("the outputs of job " + spec.name() + " cannot be published: "
                + Reason.of(e), e);
        } finally {
            removeTemporaries();
        }
    }

    /** The runs of one map task are made by one thread at a time, also when several reduce tasks miss one of them. */
    private void map(int map, TaskControl control) throws TaskException {
        synchronized (splits.get(map)) {
            while (true) {
                final int attempt = mapAttempts[map]++;
                try {
                    maps[map] = tasks.runMap(new MapTask(jobId, map, attempt, splits.get(map), spec), control);
                    return;
                } catch (final TaskFailed e) {
                    if (attempt + 1 >= spec.maxAttempts()) {
                        throw e;
                    }
                }
            }
        }
    }

    private void reduce(int reduce, TaskControl control) throws TaskException {
        for (int attempt = 0; true; attempt++) {
            final MapResult[] before = results();
            final List<RunRef> runs = Arrays.stream(before).map(result -> result.runs().get(reduce)).toList();
            try {
                reduces[reduce] = tasks.runReduce(new ReduceTask(jobId, reduce, attempt, runs, spec), control);
                return;
            } catch (final TaskFailed e) {
                if (attempt + 1 >= spec.maxAttempts()) {
                    throw e;
                }
            } catch (final LostMapOutput e) {
                if (attempt + 1 >= spec.maxAttempts()) {
                    throw e;
                }
                mapAgain(e.map(), before[e.map()], control);
            }
        }
    }

    private MapResult[] results() {
        final MapResult[] results = new MapResult[maps.length];
        for (int map = 0; map < results.length; map++) {
            synchronized (splits.get(map)) {
                results[map] = maps[map];
            }
        }
        return results;
    }

    private void mapAgain(int map, MapResult lost, TaskControl control) throws TaskException {
        synchronized (splits.get(map)) {
            if (maps[map] == lost) {
                map(map, control);
            }
        }
    }

    private JobResult result(List<Path> outputs) {
        Counters counters = Counters.NONE;
        final List<SkippedRecord> skipped = new ArrayList<>();
        for (final MapResult map : maps) {
            counters = counters.plus(map.counters());
            skipped.addAll(map.skipped());
        }
        for (final ReduceResult reduce : reduces) {
            counters = counters.plus(reduce.counters());
        }
        return new JobResult(outputs, counters, Arrays.stream(maps).mapToLong(MapResult::recordsIn).sum(),
            Arrays.stream(maps).mapToLong(MapResult::recordsOut).sum(), skipped);
    }

    private void removeTemporaries() throws JobFailedException {
        try {
            final Path directory = JobFiles.workDir(spec, jobId);
            if (Files.isDirectory(directory)) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                    for (final Path file : files) {
                        Files.delete(file);
                    }
                }
                Files.delete(directory);
            }
            // Published outputs no longer have these names.
            for (final ReduceResult reduce : reduces) {
                if (reduce != null) {
                    for (final OutputFile output : reduce.outputs()) {
                        Files.deleteIfExists(Path.of(spec.outDir()).resolve(output.temporary()));
                    }
                }
            }
        } catch (final IOException e) {
            throw new JobFailedException("temporary files of job " + spec.name() + " cannot be removed: "
                + Reason.of(e), e);
        }
    }
}
