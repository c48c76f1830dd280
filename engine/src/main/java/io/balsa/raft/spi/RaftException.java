package io.balsa.raft.spi;

/**
 * Something a person has to act on. The message is one line: what happened, where, and what to do about it, fit to be
 * shown without the stack trace.
 */
public class RaftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RaftException(String message) {
        super(message);
    }

    public RaftException(String message, Throwable cause) {
        super(message, cause);
    }
}
