package io.balsa.mapreduce.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.InputFormat;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.OutputFile;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.EncodedSpec;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Request.Claimant;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.Sums;
import io.balsa.mapreduce.wire.TaskKind;

/** A state machine and what tests say to it. */
final class Play {
    static final long JOB = 0xB0B;
    static final JobFlags RENEWED = new JobFlags(false, false);

    final JobStateMachine machine = new JobStateMachine();
    private final Map<Claimant, Long> claims = new TreeMap<>();
    private long index;

    /** A play with one job under way. */
    static Play of(int maps, int reduces) {
        final Play play = new Play();
        play.hears(submit(JOB, maps, reduces, RENEWED));
        return play;
    }

    static Request.Submit submit(long job, int maps, int reduces, JobFlags flags) {
        final List<Split> splits = IntStream.range(0, maps).mapToObj(i -> new Split("/in/" + i, 0, 100 + i)).toList();
        return new Request.Submit(job, reduces, 3, flags, splits, EncodedSpec.of(spec(reduces, flags.fixedLease())));
    }

    static JobSpec spec(int reduces, boolean lab) {
        return new JobSpec("play", new JobSpec.JobClasses("M", "R", Optional.empty(), Optional.empty(), "K", "V"),
            List.of(), InputFormat.WHOLE_FILES, List.of("/in/*"), reduces, "/out", "/work", 1 << 20, 1 << 20, lab,
            false, 0, 3, 600_000, false, new TreeMap<>());
    }

    Answer hears(Request.Command command) {
        return machine.apply(++index, command);
    }

    JobState job() {
        return machine.jobs().find(JOB).orElseThrow();
    }

    static Claimant worker(int number) {
        return new Claimant(number, 0);
    }

    Answer claims(int worker) {
        return hears(new Request.Claim(worker(worker), claims.merge(worker(worker), 1L, Long::sum)));
    }

    /** The attempt that a worker is given. */
    AttemptId given(int worker) {
        return attemptOf(claims(worker));
    }

    static AttemptId attemptOf(Answer answer) {
        return switch (answer) {
            case Answer.RunMap map -> map.attempt();
            case Answer.RunReduce reduce -> reduce.attempt();
            default -> throw new AssertionError("no task: " + answer);
        };
    }

    void findsNothing(int worker) {
        assertInstanceOf(Answer.Nothing.class, claims(worker));
    }

    static AttemptId map(int task, int attempt) {
        return new AttemptId(JOB, TaskKind.MAP, task, attempt);
    }

    static AttemptId reduce(int task, int attempt) {
        return new AttemptId(JOB, TaskKind.REDUCE, task, attempt);
    }

    static Request.Command doneBy(AttemptId id, int reduces) {
        final Sums sums = new Sums(10, 20, 0, List.of(), Counters.of(Map.of("seen", 1L)));
        if (id.kind() == TaskKind.REDUCE) {
            final String name = "mr-out-" + id.task();
            return new Request.ReduceDone(id,
                List.of(new OutputFile(name, "." + name + "." + id.attempt(), 7)), sums);
        }
        final List<Run> runs = new ArrayList<>();
        IntStream.range(0, reduces).forEach(reduce -> runs.add(new Run(id.attempt(), 100 + reduce, id.task())));
        return new Request.MapDone(id, runs, sums);
    }

    Answer finishes(AttemptId id) {
        return hears(doneBy(id, job().reduces().count()));
    }

    void finishesWell(AttemptId id) {
        assertEquals(Answer.Heard.ACCEPTED, finishes(id));
    }

    /** One worker does all maps. */
    void allMapsAreDone() {
        while (!job().maps().isDone()) {
            finishesWell(given(99));
        }
    }

    Answer fails(AttemptId id, int worker, String why) {
        return hears(new Request.TaskFailed(id, worker, why));
    }

    Answer expires(AttemptId id) {
        return hears(new Request.Expire(id));
    }
}
