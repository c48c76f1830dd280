package io.balsa.mapreduce.coordinator;

import java.util.Collections;
import java.util.random.RandomGenerator;

import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.EncodedSpec;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.RequestCodec;
import io.balsa.mapreduce.wire.TaskKind;

/** What a few workers might say of a few small jobs, sense and nonsense: so the same is often said twice, and late. */
final class RandomRequests {
    private static final int MAPS = 4;
    private static final int REDUCES = 3;

    private RandomRequests() {
    }

    static byte[] draw(RandomGenerator random, long number, int maxLength) {
        // Jobs come one after the other, and reports are mostly about the newest ones.
        final long job = 1 + Math.max(0, number / 200 - random.nextInt(2));
        final byte[] request = RequestCodec.encode(request(random, number, job));
        return request.length <= maxLength ? request
            : RequestCodec.encode(new Request.Expire(new AttemptId(job, TaskKind.MAP, 0, 1)));
    }

    /** Short, since commands may be: nobody looks inside a specification here. */
    private static Request.Submit submit(long job) {
        return new Request.Submit(job, REDUCES, 3, new JobFlags(job % 2 == 0, job % 3 == 0),
            Collections.nCopies(MAPS, new Split("f", 0, job)), new EncodedSpec(new byte[] {(byte) job}));
    }

    private static Request.Command request(RandomGenerator random, long number, long job) {
        final Claimant claimant = new Claimant(1 + random.nextInt(3), random.nextInt(2));
        final long claim = number / 8 + random.nextInt(3);
        final TaskKind kind = random.nextInt(3) == 0 ? TaskKind.REDUCE : TaskKind.MAP;
        final int task = random.nextInt(kind == TaskKind.MAP ? MAPS : REDUCES);
        final AttemptId id = new AttemptId(job, kind, task, 1 + random.nextInt(3));
        return switch (random.nextInt(20)) {
            case 0 -> submit(job);
            case 1 -> new Request.TaskFailed(id, claimant.worker(), "map " + task + ": no room");
            case 2 -> new Request.RunLost(new AttemptId(job, TaskKind.REDUCE, task % REDUCES, 1 + random.nextInt(2)),
                random.nextInt(MAPS), 1 + random.nextInt(2), "it is gone");
            case 3 -> new Request.Expire(id);
            case 4 -> new Request.Published(job, random.nextInt(4) == 0 ? "no rights" : "");
            case 5 -> new Request.ClaimBackup(claimant, claim, job, kind, task);
            case 6 -> random.nextInt(20) == 0 ? new Request.Cancel(job) : new Request.Claim(claimant, claim);
            case 7, 8, 9, 10, 11, 12 -> new Request.Claim(claimant, claim);
            default -> Play.doneBy(id, REDUCES);
        };
    }
}
