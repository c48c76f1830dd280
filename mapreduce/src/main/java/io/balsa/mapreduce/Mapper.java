package io.balsa.mapreduce;

/**
 * Makes pairs out of records. One instance serves one attempt of one task, on one thread. Equal records must give equal
 * pairs: a task may run more than once.
 *
 * @param <K> see {@link Job#keys}
 * @param <V> see {@link Job#values}
 */
public interface Mapper<K, V> {
    /** Called once, before the first record. */
    default void open(TaskContext context) throws Exception {
    }

    /**
     * @param record only valid during the call
     * @throws Exception fails the attempt, or leaves out the record with all its pairs, see {@link Job#skipRecords}
     */
    void map(InputRecord record, MapOutput<K, V> output) throws Exception;

    /** Called once, after the last record; may emit. */
    default void close(MapOutput<K, V> output) throws Exception {
    }
}
