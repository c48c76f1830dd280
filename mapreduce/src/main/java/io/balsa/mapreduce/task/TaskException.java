package io.balsa.mapreduce.task;

/** A task ended without a result, and has removed what it wrote. The message is one line and names the task. */
public abstract sealed class TaskException extends Exception permits TaskFailed, TaskAborted, LostMapOutput {
    private static final long serialVersionUID = 1;

    TaskException(String message, Throwable cause) {
        super(message, cause);
    }
}
