package io.balsa.mapreduce.data;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.TaskContext;
import io.balsa.mapreduce.task.TaskAborted;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskFailed;

/** What the job's code may ask for while a task runs, and how the task learns that it is to stop. */
final class TaskScope implements TaskContext {
    /** Records or pairs after which the worker hears that the task is alive. */
    private static final int BEAT = 1 << 12;

    private final String name;
    private final JobSpec spec;
    private final TaskControl control;
    private final Map<String, long[]> counts = new HashMap<>();
    private int untilBeat = BEAT;

    /** @param name of the task, for messages */
    TaskScope(String name, JobSpec spec, TaskControl control) {
        this.name = name;
        this.spec = spec;
        this.control = control;
    }

    /** Another record or pair was dealt with. */
    void step() {
        if (--untilBeat == 0) {
            progress();
        }
    }

    @Override
    public void progress() {
        untilBeat = BEAT;
        control.progress();
        if (control.cancelled()) {
            throw new Ending(new TaskAborted(name + " was told to stop"));
        }
    }

    @Override
    public String option(String option, String otherwise) {
        return spec.options().getOrDefault(option, otherwise);
    }

    @Override
    public void count(String counter, long amount) {
        counts.computeIfAbsent(counter, added -> new long[1])[0] += amount;
    }

    Counters counters() {
        final Map<String, Long> values = new HashMap<>();
        counts.forEach((counter, count) -> values.put(counter, count[0]));
        return Counters.of(values);
    }


    @Override
    public <T> T blocking(Callable<T> call) throws Exception {
        return control.blocking(call);
    }

    /** A failure of this task, for a reason that is one line. */
    TaskFailed failed(String reason, Throwable cause) {
        return new TaskFailed(name + ": " + reason, cause);
    }

    /** Says how the job's code ended that threw {@code thrown}. */
    Ending ending(String where, Throwable thrown) {
        return thrown instanceof Ending ending ? ending : new Ending(failed(where + ": " + Reason.of(thrown), thrown));
    }
}
