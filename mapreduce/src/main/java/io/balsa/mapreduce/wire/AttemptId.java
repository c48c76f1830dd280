package io.balsa.mapreduce.wire;

import java.util.Comparator;

/**
 * One run of one task. No two runs share it, whatever becomes of workers and coordinators: a job's id is never drawn
 * twice, and attempts are counted in the replicated state. It is in the names of the files that the run writes and in
 * all that is said about it, and so keeps those apart whom nobody wants any more.
 *
 * @param attempt 1 for the task's first
 */
public record AttemptId(long job, TaskKind kind, int task, int attempt) implements Comparable<AttemptId> {
    private static final Comparator<AttemptId> ORDER = Comparator.comparingLong(AttemptId::job)
        .thenComparing(AttemptId::kind).thenComparingInt(AttemptId::task).thenComparingInt(AttemptId::attempt);

    @Override
    public int compareTo(AttemptId other) {
        return ORDER.compare(this, other);
    }
}
