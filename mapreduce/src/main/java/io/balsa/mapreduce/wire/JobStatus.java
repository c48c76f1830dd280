package io.balsa.mapreduce.wire;

import java.util.List;

import io.balsa.mapreduce.Counters;

/**
 * How a job is, as its coordinator sees it.
 *
 * @param name    as its specification says
 * @param message why it failed; else empty
 * @param losses  how often a finished map's output was found missing or damaged, and the map run again
 * @param workers how many slots of workers have a task of this job now
 * @param ageMs   since this leader first saw it, and for an ended one until it ended
 * @param skipped some of the records that were skipped, a line each
 * @param etaMs   how long it may last yet, judged by what is done; -1 if nothing can be said
 */
public record JobStatus(long job, String name, Ended ended, String message, Phase map, Phase reduce, int losses,
                        int workers, long ageMs, long etaMs, List<String> skipped, Counters counters) {
    /**
     * One half of a job.
     *
     * @param attempts    how many were handed out
     * @param failures    how many of those ended with an error
     * @param bytes       written by the attempts that won
     * @param slowestTask the task that has been running for longest, -1 if none runs
     * @param slowestMs   for how long
     */
    public record Phase(int tasks, int done, int running, int attempts, int failures, long bytes, long recordsIn,
                        long recordsOut, long skipped, int slowestTask, long slowestMs) {
        public boolean isDone() {
            return done == tasks;
        }
    }

    /** Whether all tasks are done and the outputs are being given their names. */
    public boolean isPublishing() {
        return ended == Ended.RUNNING && map.isDone() && reduce.isDone();
    }
}
