package io.balsa.mapreduce.coordinator;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.wire.EncodedSpec;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.Request.Submit;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.Sums;
import org.pcollections.PSortedMap;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * The state as bytes, the same for equal states: numbers are big-endian, a list is its length and its elements, a text
 * or a list of bytes its length and its bytes.
 * <pre>
 *   magic, format
 *   jobs:   order, id, reduces, max attempts, flags, spec, splits, losses, ended, message, maps, reduces
 *   claims: worker, slot, number, index
 *   task:   issued, voided, failures, avoid, running (number, worker, slot, claim), result
 *   result: 0, or 1, attempt, sums, and runs (bytes, crc) or outputs (name, temporary, bytes)
 * </pre>
 */
final class JobsSnapshot {
    private static final int MAGIC = 0x4D524A53;
    private static final int FORMAT = 1;

    private JobsSnapshot() {
    }

    static void write(Jobs jobs, OutputStream stream) throws IOException {
        final DataOutputStream out = new DataOutputStream(stream);
        out.writeInt(MAGIC);
        out.writeInt(FORMAT);
        out.writeInt(jobs.byOrder().size());
        for (final Map.Entry<Long, JobState> entry : jobs.byOrder().entrySet()) {
            out.writeLong(entry.getKey());
            writeJob(entry.getValue(), out);
        }
        out.writeInt(jobs.claims().size());
        for (final Map.Entry<Claimant, Jobs.LastClaim> entry : jobs.claims().entrySet()) {
            writeClaimant(entry.getKey(), out);
            out.writeLong(entry.getValue().number());
            out.writeLong(entry.getValue().index());
        }
        out.flush();
    }

    static Jobs read(InputStream stream) throws IOException {
        final DataInputStream in = new DataInputStream(stream);
        if (in.readInt() != MAGIC) {
            throw new IOException("the snapshot is not one of jobs; is the directory another service's?");
        }
        final int format = in.readInt();
        if (format != FORMAT) {
            throw new IOException("the snapshot is in format " + format + ", this version reads format " + FORMAT
                + "; upgrade this node");
        }
        PSortedMap<Long, JobState> jobs = TreePMap.empty();
        for (int left = in.readInt(); left > 0; left--) {
            final long order = in.readLong();
            jobs = jobs.plus(order, readJob(in));
        }
        PSortedMap<Claimant, Jobs.LastClaim> claims = TreePMap.empty();
        for (int left = in.readInt(); left > 0; left--) {
            final Claimant claimant = readClaimant(in);
            claims = claims.plus(claimant, new Jobs.LastClaim(in.readLong(), in.readLong()));
        }
        if (in.read() >= 0) {
            throw new IOException("the snapshot goes on behind its end; upgrade this node");
        }
        return new Jobs(jobs, claims);
    }

    private static void writeJob(JobState job, DataOutputStream out) throws IOException {
        final Submit submit = job.submit();
        out.writeLong(submit.job());
        out.writeInt(submit.reduces());
        out.writeInt(submit.maxAttempts());
        out.writeByte(submit.flags().bits());
        writeBytes(submit.spec().bytes(), out);
        out.writeInt(submit.splits().size());
        for (final Split split : submit.splits()) {
            writeText(split.file(), out);
            out.writeLong(split.from());
            out.writeLong(split.to());
        }
        out.writeInt(job.losses());
        out.writeByte(job.ended().code());
        writeText(job.message(), out);
        for (final Task map : job.maps().tasks()) {
            writeTask(map, out);
        }
        for (final Task reduce : job.reduces().tasks()) {
            writeTask(reduce, out);
        }
    }

    private static JobState readJob(DataInputStream in) throws IOException {
        final long id = in.readLong();
        final int reduces = in.readInt();
        final int maxAttempts = in.readInt();
        final JobFlags flags = JobFlags.of(in.readByte());
        final EncodedSpec spec = new EncodedSpec(readBytes(in));
        final List<Split> splits = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            splits.add(new Split(readText(in), in.readLong(), in.readLong()));
        }
        final int losses = in.readInt();
        final Ended ended = Ended.ofCode(in.readByte());
        final String message = readText(in);
        final Tasks maps = readTasks(splits.size(), in);
        return new JobState(new Submit(id, reduces, maxAttempts, flags, splits, spec), maps, readTasks(reduces, in),
            losses, ended, message);
    }

    private static Tasks readTasks(int count, DataInputStream in) throws IOException {
        final List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(readTask(in));
        }
        return Tasks.of(TreePVector.from(tasks));
    }

    private static void writeTask(Task task, DataOutputStream out) throws IOException {
        out.writeInt(task.issued());
        out.writeInt(task.voided());
        out.writeInt(task.failures());
        out.writeLong(task.avoid());
        out.writeInt(task.running().size());
        for (final Attempt attempt : task.running()) {
            out.writeInt(attempt.number());
            writeClaimant(attempt.claimant(), out);
            out.writeLong(attempt.claim());
        }
        out.writeByte(task.result().isPresent() ? 1 : 0);
        if (task.result().isPresent()) {
            writeResult(task.result().get(), out);
        }
    }

    private static Task readTask(DataInputStream in) throws IOException {
        final int issued = in.readInt();
        final int voided = in.readInt();
        final int failures = in.readInt();
        final long avoid = in.readLong();
        PVector<Attempt> running = TreePVector.empty();
        for (int left = in.readInt(); left > 0; left--) {
            final int number = in.readInt();
            running = running.plus(new Attempt(number, readClaimant(in), in.readLong()));
        }
        final Optional<Result> result = in.readByte() == 0 ? Optional.empty() : Optional.of(readResult(in));
        return new Task(issued, voided, failures, avoid, running, result);
    }

    private static void writeResult(Result result, DataOutputStream out) throws IOException {
        out.writeInt(result.attempt());
        writeSums(result.sums(), out);
        switch (result) {
            case Result.OfMap map -> {
                out.writeByte(0);
                out.writeInt(map.runs().size());
                for (final Run run : map.runs()) {
                    out.writeLong(run.bytes());
                    out.writeInt(run.crc());
                }
            }
            case Result.OfReduce reduce -> {
                out.writeByte(1);
                out.writeInt(reduce.outputs().size());
                for (final OutputFile output : reduce.outputs()) {
                    writeText(output.name(), out);
                    writeText(output.temporary(), out);
                    out.writeLong(output.bytes());
                }
            }
        }
    }

    private static Result readResult(DataInputStream in) throws IOException {
        final int attempt = in.readInt();
        final Sums sums = readSums(in);
        final boolean ofMap = in.readByte() == 0;
        final int count = in.readInt();
        if (ofMap) {
            final List<Run> runs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                runs.add(new Run(attempt, in.readLong(), in.readInt()));
            }
            return new Result.OfMap(attempt, runs, sums);
        }
        final List<OutputFile> outputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outputs.add(new OutputFile(readText(in), readText(in), in.readLong()));
        }
        return new Result.OfReduce(attempt, outputs, sums);
    }

    private static void writeSums(Sums sums, DataOutputStream out) throws IOException {
        out.writeLong(sums.recordsIn());
        out.writeLong(sums.recordsOut());
        out.writeLong(sums.skipped());
        out.writeInt(sums.examples().size());
        for (final String example : sums.examples()) {
            writeText(example, out);
        }
        out.writeInt(sums.counters().values().size());
        for (final Map.Entry<String, Long> counter : sums.counters().values().entrySet()) {
            writeText(counter.getKey(), out);
            out.writeLong(counter.getValue());
        }
    }

    private static Sums readSums(DataInputStream in) throws IOException {
        final long recordsIn = in.readLong();
        final long recordsOut = in.readLong();
        final long skipped = in.readLong();
        final List<String> examples = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            examples.add(readText(in));
        }
        final Map<String, Long> counters = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            counters.put(readText(in), in.readLong());
        }
        return new Sums(recordsIn, recordsOut, skipped, examples, Counters.of(counters));
    }

    private static void writeClaimant(Claimant claimant, DataOutputStream out) throws IOException {
        out.writeLong(claimant.worker());
        out.writeInt(claimant.slot());
    }

    private static Claimant readClaimant(DataInputStream in) throws IOException {
        return new Claimant(in.readLong(), in.readInt());
    }

    private static void writeText(String text, DataOutputStream out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        final int length = in.readInt();
        final byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new IOException("the snapshot ends early; it is damaged, rebuild this node from its peers");
        }
        return bytes;
    }
}
