package io.balsa.mapreduce.task;

/** The task was told to stop. */
public final class TaskAborted extends TaskException {
    private static final long serialVersionUID = 1;

    public TaskAborted(String message) {
        super(message, null);
    }
}
