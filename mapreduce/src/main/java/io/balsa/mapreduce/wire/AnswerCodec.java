package io.balsa.mapreduce.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.task.Split;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Answers as the messages of mapreduce.xml. */
public final class AnswerCodec {
    private AnswerCodec() {
    }

    public static byte[] encode(Answer answer) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        final MessageHeaderEncoder header = new MessageHeaderEncoder();
        final int length = switch (answer) {
            case Answer.RunMap map -> runMap(map, buffer, header);
            case Answer.RunReduce reduce -> runReduce(reduce, buffer, header);
            case Answer.Nothing nothing -> new NothingEncoder().wrapAndApplyHeader(buffer, 0, header)
                .pauseMs(nothing.pauseMs()).ended((short) (nothing.ended() ? 1 : 0)).encodedLength();
            case Answer.Heard heard -> new HeardEncoder().wrapAndApplyHeader(buffer, 0, header)
                .verdict(heard == Answer.Heard.ACCEPTED ? Verdict.ACCEPTED : Verdict.STALE).encodedLength();
            case Answer.Refused refused -> new RefusedEncoder().wrapAndApplyHeader(buffer, 0, header)
                .message(refused.message()).encodedLength();
            case Answer.NotLeader(String leader) ->
                new NotLeaderEncoder().wrapAndApplyHeader(buffer, 0, header).leader(leader).encodedLength();
            case Answer.Renewed renewed -> renewed(renewed, buffer, header);
            case Answer.Seen seen -> seen(seen, buffer, header);
        };
        return Bytes.copy(buffer, header.encodedLength() + length);
    }

    /**
     * The reverse of {@link #encode}.
     *
     * @throws IllegalArgumentException when this version does not know such a message
     */
    public static Answer decode(byte[] message) {
        final UnsafeBuffer buffer = new UnsafeBuffer(message);
        final MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(buffer, 0);
        return switch (header.templateId()) {
            case RunMapDecoder.TEMPLATE_ID -> runMap(new RunMapDecoder().wrapAndApplyHeader(buffer, 0, header));
            case RunReduceDecoder.TEMPLATE_ID ->
                runReduce(new RunReduceDecoder().wrapAndApplyHeader(buffer, 0, header));
            case NothingDecoder.TEMPLATE_ID -> {
                final NothingDecoder nothing = new NothingDecoder().wrapAndApplyHeader(buffer, 0, header);
                yield new Answer.Nothing(nothing.pauseMs(), nothing.ended() != 0);
            }
            case HeardDecoder.TEMPLATE_ID ->
                switch (new HeardDecoder().wrapAndApplyHeader(buffer, 0, header).verdict()) {
                    case ACCEPTED -> Answer.Heard.ACCEPTED;
                    case STALE -> Answer.Heard.STALE;
                    case NULL_VAL -> throw new IllegalArgumentException("a verdict that this version does not know");
                };
            case RefusedDecoder.TEMPLATE_ID ->
                new Answer.Refused(new RefusedDecoder().wrapAndApplyHeader(buffer, 0, header).message());
            case NotLeaderDecoder.TEMPLATE_ID ->
                new Answer.NotLeader(new NotLeaderDecoder().wrapAndApplyHeader(buffer, 0, header).leader());
            case RenewedDecoder.TEMPLATE_ID -> renewed(new RenewedDecoder().wrapAndApplyHeader(buffer, 0, header));
            case SeenDecoder.TEMPLATE_ID -> seen(new SeenDecoder().wrapAndApplyHeader(buffer, 0, header));
            default -> throw new IllegalArgumentException("an answer of kind " + header.templateId()
                + ", which this version does not know; upgrade this process");
        };
    }

    private static int runMap(Answer.RunMap map, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final AttemptId id = map.attempt();
        return new RunMapEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt()).flags((short) map.flags().bits())
            .from(map.split().from()).to(map.split().to()).file(map.split().file())
            .putSpec(map.spec().bytes(), 0, map.spec().bytes().length).encodedLength();
    }

    private static Answer.RunMap runMap(RunMapDecoder map) {
        final AttemptId id = new AttemptId(map.job(), TaskKind.MAP, map.task(), map.attempt());
        final JobFlags flags = JobFlags.of(map.flags());
        final long from = map.from();
        final long to = map.to();
        final Split split = new Split(map.file(), from, to);
        final byte[] spec = new byte[map.specLength()];
        map.getSpec(spec, 0, spec.length);
        return new Answer.RunMap(id, flags, new EncodedSpec(spec), split);
    }

    private static int runReduce(Answer.RunReduce reduce, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final AttemptId id = reduce.attempt();
        final RunReduceEncoder encoder = new RunReduceEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt()).flags((short) reduce.flags().bits());
        final RunReduceEncoder.RunsEncoder runs = encoder.runsCount(reduce.runs().size());
        reduce.runs().forEach(run -> runs.next().attempt(run.attempt()).bytes(run.bytes()).crc(run.crc()));
        return encoder.putSpec(reduce.spec().bytes(), 0, reduce.spec().bytes().length).encodedLength();
    }

    private static Answer.RunReduce runReduce(RunReduceDecoder reduce) {
        final AttemptId id = new AttemptId(reduce.job(), TaskKind.REDUCE, reduce.task(), reduce.attempt());
        final JobFlags flags = JobFlags.of(reduce.flags());
        final List<Run> runs = new ArrayList<>();
        reduce.runs().forEach(run -> runs.add(new Run(run.attempt(), run.bytes(), run.crc())));
        final byte[] spec = new byte[reduce.specLength()];
        reduce.getSpec(spec, 0, spec.length);
        return new Answer.RunReduce(id, flags, new EncodedSpec(spec), runs);
    }

    private static int renewed(Answer.Renewed renewed, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final RenewedEncoder encoder = new RenewedEncoder().wrapAndApplyHeader(buffer, 0, header);
        final RenewedEncoder.StopEncoder stop = encoder.stopCount(renewed.stop().size());
        renewed.stop().forEach(id -> stop.next()
            .job(id.job()).task(id.task()).attempt(id.attempt()).kind(id.kind().encoded()));
        return encoder.encodedLength();
    }

    private static Answer.Renewed renewed(RenewedDecoder renewed) {
        final List<AttemptId> stop = new ArrayList<>();
        renewed.stop().forEach(id ->
            stop.add(new AttemptId(id.job(), TaskKind.of(id.kind()), id.task(), id.attempt())));
        return new Answer.Renewed(stop);
    }

    private static int seen(Answer.Seen seen, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final SeenEncoder encoder = new SeenEncoder().wrapAndApplyHeader(buffer, 0, header);
        final SeenEncoder.JobsEncoder jobs = encoder.jobsCount(seen.jobs().size());
        for (final JobStatus job : seen.jobs()) {
            jobs.next().job(job.job()).ending(job.ended().encoded()).losses(job.losses()).workers(job.workers())
                .ageMs(job.ageMs()).etaMs(job.etaMs());
            final SeenEncoder.JobsEncoder.PhasesEncoder phases = jobs.phasesCount(2);
            phase(phases.next(), job.map());
            phase(phases.next(), job.reduce());
            final SeenEncoder.JobsEncoder.CountersEncoder counters =
                jobs.countersCount(job.counters().values().size());
            job.counters().values().forEach((name, amount) -> counters.next().amount(amount).name(name));
            final SeenEncoder.JobsEncoder.ExamplesEncoder examples = jobs.examplesCount(job.skipped().size());
            job.skipped().forEach(example -> examples.next().text(example));
            jobs.name(job.name()).message(job.message());
        }
        return encoder.encodedLength();
    }

    private static void phase(SeenEncoder.JobsEncoder.PhasesEncoder encoder, JobStatus.Phase phase) {
        encoder.tasks(phase.tasks()).done(phase.done()).running(phase.running()).attempts(phase.attempts())
            .failures(phase.failures()).bytes(phase.bytes()).recordsIn(phase.recordsIn())
            .recordsOut(phase.recordsOut()).skipped(phase.skipped()).slowestTask(phase.slowestTask())
            .slowestMs(phase.slowestMs());
    }

    private static Answer.Seen seen(SeenDecoder seen) {
        final List<JobStatus> jobs = new ArrayList<>();
        for (final SeenDecoder.JobsDecoder job : seen.jobs()) {
            final long id = job.job();
            final Ended ended = Ended.of(job.ending());
            final int losses = job.losses();
            final int workers = job.workers();
            final long ageMs = job.ageMs();
            final long etaMs = job.etaMs();
            final List<JobStatus.Phase> phases = new ArrayList<>();
            job.phases().forEach(phase -> phases.add(phase(phase)));
            final Map<String, Long> counters = new TreeMap<>();
            for (final SeenDecoder.JobsDecoder.CountersDecoder counter : job.counters()) {
                final long amount = counter.amount();
                counters.put(counter.name(), amount);
            }
            final List<String> examples = new ArrayList<>();
            job.examples().forEach(example -> examples.add(example.text()));
            final String name = job.name();
            jobs.add(new JobStatus(id, name, ended, job.message(), phases.get(0), phases.get(1), losses, workers,
                ageMs, etaMs, examples, Counters.of(counters)));
        }
        return new Answer.Seen(jobs);
    }

    private static JobStatus.Phase phase(SeenDecoder.JobsDecoder.PhasesDecoder phase) {
        return new JobStatus.Phase(phase.tasks(), phase.done(), phase.running(), phase.attempts(), phase.failures(),
            phase.bytes(), phase.recordsIn(), phase.recordsOut(), phase.skipped(), phase.slowestTask(),
            phase.slowestMs());
    }
}
