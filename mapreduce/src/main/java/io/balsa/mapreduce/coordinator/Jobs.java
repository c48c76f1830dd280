package io.balsa.mapreduce.coordinator;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.Request.Claimant;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The whole replicated state. Never changes; each command makes another one, so that whoever looks at it needs no lock,
 * and a snapshot is a reference.
 *
 * @param byOrder jobs by when they were submitted
 * @param claims  of each slot, what it asked last
 */
record Jobs(PSortedMap<Long, JobState> byOrder, PSortedMap<Claimant, LastClaim> claims) {
    static final Jobs NONE = new Jobs(TreePMap.empty(), TreePMap.empty());
    /** Ended jobs are kept for whoever asks what became of them, so many of them. */
    static final int MAX_ENDED = 64;
    static final int MAX_RUNNING = 256;
    /** Slots beyond are forgotten, the one that asked longest ago first. */
    static final int MAX_CLAIMANTS = 4096;

    /**
     * The last claim of a slot that was given something.
     *
     * @param index of the log's entry: tells who asked longest ago
     */
    record LastClaim(long number, long index) {
    }

    Optional<JobState> find(long id) {
        return byOrder.values().stream().filter(job -> job.id() == id).findFirst();
    }

    boolean hasRoom() {
        return byOrder.values().stream().filter(JobState::isRunning).count() < MAX_RUNNING;
    }

    /** Whether all jobs there ever were have ended; false while there was none. */
    boolean haveEnded() {
        return !byOrder.isEmpty() && byOrder.values().stream().noneMatch(JobState::isRunning);
    }

    /** Adds a job under {@code order}, greater than all before. */
    Jobs plus(long order, JobState job) {
        final Optional<Long> oldest = byOrder.values().stream().filter(each -> !each.isRunning()).count() < MAX_ENDED
            ? Optional.empty()
            : byOrder.entrySet().stream().filter(each -> !each.getValue().isRunning()).map(Map.Entry::getKey)
                .findFirst();
        final PSortedMap<Long, JobState> kept = oldest.map(byOrder::minus).orElse(byOrder);
        return new Jobs(kept.plus(order, job), claims);
    }

    Jobs with(JobState job) {
        for (final Map.Entry<Long, JobState> entry : byOrder.entrySet()) {
            if (entry.getValue().id() == job.id()) {
                return new Jobs(byOrder.plus(entry.getKey(), job), claims);
            }
        }
        throw new IllegalStateException("job " + JobId.format(job.id()) + " is not here");
    }

    Jobs claimed(Claimant claimant, long number, long index) {
        PSortedMap<Claimant, LastClaim> kept = claims;
        if (claims.size() >= MAX_CLAIMANTS && !claims.containsKey(claimant)) {
            kept = kept.minus(claims.entrySet().stream()
                .min(Comparator.comparingLong(entry -> entry.getValue().index())).orElseThrow().getKey());
        }
        return new Jobs(byOrder, kept.plus(claimant, new LastClaim(number, index)));
    }

    /** What this slot was last given something for; 0 if nothing yet. */
    long lastClaim(Claimant claimant) {
        final LastClaim last = claims.get(claimant);
        return last == null ? 0 : last.number();
    }

    long digest() {
        long digest = claims.size();
        for (final JobState job : byOrder.values()) {
            digest = Mix.of(digest, job.digest());
        }
        return digest;
    }
}
