package io.balsa.mapreduce;

/** A {@link Reducer} that knows how its keys and values are encoded: nothing becomes an object on the way. */
public interface ByteReducer {
    /** Called once, before the first key. */
    default void open(TaskContext context) throws Exception {
    }

    /** @param group stands before its first value; only valid during the call */
    void reduce(ByteGroup group, ReduceOutput output) throws Exception;

    /** Called once, after the last key; may write. */
    default void close(ReduceOutput output) throws Exception {
    }
}
