package io.balsa.mapreduce.worker;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.SkippedRecord;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Coordination;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.TaskKind;

/**
 * Stands between a worker and a coordinator in the same process, and keeps of the attempts that count what a
 * coordinator has no room for: all records that were skipped, and what a failure was caused by. Any thread.
 */
final class Ledger implements TaskRunner, Coordination {
    private final TaskRunner tasks;
    private final Coordination coordination;
    private final Map<AttemptId, List<SkippedRecord>> skippedBy = new ConcurrentHashMap<>();
    private final Map<AttemptId, Throwable> failedBy = new ConcurrentHashMap<>();
    private final Map<Integer, List<SkippedRecord>> skipped = new ConcurrentSkipListMap<>();
    private final Map<Integer, List<OutputFile>> outputs = new ConcurrentSkipListMap<>();
    private volatile Optional<Throwable> lastFailure = Optional.empty();

    Ledger(TaskRunner tasks, Coordination coordination) {
        this.tasks = tasks;
        this.coordination = coordination;
    }

    /** By map, and within one in the order of the input. */
    List<SkippedRecord> skipped() {
        return skipped.values().stream().flatMap(List::stream).toList();
    }

    /** By reduce. */
    List<OutputFile> outputs() {
        return outputs.values().stream().flatMap(List::stream).toList();
    }

    /** What the last attempt threw that failed; where it only made no progress, nothing. */
    Optional<Throwable> lastFailure() {
        return lastFailure;
    }

    @Override
    public MapResult runMap(MapTask task, TaskControl control) throws TaskException {
        final AttemptId id = new AttemptId(task.jobId(), TaskKind.MAP, task.map(), task.attempt());
        try {
            final MapResult result = tasks.runMap(task, control);
            skippedBy.put(id, result.skipped());
            return result;
        } catch (TaskException | RuntimeException | Error e) {
            failedBy.put(id, e);
            throw e;
        }
    }

    @Override
    public ReduceResult runReduce(ReduceTask task, TaskControl control) throws TaskException {
        try {
            return tasks.runReduce(task, control);
        } catch (TaskException | RuntimeException | Error e) {
            failedBy.put(new AttemptId(task.jobId(), TaskKind.REDUCE, task.reduce(), task.attempt()), e);
            throw e;
        }
    }

    @Override
    public CompletableFuture<Answer> ask(Request request) {
        return coordination.ask(request).thenApply(answer -> {
            if (answer == Answer.Heard.ACCEPTED) {
                onAccepted(request);
            }
            return answer;
        });
    }

    /** Of a map that ran again since its output was lost, the later one counts. */
    private void onAccepted(Request request) {
        switch (request) {
            case Request.MapDone done -> skipped.put(done.attempt().task(), skippedBy.get(done.attempt()));
            case Request.ReduceDone done -> outputs.put(done.attempt().task(), done.outputs());
            case Request.TaskFailed failed -> lastFailure = Optional.ofNullable(failedBy.get(failed.attempt()));
            default -> {
                // says nothing about a result
            }
        }
    }
}
