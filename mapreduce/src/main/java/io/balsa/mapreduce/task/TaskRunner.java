package io.balsa.mapreduce.task;

/** Runs tasks, each on the calling thread; any number of them at the same time. */
public interface TaskRunner {
    /**
     * Reads the split and leaves sorted runs in the job's work directory.
     *
     * @throws TaskFailed  if the mapper threw, the input could not be read or the disk is full
     * @throws TaskAborted if {@code control} said so
     */
    MapResult runMap(MapTask task, TaskControl control) throws TaskException;

    /**
     * Merges the runs and leaves durable outputs, under their temporary names, in the output directory.
     *
     * @throws LostMapOutput if a run is missing or damaged
     * @throws TaskFailed    if the reducer threw or the disk is full
     * @throws TaskAborted   if {@code control} said so
     */
    ReduceResult runReduce(ReduceTask task, TaskControl control) throws TaskException;
}
