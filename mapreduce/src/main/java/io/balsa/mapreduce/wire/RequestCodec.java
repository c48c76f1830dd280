package io.balsa.mapreduce.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.wire.Request.Claimant;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Requests as the messages of mapreduce.xml. */
public final class RequestCodec {
    private RequestCodec() {
    }

    /**
     * Writes a request.
     *
     * @throws IllegalArgumentException for a list too long for a message
     */
    public static byte[] encode(Request request) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        final MessageHeaderEncoder header = new MessageHeaderEncoder();
        final int length = switch (request) {
            case Request.Submit submit -> submit(submit, buffer, header);
            case Request.Claim claim -> new ClaimEncoder().wrapAndApplyHeader(buffer, 0, header)
                .worker(claim.claimant().worker()).slot(claim.claimant().slot()).number(claim.number())
                .encodedLength();
            case Request.ClaimBackup backup -> new ClaimBackupEncoder().wrapAndApplyHeader(buffer, 0, header)
                .worker(backup.claimant().worker()).slot(backup.claimant().slot()).number(backup.number())
                .job(backup.job()).task(backup.task()).kind(backup.kind().encoded()).encodedLength();
            case Request.MapDone done -> mapDone(done, buffer, header);
            case Request.ReduceDone done -> reduceDone(done, buffer, header);
            case Request.TaskFailed failed -> taskFailed(failed, buffer, header);
            case Request.RunLost lost -> runLost(lost, buffer, header);
            case Request.Cancel cancel ->
                new CancelEncoder().wrapAndApplyHeader(buffer, 0, header).job(cancel.job()).encodedLength();
            case Request.Expire(AttemptId id) -> new ExpireEncoder().wrapAndApplyHeader(buffer, 0, header)
                .job(id.job()).task(id.task()).attempt(id.attempt()).kind(id.kind().encoded()).encodedLength();
            case Request.Published published -> new PublishedEncoder().wrapAndApplyHeader(buffer, 0, header)
                .job(published.job()).failure(published.failure()).encodedLength();
            case Request.Renew renew -> renew(renew, buffer, header);
            case Request.Look look ->
                new LookEncoder().wrapAndApplyHeader(buffer, 0, header).job(look.job()).encodedLength();
        };
        return Bytes.copy(buffer, header.encodedLength() + length);
    }

    public static Request decode(byte[] message) {
        return decode(new UnsafeBuffer(message), 0);
    }

    /**
     * The reverse of {@link #encode}.
     *
     * @throws IllegalArgumentException when this version does not know such a message
     */
    public static Request decode(DirectBuffer buffer, int offset) {
        final MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(buffer, offset);
        return switch (header.templateId()) {
            case SubmitDecoder.TEMPLATE_ID -> submit(new SubmitDecoder().wrapAndApplyHeader(buffer, offset, header));
            case ClaimDecoder.TEMPLATE_ID -> {
                final ClaimDecoder claim = new ClaimDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.Claim(new Claimant(claim.worker(), claim.slot()), claim.number());
            }
            case ClaimBackupDecoder.TEMPLATE_ID -> {
                final ClaimBackupDecoder claim = new ClaimBackupDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.ClaimBackup(new Claimant(claim.worker(), claim.slot()), claim.number(), claim.job(),
                    TaskKind.of(claim.kind()), claim.task());
            }
            case MapDoneDecoder.TEMPLATE_ID ->
                mapDone(new MapDoneDecoder().wrapAndApplyHeader(buffer, offset, header));
            case ReduceDoneDecoder.TEMPLATE_ID ->
                reduceDone(new ReduceDoneDecoder().wrapAndApplyHeader(buffer, offset, header));
            case TaskFailedDecoder.TEMPLATE_ID -> {
                final TaskFailedDecoder failed = new TaskFailedDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.TaskFailed(
                    new AttemptId(failed.job(), TaskKind.of(failed.kind()), failed.task(), failed.attempt()),
                    failed.worker(), failed.message());
            }
            case RunLostDecoder.TEMPLATE_ID -> {
                final RunLostDecoder lost = new RunLostDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.RunLost(new AttemptId(lost.job(), TaskKind.REDUCE, lost.task(), lost.attempt()),
                    lost.map(), lost.mapAttempt(), lost.message());
            }
            case CancelDecoder.TEMPLATE_ID ->
                new Request.Cancel(new CancelDecoder().wrapAndApplyHeader(buffer, offset, header).job());
            case ExpireDecoder.TEMPLATE_ID -> {
                final ExpireDecoder expire = new ExpireDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.Expire(
                    new AttemptId(expire.job(), TaskKind.of(expire.kind()), expire.task(), expire.attempt()));
            }
            case PublishedDecoder.TEMPLATE_ID -> {
                final PublishedDecoder published = new PublishedDecoder().wrapAndApplyHeader(buffer, offset, header);
                yield new Request.Published(published.job(), published.failure());
            }
            case RenewDecoder.TEMPLATE_ID -> renew(new RenewDecoder().wrapAndApplyHeader(buffer, offset, header));
            case LookDecoder.TEMPLATE_ID ->
                new Request.Look(new LookDecoder().wrapAndApplyHeader(buffer, offset, header).job());
            default -> throw new IllegalArgumentException("a message of kind " + header.templateId()
                + ", which this version does not know; upgrade this process");
        };
    }

    private static int submit(Request.Submit submit, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final SubmitEncoder encoder = new SubmitEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(submit.job()).reduces(submit.reduces()).maxAttempts(submit.maxAttempts())
            .flags((short) submit.flags().bits());
        final SubmitEncoder.SplitsEncoder splits = encoder.splitsCount(submit.splits().size());
        submit.splits().forEach(split -> splits.next().from(split.from()).to(split.to()).file(split.file()));
        return encoder.putSpec(submit.spec().bytes(), 0, submit.spec().bytes().length).encodedLength();
    }

    private static Request.Submit submit(SubmitDecoder submit) {
        final long job = submit.job();
        final int reduces = submit.reduces();
        final int maxAttempts = submit.maxAttempts();
        final JobFlags flags = JobFlags.of(submit.flags());
        final List<Split> splits = new ArrayList<>();
        for (final SubmitDecoder.SplitsDecoder split : submit.splits()) {
            final long from = split.from();
            final long to = split.to();
            splits.add(new Split(split.file(), from, to));
        }
        final byte[] spec = new byte[submit.specLength()];
        submit.getSpec(spec, 0, spec.length);
        return new Request.Submit(job, reduces, maxAttempts, flags, splits, new EncodedSpec(spec));
    }

    private static int mapDone(Request.MapDone done, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final AttemptId id = done.attempt();
        final Sums sums = done.sums();
        final MapDoneEncoder encoder = new MapDoneEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt())
            .recordsIn(sums.recordsIn()).recordsOut(sums.recordsOut()).skipped(sums.skipped());
        final MapDoneEncoder.RunsEncoder runs = encoder.runsCount(done.runs().size());
        done.runs().forEach(run -> runs.next().bytes(run.bytes()).crc(run.crc()));
        final MapDoneEncoder.CountersEncoder counters = encoder.countersCount(sums.counters().values().size());
        sums.counters().values().forEach((name, amount) -> counters.next().amount(amount).name(name));
        final MapDoneEncoder.ExamplesEncoder examples = encoder.examplesCount(sums.examples().size());
        sums.examples().forEach(example -> examples.next().text(example));
        return encoder.encodedLength();
    }

    private static Request.MapDone mapDone(MapDoneDecoder done) {
        final AttemptId id = new AttemptId(done.job(), TaskKind.MAP, done.task(), done.attempt());
        final long recordsIn = done.recordsIn();
        final long recordsOut = done.recordsOut();
        final long skipped = done.skipped();
        final List<Run> runs = new ArrayList<>();
        done.runs().forEach(run -> runs.add(new Run(id.attempt(), run.bytes(), run.crc())));
        final Map<String, Long> counters = new TreeMap<>();
        for (final MapDoneDecoder.CountersDecoder counter : done.counters()) {
            final long amount = counter.amount();
            counters.put(counter.name(), amount);
        }
        final List<String> examples = new ArrayList<>();
        done.examples().forEach(example -> examples.add(example.text()));
        return new Request.MapDone(id, runs,
            new Sums(recordsIn, recordsOut, skipped, examples, Counters.of(counters)));
    }

    private static int reduceDone(Request.ReduceDone done, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final AttemptId id = done.attempt();
        final Sums sums = done.sums();
        final ReduceDoneEncoder encoder = new ReduceDoneEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt())
            .recordsIn(sums.recordsIn()).recordsOut(sums.recordsOut());
        final ReduceDoneEncoder.OutputsEncoder outputs = encoder.outputsCount(done.outputs().size());
        done.outputs().forEach(output ->
            outputs.next().bytes(output.bytes()).name(output.name()).temporary(output.temporary()));
        final ReduceDoneEncoder.CountersEncoder counters = encoder.countersCount(sums.counters().values().size());
        sums.counters().values().forEach((name, amount) -> counters.next().amount(amount).name(name));
        return encoder.encodedLength();
    }

    private static Request.ReduceDone reduceDone(ReduceDoneDecoder done) {
        final AttemptId id = new AttemptId(done.job(), TaskKind.REDUCE, done.task(), done.attempt());
        final long recordsIn = done.recordsIn();
        final long recordsOut = done.recordsOut();
        final List<OutputFile> outputs = new ArrayList<>();
        for (final ReduceDoneDecoder.OutputsDecoder output : done.outputs()) {
            final long bytes = output.bytes();
            outputs.add(new OutputFile(output.name(), output.temporary(), bytes));
        }
        final Map<String, Long> counters = new TreeMap<>();
        for (final ReduceDoneDecoder.CountersDecoder counter : done.counters()) {
            final long amount = counter.amount();
            counters.put(counter.name(), amount);
        }
        return new Request.ReduceDone(id, outputs,
            new Sums(recordsIn, recordsOut, 0, List.of(), Counters.of(counters)));
    }

    private static int taskFailed(Request.TaskFailed failed, ExpandableArrayBuffer buffer,
                                  MessageHeaderEncoder header) {
        final AttemptId id = failed.attempt();
        final TaskFailedEncoder encoder = new TaskFailedEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt()).kind(id.kind().encoded()).worker(failed.worker());
        return encoder.message(failed.message()).encodedLength();
    }

    private static int runLost(Request.RunLost lost, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final AttemptId id = lost.reduce();
        final RunLostEncoder encoder = new RunLostEncoder().wrapAndApplyHeader(buffer, 0, header)
            .job(id.job()).task(id.task()).attempt(id.attempt()).map(lost.map()).mapAttempt(lost.mapAttempt());
        return encoder.message(lost.message()).encodedLength();
    }

    private static int renew(Request.Renew renew, ExpandableArrayBuffer buffer, MessageHeaderEncoder header) {
        final RenewEncoder encoder = new RenewEncoder().wrapAndApplyHeader(buffer, 0, header).worker(renew.worker());
        final RenewEncoder.RunningEncoder running = encoder.runningCount(renew.running().size());
        renew.running().forEach(id -> running.next()
            .job(id.job()).task(id.task()).attempt(id.attempt()).kind(id.kind().encoded()));
        return encoder.encodedLength();
    }

    private static Request.Renew renew(RenewDecoder renew) {
        final long worker = renew.worker();
        final List<AttemptId> running = new ArrayList<>();
        renew.running().forEach(id ->
            running.add(new AttemptId(id.job(), TaskKind.of(id.kind()), id.task(), id.attempt())));
        return new Request.Renew(worker, running);
    }
}
