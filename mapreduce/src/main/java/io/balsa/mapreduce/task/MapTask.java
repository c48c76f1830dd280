package io.balsa.mapreduce.task;

import io.balsa.mapreduce.JobSpec;

/**
 * One attempt of a map task.
 *
 * @param jobId   unique among all jobs that share directories
 * @param map     0 to M - 1
 * @param attempt unique for this task: the names of all files it writes carry it
 */
public record MapTask(long jobId, int map, int attempt, Split split, JobSpec spec) {
}
