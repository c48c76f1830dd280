package io.balsa.mapreduce.wire;

/** Whether a job has ended, and how. */
public enum Ended {
    RUNNING, DONE, FAILED, CANCELLED;

    /** As one byte. */
    public int code() {
        return encoded().value();
    }

    /** What {@link #code} made. */
    public static Ended ofCode(int code) {
        return of(Ending.get((short) code));
    }

    static Ended of(Ending ending) {
        return switch (ending) {
            case RUNNING -> RUNNING;
            case DONE -> DONE;
            case FAILED -> FAILED;
            case CANCELLED -> CANCELLED;
            case NULL_VAL -> throw new IllegalArgumentException("an ending that this version does not know");
        };
    }

    Ending encoded() {
        return switch (this) {
            case RUNNING -> Ending.RUNNING;
            case DONE -> Ending.DONE;
            case FAILED -> Ending.FAILED;
            case CANCELLED -> Ending.CANCELLED;
        };
    }
}
