package io.balsa.raft.spi;

/** Data that was once durable is damaged: the file, the place, and how to rebuild this server. */
public final class LogCorruptException extends RaftException {
    private static final long serialVersionUID = 1L;

    public LogCorruptException(String message) {
        super(message);
    }
}
