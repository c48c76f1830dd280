package io.balsa.mapreduce;

/** A {@link Mapper} that knows how its keys and values are encoded: nothing becomes an object on the way. */
public interface ByteMapper {
    /** Called once, before the first record. */
    default void open(TaskContext context) throws Exception {
    }

    /** @param record only valid during the call */
    void map(InputRecord record, ByteOutput output) throws Exception;

    /** Called once, after the last record; may emit. */
    default void close(ByteOutput output) throws Exception {
    }
}
