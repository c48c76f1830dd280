package io.balsa.mapreduce.coordinator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.Request.Submit;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.TaskKind;

/**
 * One job. Never changes; each step makes another one. Reduces begin when all maps are done, and wait again where a
 * map's output is lost.
 *
 * @param submit  what was asked for
 * @param losses  how often a map's output was lost
 * @param message why it failed, empty unless it did
 */
record JobState(Submit submit, Tasks maps, Tasks reduces, int losses, Ended ended, String message) {
    static JobState of(Submit submit) {
        return new JobState(submit, Tasks.of(submit.splits().size()), Tasks.of(submit.reduces()), 0, Ended.RUNNING, "");
    }

    long id() {
        return submit.job();
    }

    boolean isRunning() {
        return ended == Ended.RUNNING;
    }

    /** Whether all tasks are done, and their outputs wait for their names. */
    boolean isPublishing() {
        return isRunning() && reduces.isDone();
    }

    Tasks tasks(TaskKind kind) {
        return kind == TaskKind.MAP ? maps : reduces;
    }

    /** The kind of tasks that are handed out now. */
    TaskKind phase() {
        return maps.isDone() ? TaskKind.REDUCE : TaskKind.MAP;
    }

    /** Whether what such a task reads is there: a reduce reads the output of all maps, some of which may be lost. */
    boolean canRun(TaskKind kind) {
        return kind == TaskKind.MAP || maps.isDone();
    }

    boolean knows(AttemptId id) {
        return tasks(id.kind()).has(id.task());
    }

    Task task(AttemptId id) {
        return tasks(id.kind()).get(id.task());
    }

    /** What this worker could be given now. */
    Optional<Integer> next(long worker) {
        return isRunning() ? tasks(phase()).next(worker) : Optional.empty();
    }

    /** What this slot was given under this number, if that has not ended. */
    Optional<AttemptId> given(Claimant claimant, long claim) {
        for (final TaskKind kind : TaskKind.values()) {
            final Optional<Integer> number = tasks(kind).given(claimant, claim);
            if (number.isPresent()) {
                final Attempt attempt = tasks(kind).get(number.get()).running(claimant, claim).orElseThrow();
                return Optional.of(new AttemptId(id(), kind, number.get(), attempt.number()));
            }
        }
        return Optional.empty();
    }

    JobState with(TaskKind kind, int number, Task task) {
        return kind == TaskKind.MAP
            ? new JobState(submit, maps.with(number, task), reduces, losses, ended, message)
            : new JobState(submit, maps, reduces.with(number, task), losses, ended, message);
    }

    JobState withLoss() {
        return new JobState(submit, maps, reduces, losses + 1, ended, message);
    }

    JobState ended(Ended how, String why) {
        return new JobState(submit, maps, reduces, losses, how, why);
    }

    /** What a worker needs in order to run this attempt. */
    Answer assignment(AttemptId id) {
        return switch (id.kind()) {
            case MAP -> new Answer.RunMap(id, submit.flags(), submit.spec(), submit.splits().get(id.task()));
            case REDUCE -> new Answer.RunReduce(id, submit.flags(), submit.spec(), runs(id.task()));
        };
    }

    /** What the reduces wrote. */
    List<OutputFile> outputs() {
        final List<OutputFile> outputs = new ArrayList<>();
        for (final Task task : reduces.tasks()) {
            if (task.result().orElse(null) instanceof Result.OfReduce result) {
                outputs.addAll(result.outputs());
            }
        }
        return outputs;
    }

    long digest() {
        return Mix.of(Mix.of(id(), Mix.of(submit.spec().bytes())), Mix.of(Mix.of(maps.digest(), reduces.digest()),
            Mix.of(Mix.of(losses, ended.code()), Mix.of(message))));
    }

    /** One from each map: all are done when reduces are handed out. */
    private List<Run> runs(int reduce) {
        final List<Run> runs = new ArrayList<>(maps.count());
        for (final Task map : maps.tasks()) {
            if (!(map.result().orElse(null) instanceof Result.OfMap result)) {
                throw new IllegalStateException("reduce " + reduce + " is handed out and a map is not done");
            }
            runs.add(result.runs().get(reduce));
        }
        return runs;
    }
}
