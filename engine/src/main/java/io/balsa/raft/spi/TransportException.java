package io.balsa.raft.spi;

/** The network side of this node cannot work at all: a port in use, no memory for buffers, a dead media driver. */
public final class TransportException extends RaftException {
    private static final long serialVersionUID = 1L;

    public TransportException(String message) {
        super(message);
    }

    public TransportException(String message, Throwable cause) {
        super(message, cause);
    }
}
