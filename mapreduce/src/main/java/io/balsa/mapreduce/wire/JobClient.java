package io.balsa.mapreduce.wire;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.balsa.mapreduce.InvalidJobException;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.data.Splits;
import io.balsa.mapreduce.task.Split;

/** What a client does with jobs. Each call waits for its answer; any thread. */
public final class JobClient {
    /** What the messages can count. */
    private static final int MOST_TASKS = 65_534;
    private static final Pattern OUTPUT = Pattern.compile("mr-out-(\\d{1,9})");
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
        requireFolder(spec);
        requireNoneBeyond(spec);
        final Request submit = new Request.Submit(id, spec.reduces(), spec.maxAttempts(),
            new JobFlags(spec.lab(), spec.backups()), splits, EncodedSpec.of(spec));
        Answer answer = ask(submit);
        if (answer instanceof Answer.Refused) {
            answer = ask(submit); // a copy may have been refused for lack of room and a later one accepted: it is found
        }
        if (answer instanceof Answer.Refused(String why)) {
            throw new InvalidJobException("job " + spec.name() + " was refused: " + why);
        }
    }

    /**
     * Asks how one job is.
     *
     * @throws InvalidJobException when there is no such job
     */
    public JobStatus look(long job) {
        return seen(ask(new Request.Look(job))).get(0);
    }

    /** All jobs that the service remembers, oldest first. */
    public List<JobStatus> lookAtAll() {
        return seen(ask(new Request.Look(0)));
    }

    /**
     * Gives a job up.
     *
     * @throws InvalidJobException when it cannot be cancelled, one line
     */
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
     * @throws InterruptedException when the calling thread was interrupted; the job goes on
     */
    public JobStatus await(long job, Consumer<JobStatus> watch) throws InterruptedException {
        while (true) {
            final JobStatus status = look(job);
            watch.accept(status);
            if (status.ended() != Ended.RUNNING) {
                return status;
            }
            LockSupport.parkNanos(this, LOOK_NS);
            if (Thread.interrupted()) {
                throw new InterruptedException("told to wait no longer for job " + JobId.format(job));
            }
        }
    }

    /**
     * Whoever reads mr-out-* would take what a job with more reduces has left for this one's.
     *
     * @throws InvalidJobException if there is any in the job's output directory
     */
    public static void requireNoneBeyond(JobSpec spec) {
        final String[] names = new File(spec.outDir()).list();
        for (final String name : names == null ? new String[0] : names) {
            final Matcher output = OUTPUT.matcher(name);
            require(!output.matches() || Integer.parseInt(output.group(1)) < spec.reduces(), spec.outDir() + " holds "
                + name + " of a job with more reduces; remove it, or choose another folder");
        }
    }

    /** Tasks make it where it is missing; where they cannot, each would fail for a reason that tells less. */
    private static void requireFolder(JobSpec spec) {
        final Path outDir = Path.of(spec.outDir()).toAbsolutePath();
        Path there = outDir;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        require(Files.isDirectory(there), "output " + outDir + " cannot be made: " + there
            + " is no folder; choose another place");
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
