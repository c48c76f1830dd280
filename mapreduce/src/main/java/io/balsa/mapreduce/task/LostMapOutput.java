package io.balsa.mapreduce.task;

/** A run that a reduce task needs is not there, or not as its map task wrote it: that map task must run again. */
public final class LostMapOutput extends TaskException {
    private static final long serialVersionUID = 1;

    private final int map;

    public LostMapOutput(int map, String message, Throwable cause) {
        super(message, cause);
        this.map = map;
    }

    /** The map task, 0 to M - 1. */
    public int map() {
        return map;
    }
}
