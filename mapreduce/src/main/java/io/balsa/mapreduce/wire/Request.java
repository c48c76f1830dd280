package io.balsa.mapreduce.wire;

import java.util.List;

import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.Split;

/** What a coordinator is told and asked. All of it may be said twice. See mapreduce.xml. */
public sealed interface Request {
    /** What changes the replicated state, and hence stands in its log. */
    sealed interface Command extends Request {
    }

    /** A command that only the leader may bring in. */
    sealed interface Internal extends Command {
    }

    /**
     * A new job.
     *
     * @param splits what each of its maps reads
     * @param spec   what its tasks need to know
     */
    record Submit(long job, int reduces, int maxAttempts, JobFlags flags, List<Split> splits, EncodedSpec spec)
        implements Command {
    }

    /**
     * A slot asks for a task.
     *
     * @param number from 1, counted by the slot whenever it was given something; asked again under the same number it
     *               gets the same task, and {@link Answer.Heard#STALE} once that has ended
     */
    record Claim(Claimant claimant, long number) implements Command {
    }

    /** The leader hands a task out a second time, to a slot that found nothing else to do. */
    record ClaimBackup(Claimant claimant, long number, long job, TaskKind kind, int task) implements Internal {
    }

    /** A map is done; one run for each reduce. */
    record MapDone(AttemptId attempt, List<Run> runs, Sums sums) implements Command {
    }

    /** A reduce is done. */
    record ReduceDone(AttemptId attempt, List<OutputFile> outputs, Sums sums) implements Command {
    }

    /** An attempt ended with an error, told in one line. */
    record TaskFailed(AttemptId attempt, long worker, String message) implements Command {
    }

    /** A reduce could not read what this attempt of a map wrote. */
    record RunLost(AttemptId reduce, int map, int mapAttempt, String message) implements Command {
    }

    /** The job is not wanted any more. */
    record Cancel(long job) implements Command {
    }

    /** The lease of an attempt has run out, by the leader's clock. */
    record Expire(AttemptId attempt) implements Internal {
    }

    /** The outputs have their names, or cannot get them: then {@code failure} is not empty. */
    record Published(long job, String failure) implements Internal {
    }

    /** A worker lives, and runs these. */
    record Renew(long worker, List<AttemptId> running) implements Request {
    }

    /** How is this job, or with 0 all of them? */
    record Look(long job) implements Request {
    }

    /** One slot of one worker: it runs one task at a time. */
    record Claimant(long worker, int slot) implements Comparable<Claimant> {
        @Override
        public int compareTo(Claimant other) {
            final int byWorker = Long.compare(worker, other.worker);
            return byWorker != 0 ? byWorker : Integer.compare(slot, other.slot);
        }
    }

}
