package io.balsa.mapreduce.task;

import java.util.List;

import io.balsa.mapreduce.JobSpec;

/**
 * One attempt of a reduce task.
 *
 * @param jobId   unique among all jobs that share directories
 * @param reduce  0 to R - 1
 * @param attempt unique for this task: the names of all files it writes carry it
 * @param runs    of each map task, in their order, what its accepted attempt wrote for this reduce task
 */
public record ReduceTask(long jobId, int reduce, int attempt, List<RunRef> runs, JobSpec spec) {
    public ReduceTask {
        runs = List.copyOf(runs);
    }
}
