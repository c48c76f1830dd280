package io.balsa.mapreduce.wire;

import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Splits;
import io.balsa.mapreduce.task.Split;

/** What a client does with jobs. Each call waits for its answer; any thread. */
public final class JobClient {
    /** What the messages can count. */
    private static final int MOST_TASKS = 65_534;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Coordination coordination;

    public JobClient(Coordination coordination) {
        this.coordination = coordination;
    }

    /**
     * Submits a job. Its input is cut here and now.
     *
     * @param id drawn for this job: submitted under it again it is still one job
     * @throws InvalidJobException    when it cannot be run as it is, one line
     * @throws CoordinatorUnavailable when nobody answers
     */
    public void submit(long id, JobSpec spec) {
        final List<Split> splits = Splits.of(spec);
        require(splits.size() <= MOST_TASKS, "job " + spec.name() + " would have " + splits.size()
            + " maps; let each have more of the input, " + MOST_TASKS + " can be");
        require(spec.reduces() <= MOST_TASKS, "job " + spec.name() + " would have " + spec.reduces() + " reduces; "
            + MOST_TASKS + " can be");
        final Answer answer = ask(new Request.Submit(id, spec.reduces(), spec.maxAttempts(),
            new JobFlags(spec.lab(), spec.backups()), splits, EncodedSpec.of(spec)));
        if (answer instanceof Answer.Refused(String why)) {
            throw new InvalidJobException("job " + spec.name() + " was refused: " + why);
        }
    }

    /** @throws InvalidJobException when there is no such job */
    public JobStatus look(long job) {
        return seen(ask(new Request.Look(job))).get(0);
    }

    /** All jobs that the service remembers, oldest first. */
    public List<JobStatus> lookAtAll() {
        return seen(ask(new Request.Look(0)));
    }

    /** @throws InvalidJobException when it cannot be cancelled, one line */
    public void cancel(long job) {
        if (ask(new Request.Cancel(job)) instanceof Answer.Refused(String why)) {
            throw new InvalidJobException(why);
        }
    }

    /**
     * Waits until a job has ended.
     *
     * @param watch told of how it is several times a second
     * @return how it ended
     */
    public JobStatus await(long job, Consumer<JobStatus> watch) {
        while (true) {
            final JobStatus status = look(job);
            watch.accept(status);
            if (status.ended() != Ended.RUNNING) {
                return status;
            }
            LockSupport.parkNanos(this, LOOK_NS);
        }
    }

    private Answer ask(Request request) {
        try {
            return coordination.ask(request).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CoordinatorUnavailable unavailable) {
                throw new CoordinatorUnavailable(unavailable.getMessage());
            }
            throw e;
        }
    }

    private static List<JobStatus> seen(Answer answer) {
        return switch (answer) {
            case Answer.Seen seen -> seen.jobs();
            case Answer.Refused refused -> throw new InvalidJobException(refused.message());
            default -> throw new IllegalStateException("asked how a job is and was answered " + answer);
        };
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidJobException(otherwise);
        }
    }
}
