package io.balsa.mapreduce.wire;

/** The two kinds of tasks, in the order in which a job runs them. */
public enum TaskKind {
    MAP, REDUCE;

    static TaskKind of(Kind kind) {
        return switch (kind) {
            case MAP -> MAP;
            case REDUCE -> REDUCE;
            case NULL_VAL -> throw new IllegalArgumentException("a kind of task that this version does not know");
        };
    }

    Kind encoded() {
        return this == MAP ? Kind.MAP : Kind.REDUCE;
    }
}
