package io.balsa.mapreduce.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
    /** After so many records or pairs, a power of two, a task that is to stop finds out. */
    private static final int BEAT = 1 << 12;
    private static final VarHandle STEPS;

    static {
        try {
            STEPS = MethodHandles.lookup().findVarHandle(TaskScope.class, "steps", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final JobSpec spec;
    private final TaskControl control;
    private final Map<String, long[]> counts = new HashMap<>();
    private long steps;

    /** @param name of the task, for messages */
    TaskScope(String name, JobSpec spec, TaskControl control) {
        this.name = name;
        this.spec = spec;
        this.control = control;
        control.watch(() -> (long) STEPS.getOpaque(this));
    }

    /** Another record or pair was dealt with. */
    void step() {
        final long next = steps + 1;
        STEPS.setOpaque(this, next); // costs what a plain one does, and is seen by who watches
        if ((next & (BEAT - 1)) == 0) {
            progress();
        }
    }

    @Override
    public void progress() {
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
