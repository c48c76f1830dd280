package io.balsa.mapreduce.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobId;
import io.balsa.mapreduce.wire.JobStatus;

/** How jobs are, as a table for people and as JSON for pages. */
final class StatusText {
    private static final String ROW = "%-16s %-12s %-10s %11s %11s %7s %6s %8s %8s";

    private StatusText() {
    }

    static List<String> table(List<JobStatus> jobs) {
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(ROW, "JOB", "NAME", "STATE", "MAPS", "REDUCES", "RUNNING", "FAILED", "AGE", "LEFT"));
        for (final JobStatus job : jobs) {
            lines.add(String.format(ROW, JobId.format(job.job()), job.name(), state(job), of(job.map()),
                of(job.reduce()), job.map().running() + job.reduce().running(),
                job.map().failures() + job.reduce().failures(), seconds(job.ageMs()),
                job.ended() != Ended.RUNNING ? "-" : job.etaMs() < 0 ? "?" : seconds(job.etaMs())));
            if (!job.message().isEmpty()) {
                lines.add("  " + job.message());
            }
        }
        return lines;
    }

    /** What {@code mr status --json} prints: an array, one object for each job, oldest first. */
    static String json(List<JobStatus> jobs) {
        return jobs.stream().map(StatusText::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(JobStatus job) {
        return "{\"job\":" + quoted(JobId.format(job.job())) + ",\"name\":" + quoted(job.name())
            + ",\"state\":" + quoted(state(job)) + ",\"message\":" + quoted(job.message())
            + ",\"map\":" + json(job.map()) + ",\"reduce\":" + json(job.reduce())
            + ",\"lostOutputs\":" + job.losses() + ",\"workers\":" + job.workers() + ",\"ageMs\":" + job.ageMs()
            + ",\"etaMs\":" + (job.etaMs() < 0 ? "null" : job.etaMs())
            + ",\"skippedRecords\":" + job.skipped().stream().map(StatusText::quoted)
                .collect(Collectors.joining(",", "[", "]"))
            + ",\"counters\":" + job.counters().values().entrySet().stream().map(StatusText::counter)
                .collect(Collectors.joining(",", "{", "}")) + "}";
    }

    private static String json(JobStatus.Phase phase) {
        return "{\"tasks\":" + phase.tasks() + ",\"done\":" + phase.done() + ",\"running\":" + phase.running()
            + ",\"attempts\":" + phase.attempts() + ",\"failed\":" + phase.failures() + ",\"bytes\":" + phase.bytes()
            + ",\"recordsIn\":" + phase.recordsIn() + ",\"recordsOut\":" + phase.recordsOut()
            + ",\"skipped\":" + phase.skipped() + ",\"slowestTask\":"
            + (phase.slowestTask() < 0 ? "null" : phase.slowestTask()) + ",\"slowestMs\":" + phase.slowestMs() + "}";
    }

    private static String counter(Map.Entry<String, Long> counter) {
        return quoted(counter.getKey()) + ":" + counter.getValue();
    }

    private static String state(JobStatus job) {
        return job.isPublishing() ? "publishing" : job.ended() == Ended.RUNNING
            ? job.map().isDone() ? "reducing" : "mapping" : job.ended().name().toLowerCase(Locale.ROOT);
    }

    private static String of(JobStatus.Phase phase) {
        return phase.done() + "/" + phase.tasks();
    }

    private static String seconds(long ms) {
        return ms / 1000 + "." + ms / 100 % 10 + "s";
    }

    private static String quoted(String text) {
        final StringBuilder json = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                json.append('\\').appendCodePoint(c);
            } else if (c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                json.appendCodePoint(c);
            }
        });
        return json.append('"').toString();
    }
}
