package io.balsa.mapreduce.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.TaskKind;

/**
 * The leader's clocks: until when each worker's word is believed, and how long attempts take. None of it is replicated.
 * A new leader knows no lease, so it gives each attempt a whole one, in which its worker says that it still runs: no
 * task is handed out again because a leader has died. Any thread.
 */
final class Leases {
    private static final long LEAST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long leaseNs;
    /** Longer between two looks, and this process was stopped, not the workers. */
    private final long pauseNs;
    private final Map<AttemptId, Lease> leases = new TreeMap<>();
    private final Map<Phase, Durations> durations = new HashMap<>();
    private long lookedNs;
    private boolean looked;

    /** @param startNs when it was first seen */
    private record Lease(long startNs, long deadlineNs) {
    }

    private record Phase(long job, TaskKind kind) {
    }

    private record Durations(long count, long sumNs) {
        Durations plus(long tookNs) {
            return new Durations(count + 1, sumNs + tookNs);
        }
    }

    Leases(Duration lease) {
        leaseNs = lease.toNanos();
        pauseNs = Math.max(leaseNs / 10, LEAST_PAUSE_NS);
    }

    /** Forgets all: this process did not lead until now. */
    synchronized void begin() {
        leases.clear();
        durations.clear();
        looked = false;
    }

    /** An attempt is handed out now, or was before and its worker is told again. */
    synchronized void begin(AttemptId id, long nowNs) {
        leases.computeIfAbsent(id, unseen -> new Lease(nowNs, nowNs + leaseNs));
    }

    /** Looks at all attempts under way; to be called often. @return those whose lease has run out */
    synchronized List<AttemptId> overdue(Jobs jobs, long nowNs) {
        shiftAfterPause(nowNs);
        dropEnded(jobs, nowNs);
        final List<AttemptId> overdue = new ArrayList<>();
        for (final JobState job : jobs.byOrder().values()) {
            if (job.isRunning()) {
                for (final TaskKind kind : TaskKind.values()) {
                    lookAt(job, kind, nowNs, overdue);
                }
            }
        }
        return overdue;
    }

    /** The worker of these lives. */
    synchronized void renew(List<AttemptId> running, Jobs jobs, long nowNs) {
        for (final AttemptId id : running) {
            if (jobs.find(id.job()).filter(job -> job.submit().flags().fixedLease()).isEmpty()) {
                leases.computeIfPresent(id, (same, lease) -> new Lease(lease.startNs, nowNs + leaseNs));
            }
        }
    }

    /** How long this attempt has been running, as far as known here. */
    synchronized long ageNs(AttemptId id, long nowNs) {
        final Lease lease = leases.get(id);
        return lease == null ? 0 : nowNs - lease.startNs;
    }

    /** How long attempts of this phase took that won, on average; empty while none has. */
    synchronized OptionalLong averageNs(long job, TaskKind kind) {
        final Durations took = durations.get(new Phase(job, kind));
        return took == null ? OptionalLong.empty() : OptionalLong.of(took.sumNs / took.count);
    }

    private void shiftAfterPause(long nowNs) {
        final long gapNs = nowNs - lookedNs;
        if (looked && gapNs > pauseNs) {
            leases.replaceAll((id, lease) -> new Lease(lease.startNs, lease.deadlineNs + gapNs));
        }
        lookedNs = nowNs;
        looked = true;
    }

    private void dropEnded(Jobs jobs, long nowNs) {
        for (final Iterator<Map.Entry<AttemptId, Lease>> all = leases.entrySet().iterator(); all.hasNext();) {
            final Map.Entry<AttemptId, Lease> entry = all.next();
            final AttemptId id = entry.getKey();
            final JobState job = jobs.find(id.job()).filter(JobState::isRunning).orElse(null);
            // An attempt beyond the last one issued is newer than what we look at.
            if (job == null
                || (id.attempt() <= job.task(id).issued() && job.task(id).running(id.attempt()).isEmpty())) {
                all.remove();
                if (job != null && job.task(id).result().filter(won -> won.attempt() == id.attempt()).isPresent()) {
                    durations.compute(new Phase(id.job(), id.kind()), (same, took) ->
                        (took == null ? new Durations(0, 0) : took).plus(nowNs - entry.getValue().startNs));
                }
            }
        }
        durations.keySet().removeIf(phase -> jobs.find(phase.job).filter(JobState::isRunning).isEmpty());
    }

    private void lookAt(JobState job, TaskKind kind, long nowNs, List<AttemptId> overdue) {
        for (final int number : job.tasks(kind).running()) {
            for (final Attempt attempt : job.tasks(kind).get(number).running()) {
                final AttemptId id = new AttemptId(job.id(), kind, number, attempt.number());
                final Lease lease = leases.computeIfAbsent(id, unseen -> new Lease(nowNs, nowNs + leaseNs));
                if (nowNs - lease.deadlineNs >= 0) {
                    overdue.add(id);
                }
            }
        }
    }
}
