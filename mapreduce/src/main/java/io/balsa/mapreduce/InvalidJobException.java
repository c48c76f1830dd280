package io.balsa.mapreduce;

/** A job that cannot run as it is described. The message is one line: what, where, what to do. */
public final class InvalidJobException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InvalidJobException(String message) {
        super(message);
    }

    public InvalidJobException(String message, Throwable cause) {
        super(message, cause);
    }
}
