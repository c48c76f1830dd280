package io.balsa.mapreduce.data;

import io.balsa.mapreduce.JobSpec;

/** How many sorted files a task merges at a time: each has a block in memory, and an open file. */
final class FanIn {
    private static final int LEAST = 4;
    private static final int MOST = 128;

    private FanIn() {
    }

    static int of(JobSpec spec) {
        return Math.clamp(spec.taskMemory() / 2 / Segment.BLOCK, LEAST, MOST);
    }
}
