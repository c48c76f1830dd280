package io.balsa.mapreduce.wire;

/** Whether a job has ended, and how. */
public enum Ended {
    RUNNING, DONE, FAILED, CANCELLED;

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
        return Ending.get((short) ordinal());
    }
}
