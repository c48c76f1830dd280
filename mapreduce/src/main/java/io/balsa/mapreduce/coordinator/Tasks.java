package io.balsa.mapreduce.coordinator;

import java.util.Collections;
import java.util.Optional;

import io.balsa.mapreduce.wire.Request.Claimant;
import org.pcollections.PSortedSet;
import org.pcollections.PVector;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * All maps of a job, or all its reduces. Never changes; each step makes another one, which costs the logarithm of their
 * number.
 *
 * @param idle    those that wait for a worker
 * @param running those that at least one worker has
 * @param done    how many have a result
 * @param digest  over all of them
 */
record Tasks(PVector<Task> tasks, PSortedSet<Integer> idle, PSortedSet<Integer> running, int done, long digest) {
    static Tasks of(int count) {
        return of(TreePVector.from(Collections.nCopies(count, Task.NEW)));
    }

    /** Of what a snapshot holds. */
    static Tasks of(PVector<Task> tasks) {
        PSortedSet<Integer> idle = TreePSet.empty();
        PSortedSet<Integer> running = TreePSet.empty();
        int done = 0;
        long digest = 0;
        for (int i = 0; i < tasks.size(); i++) {
            final Task task = tasks.get(i);
            idle = task.isDone() || task.isRunning() ? idle : idle.plus(i);
            running = task.isRunning() ? running.plus(i) : running;
            done += task.isDone() ? 1 : 0;
            digest ^= Mix.of(i, task.digest());
        }
        return new Tasks(tasks, idle, running, done, digest);
    }

    int count() {
        return tasks.size();
    }

    boolean isDone() {
        return done == tasks.size();
    }

    boolean has(int number) {
        return number >= 0 && number < tasks.size();
    }

    Task get(int number) {
        return tasks.get(number);
    }

    /** The task to hand to this worker: not one it has just failed at, if there is another. */
    Optional<Integer> next(long worker) {
        for (final int number : idle) {
            if (tasks.get(number).avoid() != worker) {
                return Optional.of(number);
            }
        }
        return idle.stream().findFirst();
    }

    /** The task that this slot was given under this number, if it has not ended. */
    Optional<Integer> given(Claimant claimant, long claim) {
        return running.stream().filter(number -> tasks.get(number).running(claimant, claim).isPresent()).findFirst();
    }

    Tasks with(int number, Task task) {
        final Task before = tasks.get(number);
        final boolean waits = !task.isDone() && !task.isRunning();
        return new Tasks(tasks.with(number, task),
            waits ? idle.plus(number) : idle.minus((Object) number),
            task.isRunning() ? running.plus(number) : running.minus((Object) number),
            done + (task.isDone() ? 1 : 0) - (before.isDone() ? 1 : 0),
            digest ^ Mix.of(number, before.digest()) ^ Mix.of(number, task.digest()));
    }
}
