package io.balsa.mapreduce.data;

import io.balsa.mapreduce.InputRecord;
import io.balsa.mapreduce.task.TaskException;

/** Takes the records of a split. */
interface RecordConsumer {
    void accept(InputRecord record) throws TaskException;

    /** The bytes of all records so far are about to be overwritten. */
    void buffersChange() throws TaskException;
}
