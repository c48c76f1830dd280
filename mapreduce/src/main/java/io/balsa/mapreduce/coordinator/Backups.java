package io.balsa.mapreduce.coordinator;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.TaskKind;

/**
 * Finds tasks that run late, for slots with nothing else to do (section 3.6 of the paper): when most of a phase is
 * done and one attempt has taken twice as long as others did. Only for jobs that ask for it: a task that runs twice is
 * one that costs twice.
 */
final class Backups {
    /** Whatever the average: a task this young is not late. */
    private static final long LEAST_AGE_NS = TimeUnit.SECONDS.toNanos(2);
    /** In averages. */
    private static final int LATE = 2;

    private final Leases leases;

    Backups(Leases leases) {
        this.leases = leases;
    }

    Optional<Request.ClaimBackup> find(Request.Claim claim, Jobs jobs, long nowNs) {
        for (final JobState job : jobs.byOrder().values()) {
            if (job.isRunning() && job.submit().flags().backups()) {
                final Optional<Request.ClaimBackup> late = find(claim, job, nowNs);
                if (late.isPresent()) {
                    return late;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Request.ClaimBackup> find(Request.Claim claim, JobState job, long nowNs) {
        final TaskKind kind = job.phase();
        final Tasks tasks = job.tasks(kind);
        final OptionalLong average = leases.averageNs(job.id(), kind);
        if (average.isEmpty() || 2 * tasks.done() < tasks.count()) {
            return Optional.empty();
        }
        final long lateNs = Math.max(LEAST_AGE_NS, LATE * average.getAsLong());
        for (final int number : tasks.running()) {
            final Task task = tasks.get(number);
            final Attempt attempt = task.running().get(0);
            final long ageNs = leases.ageNs(new AttemptId(job.id(), kind, number, attempt.number()), nowNs);
            if (task.running().size() == 1 && ageNs >= lateNs
                && attempt.claimant().worker() != claim.claimant().worker()) {
                return Optional.of(
                    new Request.ClaimBackup(claim.claimant(), claim.number(), job.id(), kind, number));
            }
        }
        return Optional.empty();
    }
}
