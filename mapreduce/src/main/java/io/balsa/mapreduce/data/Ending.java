package io.balsa.mapreduce.data;

import io.balsa.mapreduce.task.TaskException;

/** Carries the end of a task through the job's own code, which cannot know of it. */
final class Ending extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final TaskException end;

    Ending(TaskException end) {
        super(end.getMessage(), end);
        this.end = end;
    }

    TaskException end() {
        return end;
    }
}
