package io.balsa.mapreduce.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.TaskKind;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Seeds;
import io.balsa.raft.testkit.Simulation;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The coordinator's state in the simulator's bad world: all replicas give the same answers and have the same state
 * after every command, over crashes, partitions and snapshots; and no command breaks one of the laws of jobs, which
 * are looked at after each. {@code -Dseed=N} plays one seed and tells its last events, {@code -Dseeds=N} plays that
 * many.
 */
class JobSimulationTest {
    private static final long SEEDS = 40;
    private static final long SOAK_SEEDS = 1_000;

    private final Simulation<Answer> simulation = Simulation.of(Lawful::new, RandomRequests::draw)
        .withReplay(seed -> "mvn -q -pl mapreduce -am verify -Dtest=JobSimulationTest#everySeedKeepsEveryPromise"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dseed=" + seed);

    @Test
    void everySeedKeepsEveryPromise() throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(simulation.transcriptOf(seed));
            simulation.run(seed);
        } else {
            Seeds.play(simulation, 1, Long.getLong("seeds", SEEDS), System.out::println);
        }
    }

    @Test
    @Tag("soak")
    void soak() throws InterruptedException {
        Seeds.play(simulation, 1_000_000, Long.getLong("seeds", SOAK_SEEDS), System.out::println);
    }

    /** Otherwise the runs above would prove little. */
    @Test
    void randomRequestsBringJobsToEveryEnd() {
        final JobStateMachine machine = new JobStateMachine();
        final SplittableRandom random = new SplittableRandom(1);
        final Map<Ended, Integer> ends = new EnumMap<>(Ended.class);
        int maps = 0;
        int losses = 0;
        for (int number = 1; number <= 60_000; number++) {
            final byte[] command = RandomRequests.draw(random, number, Integer.MAX_VALUE);
            machine.apply(number, 1, new UnsafeBuffer(command), 0, command.length);
        }
        for (final JobState job : machine.jobs().byOrder().values()) {
            ends.merge(job.ended(), 1, Integer::sum);
            maps += job.maps().done();
            losses += job.losses();
        }
        assertTrue(ends.getOrDefault(Ended.DONE, 0) > 3 && ends.getOrDefault(Ended.FAILED, 0) > 3
            && ends.getOrDefault(Ended.CANCELLED, 0) > 0 && maps > 50 && losses > 3, ends + " " + maps + " " + losses);
    }

    /** Throws where a command breaks a law, which stops the simulation and names the entry. */
    private static final class Lawful implements StateMachine<Answer> {
        private final JobStateMachine machine = new JobStateMachine();
        /** Of each task that is done, the attempt that won. */
        private final Map<AttemptId, Integer> winners = new TreeMap<>();

        @Override
        public Answer apply(long index, long term, DirectBuffer command, int offset, int length) {
            final Map<Long, Integer> losses = new TreeMap<>();
            machine.jobs().byOrder().values().forEach(job -> losses.put(job.id(), job.losses()));
            final Answer answer = machine.apply(index, term, command, offset, length);
            for (final JobState job : machine.jobs().byOrder().values()) {
                check(job, losses.getOrDefault(job.id(), 0));
            }
            return answer;
        }

        private void check(JobState job, int lossesBefore) {
            for (final TaskKind kind : TaskKind.values()) {
                final Tasks tasks = job.tasks(kind);
                int done = 0;
                for (int number = 0; number < tasks.count(); number++) {
                    final Task task = tasks.get(number);
                    done += task.isDone() ? 1 : 0;
                    require(!(task.isDone() && task.isRunning()), "a task that is done runs on", job);
                    require(tasks.idle().contains(number) == !(task.isDone() || task.isRunning()),
                        "idle is what neither runs nor is done", job);
                    final AttemptId key = new AttemptId(job.id(), kind, number, 0);
                    final Integer won = task.result().map(Result::attempt).orElse(null);
                    final Integer before = won == null ? winners.remove(key) : winners.put(key, won);
                    require(before == null || before.equals(won) || job.losses() > lossesBefore,
                        "a task that is done stays done by the same attempt", job);
                }
                require(done == tasks.done(), "what is done is counted", job);
                assertEquals(Tasks.of(tasks.tasks()).digest(), tasks.digest());
            }
            require(job.ended() != Ended.DONE || job.reduces().isDone(), "a job is done when its reduces are", job);
        }

        private static void require(boolean holds, String law, JobState job) {
            if (!holds) {
                throw new IllegalStateException(law + ": " + job);
            }
        }

        @Override
        public long stateHash() {
            return machine.stateHash();
        }

        @Override
        public Optional<View> freeze() {
            return machine.freeze();
        }

        @Override
        public void restore(InputStream state) throws IOException {
            machine.restore(state);
            winners.clear();
        }
    }
}
