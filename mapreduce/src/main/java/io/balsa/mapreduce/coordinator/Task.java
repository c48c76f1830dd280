package io.balsa.mapreduce.coordinator;

import java.util.List;
import java.util.Optional;

import io.balsa.mapreduce.wire.Request.Claimant;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * One map or reduce of a job. Never changes; each step makes another one.
 *
 * @param issued   how many attempts were handed out: the last one's number
 * @param voided   no attempt up to this number counts any more, whatever it reports
 * @param failures how many attempts ended with an error
 * @param avoid    the worker on which the last one did, 0 if none
 * @param running  attempts that are not known to have ended
 * @param result   of the attempt that won, while it stands
 */
record Task(int issued, int voided, int failures, long avoid, PVector<Attempt> running, Optional<Result> result) {
    static final Task NEW = new Task(0, 0, 0, 0, TreePVector.empty(), Optional.empty());

    boolean isDone() {
        return result.isPresent();
    }

    boolean isRunning() {
        return !running.isEmpty();
    }

    Task handedOut(Claimant claimant, long claim) {
        final int number = issued + 1;
        return new Task(number, voided, failures, avoid, running.plus(new Attempt(number, claimant, claim)), result);
    }

    /**
     * Whether this attempt's result would count now. That its lease ran out does not matter: what it wrote bears its
     * number and disturbs nobody, and a task that always takes longer than a lease would else never end.
     */
    boolean accepts(int attempt) {
        return !isDone() && attempt > voided && attempt <= issued;
    }

    Task done(Result won) {
        return new Task(issued, voided, failures, avoid, TreePVector.empty(), Optional.of(won));
    }

    Task without(int attempt) {
        return new Task(issued, voided, failures, avoid, others(attempt), result);
    }

    Task failed(int attempt, long worker) {
        return new Task(issued, voided, failures + 1, worker, others(attempt), result);
    }

    /** No attempt so far counts any more: a late report may be about the very files that are lost. */
    Task lost() {
        return new Task(issued, issued, failures, avoid, TreePVector.empty(), Optional.empty());
    }

    Optional<Attempt> running(int attempt) {
        return running.stream().filter(each -> each.number() == attempt).findFirst();
    }

    Optional<Attempt> running(Claimant claimant, long claim) {
        return running.stream()
            .filter(each -> each.claim() == claim && each.claimant().equals(claimant)).findFirst();
    }

    long digest() {
        long digest = Mix.of(Mix.of(issued, voided), Mix.of(failures, avoid));
        for (final Attempt attempt : running) {
            digest = Mix.of(digest, attempt.digest());
        }
        return Mix.of(digest, result.map(Result::digest).orElse(0L));
    }

    private PVector<Attempt> others(int attempt) {
        final List<Attempt> others = running.stream().filter(each -> each.number() != attempt).toList();
        return TreePVector.from(others);
    }
}
