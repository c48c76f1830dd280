package io.balsa.mapreduce.cli;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;

/** What is said when a job has ended, and the exit status that goes with it. */
final class Ending {
    private static final long MIB = 1 << 20;

    private Ending() {
    }

    static int tell(JobStatus job) {
        return switch (job.ended()) {
            case DONE -> {
                Main.say(name(job) + " is done in " + job.ageMs() / 1000.0 + " s: " + job.map().recordsIn()
                    + " records, " + job.reduce().recordsOut() + " keys, " + job.reduce().bytes() / MIB + " MiB"
                    + (job.map().skipped() == 0 ? "" : ", " + job.map().skipped() + " records skipped"));
                job.skipped().forEach(record -> Main.say("skipped " + record));
                tell(job.counters());
                yield ExitCode.OK;
            }
            case FAILED -> {
                Main.say(name(job) + " has failed: " + job.message());
                yield ExitCode.NOT_DONE;
            }
            case CANCELLED -> {
                Main.say(name(job) + " was cancelled");
                yield ExitCode.NOT_DONE;
            }
            case RUNNING -> throw new IllegalStateException(name(job) + " has not ended");
        };
    }

    static void tell(Counters counters) {
        counters.values().forEach((counter, count) -> Main.say(counter + " = " + count));
    }

    private static String name(JobStatus job) {
        return "job " + JobId.format(job.job()) + " (" + job.name() + ")";
    }
}
