package io.balsa.mapreduce.coordinator;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.RequestCodec;
import io.balsa.mapreduce.wire.TaskKind;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/**
 * Jobs, their tasks, and who has which: what the coordinator must not forget. Every command may come twice, and late:
 * it is about a job, a task and an attempt, which say by themselves whether they still matter. Time does not exist
 * here: that a lease has run out is a command.
 *
 * <p>{@link #apply} belongs to one thread at a time; {@link #jobs} may be taken by any.
 */
final class JobStateMachine implements StateMachine<Answer> {
    /** How soon to ask again where something else must end first. */
    static final int PAUSE_MS = 100;
    private static final Answer NOTHING = new Answer.Nothing(PAUSE_MS, false);

    private volatile Jobs jobs = Jobs.NONE;

    /** All of it, after the last command applied. */
    Jobs jobs() {
        return jobs;
    }

    @Override
    public Answer apply(long index, long term, DirectBuffer command, int offset, int length) {
        return switch (RequestCodec.decode(command, offset)) {
            case Request.Command request -> apply(index, request);
            case Request.Renew renew -> throw notACommand(index);
            case Request.Look look -> throw notACommand(index);
        };
    }

    /** @param index greater than in every call before */
    Answer apply(long index, Request.Command command) {
        return switch (command) {
            case Request.Submit submit -> submit(index, submit);
            case Request.Claim claim -> claim(index, claim);
            case Request.ClaimBackup backup -> claimBackup(index, backup);
            case Request.MapDone done -> done(done.attempt(),
                new Result.OfMap(done.attempt().attempt(), done.runs(), done.sums()));
            case Request.ReduceDone done -> done(done.attempt(),
                new Result.OfReduce(done.attempt().attempt(), done.outputs(), done.sums()));
            case Request.TaskFailed failed -> failed(failed);
            case Request.RunLost lost -> runLost(lost);
            case Request.Cancel cancel -> cancel(cancel.job());
            case Request.Expire expire -> expire(expire.attempt());
            case Request.Published published -> published(published);
        };
    }

    private Answer submit(long index, Request.Submit submit) {
        if (jobs.find(submit.job()).isPresent()) {
            return Answer.Heard.ACCEPTED;
        }
        if (!jobs.hasRoom()) {
            return new Answer.Refused(Jobs.MAX_RUNNING + " jobs are under way, which is the limit; wait for one or "
                + "cancel one");
        }
        jobs = jobs.plus(index, JobState.of(submit));
        return Answer.Heard.ACCEPTED;
    }

    private Answer claim(long index, Request.Claim claim) {
        final Claimant claimant = claim.claimant();
        final Optional<Answer> before = answeredBefore(claimant, claim.number());
        if (before.isPresent()) {
            return before.get();
        }
        for (final JobState job : jobs.byOrder().values()) {
            final Optional<Integer> next = job.next(claimant.worker());
            if (next.isPresent()) {
                return handOut(index, job, job.phase(), next.get(), claimant, claim.number());
            }
        }
        return NOTHING;
    }

    /**
     * The answer to a claim that was given something before: the same, as long as that runs. Afterwards it may be a
     * late copy, and nobody would run what it were given; or its slot has not heard of the task, and must count on.
     */
    private Optional<Answer> answeredBefore(Claimant claimant, long claim) {
        for (final JobState job : jobs.byOrder().values()) {
            final Optional<AttemptId> before = job.given(claimant, claim);
            if (before.isPresent() && job.isRunning()) {
                return Optional.of(job.canRun(before.get().kind()) ? job.assignment(before.get()) : NOTHING);
            }
        }
        return claim <= jobs.lastClaim(claimant) ? Optional.of(Answer.Heard.STALE) : Optional.empty();
    }

    private Answer claimBackup(long index, Request.ClaimBackup backup) {
        final Optional<Answer> before = answeredBefore(backup.claimant(), backup.number());
        if (before.isPresent()) {
            return before.get();
        }
        final Optional<JobState> found =
            jobs.find(backup.job()).filter(job -> job.isRunning() && job.canRun(backup.kind()));
        if (found.isEmpty()) {
            return NOTHING;
        }
        final Tasks tasks = found.get().tasks(backup.kind());
        // One more than the first, and not by the same worker: what slows it down there would slow both.
        final boolean wanted = tasks.has(backup.task()) && tasks.get(backup.task()).running().size() == 1
            && tasks.get(backup.task()).running().get(0).claimant().worker() != backup.claimant().worker();
        return wanted ? handOut(index, found.get(), backup.kind(), backup.task(), backup.claimant(), backup.number())
            : NOTHING;
    }

    private Answer handOut(long index, JobState job, TaskKind kind, int number, Claimant claimant, long claim) {
        final Task task = job.tasks(kind).get(number).handedOut(claimant, claim);
        final JobState after = job.with(kind, number, task);
        jobs = jobs.with(after).claimed(claimant, claim, index);
        return after.assignment(new AttemptId(job.id(), kind, number, task.issued()));
    }

    private Answer done(AttemptId id, Result result) {
        final Optional<JobState> found = jobs.find(id.job()).filter(job -> job.knows(id));
        if (found.isEmpty()) {
            return Answer.Heard.STALE;
        }
        final JobState job = found.get();
        final Task task = job.task(id);
        if (task.isDone()) {
            return task.result().orElseThrow().attempt() == id.attempt() ? Answer.Heard.ACCEPTED : Answer.Heard.STALE;
        }
        if (!job.isRunning() || !task.accepts(id.attempt()) || !fits(job, result)) {
            return Answer.Heard.STALE;
        }
        jobs = jobs.with(job.with(id.kind(), id.task(), task.done(result)));
        return Answer.Heard.ACCEPTED;
    }

    /** A map that wrote for another number of reduces is none of this job's, whatever it says. */
    private static boolean fits(JobState job, Result result) {
        return switch (result) {
            case Result.OfMap map -> map.runs().size() == job.reduces().count();
            case Result.OfReduce reduce -> true;
        };
    }

    private Answer failed(Request.TaskFailed failed) {
        final AttemptId id = failed.attempt();
        final Optional<JobState> found = withAttempt(id);
        if (found.isEmpty()) {
            return Answer.Heard.STALE;
        }
        final Task task = found.get().task(id).failed(id.attempt(), failed.worker());
        final JobState after = found.get().with(id.kind(), id.task(), task);
        jobs = jobs.with(task.failures() < after.submit().maxAttempts() ? after
            : after.ended(Ended.FAILED, failed.message()));
        return Answer.Heard.ACCEPTED;
    }

    private Answer runLost(Request.RunLost lost) {
        final AttemptId id = lost.reduce();
        final Optional<JobState> found = withAttempt(id).filter(job -> job.maps().has(lost.map()));
        if (found.isEmpty()) {
            return Answer.Heard.STALE;
        }
        // That reduce did nothing wrong: its next attempt reads what the map's next one writes.
        JobState job = found.get().with(id.kind(), id.task(), found.get().task(id).without(id.attempt()));
        final Task map = job.maps().get(lost.map());
        final boolean stands = map.result().filter(result -> result.attempt() == lost.mapAttempt()).isPresent();
        if (stands) { // else another reduce has said so before
            job = job.with(TaskKind.MAP, lost.map(), map.lost()).withLoss();
            if (job.losses() > lossesBorne(job)) {
                job = job.ended(Ended.FAILED, "outputs of maps were lost " + job.losses() + " times, last: "
                    + lost.message());
            }
        }
        jobs = jobs.with(job);
        return Answer.Heard.ACCEPTED;
    }

    /** A disk that loses everything must end a job; one that once loses all of it must not. */
    private static int lossesBorne(JobState job) {
        return job.submit().maxAttempts() * Math.max(1, job.maps().count());
    }

    private Answer cancel(long id) {
        final Optional<JobState> found = jobs.find(id);
        if (found.isEmpty()) {
            return new Answer.Refused("there is no job " + JobId.format(id) + "; see 'mr status' for those there are");
        }
        final JobState job = found.get();
        if (job.isPublishing()) {
            return new Answer.Refused("job " + JobId.format(id) + " is done but for the names of its outputs");
        }
        if (job.isRunning()) {
            jobs = jobs.with(job.ended(Ended.CANCELLED, ""));
        } else if (job.ended() != Ended.CANCELLED) {
            return new Answer.Refused("job " + JobId.format(id) + " has ended already");
        }
        return Answer.Heard.ACCEPTED;
    }

    private Answer expire(AttemptId id) {
        final Optional<JobState> found = withAttempt(id);
        if (found.isEmpty()) {
            return Answer.Heard.STALE;
        }
        final JobState job = found.get();
        jobs = jobs.with(job.with(id.kind(), id.task(), job.task(id).without(id.attempt())));
        return Answer.Heard.ACCEPTED;
    }

    private Answer published(Request.Published published) {
        final Optional<JobState> found = jobs.find(published.job()).filter(JobState::isPublishing);
        if (found.isEmpty()) {
            return Answer.Heard.STALE;
        }
        final String failure = published.failure();
        jobs = jobs.with(found.get().ended(failure.isEmpty() ? Ended.DONE : Ended.FAILED, failure));
        return Answer.Heard.ACCEPTED;
    }

    /** The job under way in which this attempt is not known to have ended. */
    private Optional<JobState> withAttempt(AttemptId id) {
        return jobs.find(id.job()).filter(JobState::isRunning)
            .filter(job -> job.knows(id) && job.task(id).running(id.attempt()).isPresent());
    }

    private static IllegalStateException notACommand(long index) {
        return new IllegalStateException("entry " + index + " holds a question, which leaves nothing in a log");
    }

    @Override
    public long stateHash() {
        final long digest = jobs.digest();
        return digest == NO_HASH ? 1 : digest;
    }

    @Override
    public Optional<View> freeze() {
        final Jobs frozen = jobs;
        return Optional.of(out -> JobsSnapshot.write(frozen, out));
    }

    @Override
    public void restore(InputStream state) throws IOException {
        jobs = JobsSnapshot.read(state);
    }
}
