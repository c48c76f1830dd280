package io.balsa.mapreduce.coordinator;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.Sums;
import io.balsa.mapreduce.wire.TaskKind;

/** Tells how jobs are: what the state says, and the times, which are this process's own. Any thread. */
final class StatusDesk {
    private final Leases leases;
    private final Map<Long, Span> spans = new HashMap<>();

    /** When a job was first seen, and when it was first seen to have ended; 0 before. */
    private record Span(long beganNs, long endedNs) {
    }

    StatusDesk(Leases leases) {
        this.leases = leases;
    }

    /** To be called often: times are as exact as that. */
    synchronized void update(Jobs jobs, long nowNs) {
        final Set<Long> known = new HashSet<>();
        for (final JobState job : jobs.byOrder().values()) {
            known.add(job.id());
            final Span span = spans.computeIfAbsent(job.id(), unseen -> new Span(nowNs, 0));
            if (!job.isRunning() && span.endedNs == 0) {
                spans.put(job.id(), new Span(span.beganNs, nowNs));
            }
        }
        spans.keySet().retainAll(known);
    }

    /** @param id 0: all */
    synchronized Answer look(long id, Jobs jobs, long nowNs) {
        final List<JobStatus> seen = jobs.byOrder().values().stream()
            .filter(job -> id == 0 || job.id() == id).map(job -> status(job, nowNs)).toList();
        return seen.isEmpty() && id != 0
            ? new Answer.Refused("there is no job " + JobId.format(id) + "; see 'mr status' for those there are")
            : new Answer.Seen(seen);
    }

    private JobStatus status(JobState job, long nowNs) {
        final Span span = spans.getOrDefault(job.id(), new Span(nowNs, 0));
        final long ageMs = TimeUnit.NANOSECONDS.toMillis((span.endedNs == 0 ? nowNs : span.endedNs) - span.beganNs);
        final Sums maps = sums(job.maps());
        final Sums reduces = sums(job.reduces());
        final Sums all = maps.plus(reduces);
        return new JobStatus(job.id(), job.submit().spec().decode().name(), job.ended(), job.message(),
            phase(job, TaskKind.MAP, maps, nowNs), phase(job, TaskKind.REDUCE, reduces, nowNs), job.losses(),
            workers(job), ageMs, etaMs(job, ageMs), all.examples(), all.counters());
    }

    /** As if all tasks took the same time: better than nothing, and worse than it looks. */
    private static long etaMs(JobState job, long ageMs) {
        final long done = (long) job.maps().done() + job.reduces().done();
        final long left = (long) job.maps().count() + job.reduces().count() - done;
        return !job.isRunning() ? 0 : done == 0 ? -1 : ageMs * left / done;
    }

    private JobStatus.Phase phase(JobState job, TaskKind kind, Sums sums, long nowNs) {
        final Tasks tasks = job.tasks(kind);
        int attempts = 0;
        int failures = 0;
        long bytes = 0;
        for (final Task task : tasks.tasks()) {
            attempts += task.issued();
            failures += task.failures();
            bytes += task.result().map(Result::bytes).orElse(0L);
        }
        int slowest = -1;
        long slowestNs = -1;
        for (final int number : tasks.running()) {
            for (final Attempt attempt : tasks.get(number).running()) {
                final long ageNs = leases.ageNs(new AttemptId(job.id(), kind, number, attempt.number()), nowNs);
                if (job.isRunning() && ageNs > slowestNs) {
                    slowest = number;
                    slowestNs = ageNs;
                }
            }
        }
        return new JobStatus.Phase(tasks.count(), tasks.done(), job.isRunning() ? tasks.running().size() : 0, attempts,
            failures, bytes, sums.recordsIn(), sums.recordsOut(), sums.skipped(), slowest,
            TimeUnit.NANOSECONDS.toMillis(Math.max(0, slowestNs)));
    }

    private static Sums sums(Tasks tasks) {
        Sums sums = Sums.NONE;
        for (final Task task : tasks.tasks()) {
            sums = task.result().isPresent() ? sums.plus(task.result().get().sums()) : sums;
        }
        return sums;
    }

    private static int workers(JobState job) {
        final Set<Claimant> slots = new HashSet<>();
        for (final TaskKind kind : TaskKind.values()) {
            for (final int number : job.tasks(kind).running()) {
                job.tasks(kind).get(number).running().forEach(attempt -> slots.add(attempt.claimant()));
            }
        }
        return job.isRunning() ? slots.size() : 0;
    }
}
