package io.balsa.raft.spi;

/**
 * The disk failed or refused. After a failed write or force the log is poisoned: nothing it accepted since counts as
 * durable, nothing is tried again, and the node must stop.
 */
public final class StorageException extends RaftException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
