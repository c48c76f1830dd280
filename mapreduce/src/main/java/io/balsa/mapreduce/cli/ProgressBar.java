package io.balsa.mapreduce.cli;

import java.io.PrintStream;
import java.util.Optional;
import java.util.function.Consumer;

import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobStatus;

/** One line on a terminal that is written over again and again; nothing where nobody looks. */
final class ProgressBar implements Consumer<JobStatus> {
    private static final int WIDTH = 20;
    private static final String TERMINAL = "mr.terminal";
    private static final String CLEAR = "\r\u001B[K";

    private final Optional<PrintStream> terminal;

    ProgressBar(Optional<PrintStream> terminal) {
        this.terminal = terminal;
    }

    /** On stderr, if a person reads it: of which the JVM knows nothing, but the shell that started it does. */
    static ProgressBar onTerminal() {
        return new ProgressBar(Boolean.getBoolean(TERMINAL) ? Optional.of(System.err) : Optional.empty());
    }

    @Override
    public void accept(JobStatus job) {
        terminal.ifPresent(out -> out.print(job.ended() == Ended.RUNNING ? CLEAR + line(job) : CLEAR));
    }

    static String line(JobStatus job) {
        return job.name() + "  map " + bar(job.map()) + "  reduce " + bar(job.reduce()) + "  "
            + (job.map().running() + job.reduce().running()) + " running"
            + (job.map().failures() + job.reduce().failures() == 0 ? ""
                : ", " + (job.map().failures() + job.reduce().failures()) + " failed")
            + (job.isPublishing() ? ", naming outputs" : job.etaMs() < 0 ? "" : ", " + (job.etaMs() + 999) / 1000
                + " s left");
    }

    private static String bar(JobStatus.Phase phase) {
        final int full = phase.tasks() == 0 ? WIDTH : (int) ((long) WIDTH * phase.done() / phase.tasks());
        return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " + phase.done() + "/" + phase.tasks();
    }
}
