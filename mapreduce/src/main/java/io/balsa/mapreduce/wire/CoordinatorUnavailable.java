package io.balsa.mapreduce.wire;

/** No coordinator answered for as long as the asker would wait. The message is one line. */
public final class CoordinatorUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CoordinatorUnavailable(String message) {
        super(message);
    }
}
