package io.balsa.mapreduce.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

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
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.CoordinatorUnavailable;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.Sums;
import io.balsa.mapreduce.wire.TaskKind;

/** Takes one task after the other, on a virtual thread of its own. */
final class Slot {
    /** After a task of its own has failed: where another worker is idle, that one takes it. */
    private static final long PAUSE_AFTER_FAILURE_MS = 300;

    private final Worker worker;
    private final Claimant claimant;
    /**
     * Of the claim. It is counted on only when it was given something: copies of a claim may be under way, and one that
     * was given a task may be overtaken by the word that another found none. Asked again, the same number is told.
     */
    private long number = 1;

    Slot(Worker worker, Claimant claimant) {
        this.worker = worker;
        this.claimant = claimant;
    }

    /** Runs tasks until the service ends, or the worker does. */
    void run() throws InterruptedException {
        while (!worker.isEnding()) {
            switch (ask(new Request.Claim(claimant, number))) {
                case Answer.RunMap map -> {
                    number++;
                    final JobSpec spec = map.spec().decode();
                    execute(new RunningTask(map.attempt(), map.flags(), spec, worker.permits()),
                        control -> runMap(map, spec, control));
                }
                case Answer.RunReduce reduce -> {
                    number++;
                    final JobSpec spec = reduce.spec().decode();
                    execute(new RunningTask(reduce.attempt(), reduce.flags(), spec, worker.permits()),
                        control -> runReduce(reduce, spec, control));
                }
                case Answer.Nothing nothing -> {
                    if (nothing.ended()) {
                        worker.end();
                        return;
                    }
                    Thread.sleep(nothing.pauseMs());
                }
                case Answer.Heard.STALE -> number++; // the task ended before it was heard of
                case Answer other -> throw new IllegalStateException("asked for a task and was answered " + other);
            }
        }
    }

    /** One attempt: what it comes to, as it is reported. */
    @FunctionalInterface
    private interface Work {
        Request.Command run(RunningTask control) throws TaskException;
    }

    /** The attempt counts as running until its report was heard: until then its lease must not run out. */
    private void execute(RunningTask control, Work work) throws InterruptedException {
        worker.begin(control);
        try {
            final Optional<Request.Command> report = attempt(control, work);
            if (report.isPresent() && ask(report.get()) == Answer.Heard.STALE) {
                removeFiles(report.get(), control.spec());
            }
            if (report.isPresent() && report.get() instanceof Request.TaskFailed) {
                Thread.sleep(PAUSE_AFTER_FAILURE_MS);
            }
        } finally {
            worker.finished(control);
        }
    }

    private Optional<Request.Command> attempt(RunningTask control, Work work) throws InterruptedException {
        worker.permits().acquire();
        control.begin();
        try {
            return Optional.of(work.run(control));
        } catch (TaskException | RuntimeException | Error e) {
            return failure(control, e);
        } finally {
            control.end();
            worker.permits().release();
        }
    }

    /** Of what was cancelled nobody wants to hear, except where it was for lack of progress. */
    private Optional<Request.Command> failure(RunningTask control, Throwable e) {
        if (control.cancelled() && control.timedOut().isEmpty()) {
            return Optional.empty();
        }
        final String message = control.timedOut().isEmpty() && e instanceof TaskException
            ? e.getMessage() : nameOf(control.id()) + ": " + control.timedOut().orElseGet(e::toString);
        return Optional.of(new Request.TaskFailed(control.id(), claimant.worker(), oneLine(message)));
    }

    private static String oneLine(String message) {
        return String.valueOf(message).lines().findFirst().orElse("no reason was given");
    }

    private static String nameOf(AttemptId id) {
        return (id.kind() == TaskKind.MAP ? "map " : "reduce ") + id.task();
    }

    private Request.Command runMap(Answer.RunMap map, JobSpec spec, RunningTask control) throws TaskException {
        final AttemptId id = map.attempt();
        final MapResult result = worker.tasks().runMap(
            new MapTask(id.job(), id.task(), id.attempt(), map.split(), spec), control);
        return new Request.MapDone(id,
            result.runs().stream().map(run -> new Run(id.attempt(), run.bytes(), run.crc())).toList(),
            new Sums(result.recordsIn(), result.recordsOut(), result.skipped().size(),
                result.skipped().stream().map(SkippedRecord::toString).toList(), result.counters()));
    }

    private Request.Command runReduce(Answer.RunReduce reduce, JobSpec spec, RunningTask control)
        throws TaskException {
        final AttemptId id = reduce.attempt();
        final List<RunRef> runs = IntStream.range(0, reduce.runs().size()).mapToObj(map -> {
            final Run run = reduce.runs().get(map);
            return new RunRef(JobFiles.run(map, id.task(), run.attempt()), run.bytes(), run.crc());
        }).toList();
        try {
            final ReduceResult result =
                worker.tasks().runReduce(new ReduceTask(id.job(), id.task(), id.attempt(), runs, spec), control);
            return new Request.ReduceDone(id, result.outputs(),
                new Sums(result.recordsIn(), result.groups(), 0, List.of(), result.counters()));
        } catch (LostMapOutput e) {
            return new Request.RunLost(id, e.map(), reduce.runs().get(e.map()).attempt(), oneLine(e.getMessage()));
        }
    }

    /** The attempt came too late. Its files bear its own number, so nobody else's go with them. */
    private static void removeFiles(Request.Command report, JobSpec spec) {
        switch (report) {
            case Request.MapDone done -> {
                final Path folder = JobFiles.workDir(spec, done.attempt().job());
                for (int reduce = 0; reduce < done.runs().size(); reduce++) {
                    remove(folder.resolve(
                        JobFiles.run(done.attempt().task(), reduce, done.attempt().attempt())));
                }
            }
            case Request.ReduceDone done -> {
                for (final OutputFile output : done.outputs()) {
                    remove(Path.of(spec.outDir(), output.temporary()));
                }
            }
            default -> {
                // what failed has removed its files itself
            }
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // the coordinator tries again when the job has ended
        }
    }

    private Answer ask(Request request) {
        try {
            return worker.coordination().ask(request).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CoordinatorUnavailable unavailable) {
                throw new CoordinatorUnavailable(unavailable.getMessage());
            }
            throw e;
        }
    }
}
