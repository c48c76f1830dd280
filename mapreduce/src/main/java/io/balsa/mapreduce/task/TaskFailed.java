package io.balsa.mapreduce.task;

/**
 * The job's code threw, the input could not be read, or the disk refused to take more. Another attempt may do better.
 */
public final class TaskFailed extends TaskException {
    private static final long serialVersionUID = 1;

    public TaskFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
