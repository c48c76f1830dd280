package io.balsa.mapreduce;

/** A job ended without its outputs; none was published. The message is one line. */
public final class JobFailedException extends Exception {
    private static final long serialVersionUID = 1;

    public JobFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
