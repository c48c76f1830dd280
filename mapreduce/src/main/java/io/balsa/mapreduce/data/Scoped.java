package io.balsa.mapreduce.data;

import java.util.concurrent.Callable;

import io.balsa.mapreduce.TaskContext;

/** An output that offers what its task's context does. */
abstract class Scoped implements TaskContext {
    private final TaskContext context;

    Scoped(TaskContext context) {
        this.context = context;
    }

    @Override
    public final String option(String name, String otherwise) {
        return context.option(name, otherwise);
    }

    @Override
    public final void count(String name, long amount) {
        context.count(name, amount);
    }

    @Override
    public final void progress() {
        context.progress();
    }

    @Override
    public final <T> T blocking(Callable<T> call) throws Exception {
        return context.blocking(call);
    }
}
