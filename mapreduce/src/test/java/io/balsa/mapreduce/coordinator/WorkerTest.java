package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.balsa.mapreduce.Counters;
import io.balsa.mapreduce.JobSpec;
import io.balsa.mapreduce.task.LostMapOutput;
import io.balsa.mapreduce.task.MapResult;
import io.balsa.mapreduce.task.MapTask;
import io.balsa.mapreduce.task.ReduceResult;
import io.balsa.mapreduce.task.ReduceTask;
import io.balsa.mapreduce.task.RunRef;
import io.balsa.mapreduce.task.Split;
import io.balsa.mapreduce.task.TaskAborted;
import io.balsa.mapreduce.task.TaskControl;
import io.balsa.mapreduce.task.TaskException;
import io.balsa.mapreduce.task.TaskFailed;
import io.balsa.mapreduce.task.TaskRunner;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Coordination;
import io.balsa.mapreduce.wire.EncodedSpec;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.JobStatus;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.worker.CpuPermits;
import io.balsa.mapreduce.worker.Worker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker and a coordinator in one process, and tasks that do as tests say. */
@Timeout(60)
final class WorkerTest {
    private static final Duration LEASE = Duration.ofSeconds(2);

    @TempDir
    private Path out;

    /** What tests make of tasks; by default they are done at once. */
    private abstract static class Scripted implements TaskRunner {
        @SuppressWarnings("UnusedVariable") // those who script it use them
        void map(MapTask task, TaskControl control) throws TaskException, InterruptedException {
        }

        @SuppressWarnings("UnusedVariable")
        void reduce(ReduceTask task, TaskControl control) throws TaskException, InterruptedException {
        }

        @Override
        public final MapResult runMap(MapTask task, TaskControl control) throws TaskException {
            try {
                map(task, control);
            } catch (InterruptedException e) {
                throw new TaskAborted("interrupted");
            }
            final List<RunRef> runs = IntStream.range(0, task.spec().reduces())
                .mapToObj(reduce -> new RunRef("", 0, 0)).toList();
            return new MapResult(runs, Counters.NONE, 1, 1, List.of());
        }

        @Override
        public final ReduceResult runReduce(ReduceTask task, TaskControl control) throws TaskException {
            try {
                reduce(task, control);
            } catch (InterruptedException e) {
                throw new TaskAborted("interrupted");
            }
            return new ReduceResult(List.of(), Counters.NONE, 1, 1);
        }
    }

    @Test
    void tasksThatKeepEveryProcessorBusyLoseNoLease() throws Exception {
        final int processors = Runtime.getRuntime().availableProcessors();
        final JobStatus end = run(2 * processors, 600_000, processors, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) {
                final long untilNs = System.nanoTime() + LEASE.plusSeconds(1).toNanos();
                while (System.nanoTime() - untilNs < 0) {
                    control.progress(); // computes, and never waits: no virtual thread gets its processor
                }
            }
        });
        assertEquals(Ended.DONE, end.ended());
        assertEquals(2 * processors, end.map().attempts(), "no task was handed out twice");
    }

    @Test
    void noMoreTasksComputeThanThereArePermits() throws Exception {
        final AtomicInteger now = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        run(12, 600_000, 6, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) throws InterruptedException {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.sleep(20);
                now.decrementAndGet();
            }
        });
        assertEquals(Runtime.getRuntime().availableProcessors(), most.get());
    }

    @Test
    void whoSaysThatItWaitsLetsOthersCompute() throws Exception {
        final CountDownLatch allAreHere = new CountDownLatch(6);
        final JobStatus end = run(6, 600_000, 6, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) throws TaskException {
                allAreHere.countDown();
                try {
                    control.blocking(() -> {
                        allAreHere.await(); // for ever, if one of the others could not begin
                        return null;
                    });
                } catch (Exception e) {
                    throw new TaskFailed(e.toString(), e);
                }
            }
        });
        assertEquals(6, end.map().attempts());
    }

    @Test
    void aTaskWithoutProgressHasFailed() throws Exception {
        final JobStatus end = run(1, 300, 1, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) throws InterruptedException {
                if (task.attempt() < 3) {
                    new CountDownLatch(1).await();
                }
            }
        });
        assertEquals(Ended.DONE, end.ended());
        assertEquals(2, end.map().failures());
    }

    @Test
    void aTaskThatAlwaysFailsEndsTheJobWithOneLine() throws Exception {
        final JobStatus end = run(1, 600_000, 2, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) throws TaskFailed {
                throw new TaskFailed("map 0 of job play: no space left on /work\nat line 7", null);
            }
        });
        assertEquals(Ended.FAILED, end.ended());
        assertEquals("map 0 of job play: no space left on /work", end.message());
    }

    @Test
    void whatTheJobsCodeThrowsIsAFailureOfTheTaskAndNotOfTheWorker() throws Exception {
        final JobStatus end = run(3, 600_000, 2, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) {
                if (task.attempt() == 1) {
                    throw new StackOverflowError();
                }
            }
        });
        assertEquals(Ended.DONE, end.ended());
        assertEquals(3, end.map().failures());
    }

    @Test
    void aLostOutputIsMadeAgain() throws Exception {
        final JobStatus end = run(2, 600_000, 1, new Scripted() {
            @Override
            void reduce(ReduceTask task, TaskControl control) throws LostMapOutput {
                if (task.runs().get(1).file().equals("mr-1-0.1")) {
                    throw new LostMapOutput(1, "mr-1-0.1 is gone", null);
                }
            }
        });
        assertEquals(Ended.DONE, end.ended());
        assertEquals(1, end.losses());
        assertEquals(3, end.map().attempts());
        assertEquals(0, end.reduce().failures());
    }

    @Test
    void aCancelledJobsTasksAreEnded() throws Exception {
        final CountDownLatch runs = new CountDownLatch(1);
        final CountDownLatch isEnded = new CountDownLatch(1);
        try (Coordinator coordinator = started()) {
            submit(coordinator, 1, 600_000);
            final Thread worker = Thread.ofPlatform().start(() -> work(coordinator, 1, new Scripted() {
                @Override
                void map(MapTask task, TaskControl control) throws InterruptedException {
                    runs.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        isEnded.countDown();
                    }
                }
            }));
            runs.await();
            coordinator.ask(new Request.Cancel(JOB)).join();
            isEnded.await();
            worker.join();
        }
    }

    @Test
    void aLateTaskIsTriedElsewhereWhereTheJobWantsThat() throws Exception {
        try (Coordinator coordinator = started()) {
            coordinator.ask(new Request.Submit(JOB, 1, 3, new JobFlags(false, true), splits(4),
                EncodedSpec.of(spec(600_000)))).join();
            final TaskRunner slowAtFirst = new Scripted() {
                @Override
                void map(MapTask task, TaskControl control) throws InterruptedException {
                    if (task.map() == 0 && task.attempt() == 1) {
                        new CountDownLatch(1).await();
                    }
                }
            };
            final Thread other = Thread.ofPlatform().start(() -> work(coordinator, 1, slowAtFirst));
            work(coordinator, 1, slowAtFirst);
            other.join();
            final JobStatus end = look(coordinator);
            assertEquals(Ended.DONE, end.ended());
            assertEquals(5, end.map().attempts());
            assertEquals(0, end.map().failures());
        }
    }

    /**
     * Of the first claim two copies arrive: one finds no job, the next is given its map, and the word of the first is
     * heard. No lease runs out here: what nobody runs is never done.
     */
    private static final class OvertakenCopy implements Coordination {
        private static final int PATIENCE = 20;
        private final Play play = new Play();
        private final Runnable meanwhile;
        private int claims;

        OvertakenCopy(Consumer<Play> meanwhile) {
            this.meanwhile = () -> meanwhile.accept(play);
        }

        @Override
        public synchronized CompletableFuture<Answer> ask(Request request) {
            return CompletableFuture.completedFuture(switch (request) {
                case Request.Claim claim -> claim(claim);
                case Request.Command command -> play.hears(command);
                case Request.Renew renew -> new Answer.Renewed(List.of());
                case Request.Look look -> throw new IllegalStateException("no worker asks that");
            });
        }

        private Answer claim(Request.Claim claim) {
            if (++claims > 1) {
                return claims > PATIENCE || play.job().reduces().isDone() ? new Answer.Nothing(0, true)
                    : play.hears(claim);
            }
            final Answer nothing = play.hears(claim);
            play.hears(Play.submit(JOB, 1, 1, Play.RENEWED));
            play.hears(claim);
            meanwhile.run();
            return nothing;
        }
    }

    @Test
    void whatACopyOfAClaimWasGivenIsRunThoughAnotherCopyFoundNothing() {
        final OvertakenCopy coordination = new OvertakenCopy(play -> { });
        work(coordination, 1, new Scripted() { });
        assertTrue(coordination.play.job().reduces().isDone());
        assertEquals(1, coordination.play.job().maps().get(0).issued());
    }

    @Test
    void aSlotWhoseTaskEndedBeforeItHeardOfItIsGivenAnother() {
        final OvertakenCopy coordination = new OvertakenCopy(play -> play.expires(Play.map(0, 1)));
        work(coordination, 1, new Scripted() { });
        assertTrue(coordination.play.job().reduces().isDone());
        assertEquals(2, coordination.play.job().maps().get(0).issued());
    }

    @Test
    void ofRenewalsThatNobodyAnswersOnlyTheLatestGoOn() {
        final Play play = Play.of(1, 1);
        final List<CompletableFuture<Answer>> renewals = new CopyOnWriteArrayList<>();
        final List<Boolean> givenUp = new ArrayList<>();
        final CountDownLatch fourAreSent = new CountDownLatch(4);
        final Coordination silent = request -> switch (request) {
            case Request.Renew renew -> {
                renewals.add(new CompletableFuture<>());
                if (renewals.size() == 4) {
                    renewals.forEach(each -> givenUp.add(each.isCancelled()));
                }
                fourAreSent.countDown();
                yield renewals.get(renewals.size() - 1);
            }
            case Request.Command command -> CompletableFuture.completedFuture(
                play.job().maps().isDone() ? new Answer.Nothing(0, true) : play.hears(command));
            case Request.Look look -> throw new IllegalStateException("no worker asks that");
        };
        work(silent, 1, new Scripted() {
            @Override
            void map(MapTask task, TaskControl control) throws InterruptedException {
                fourAreSent.await();
            }
        });
        assertEquals(List.of(true, false, false, false), givenUp);
        for (final CompletableFuture<Answer> renewal : renewals) {
            assertTrue(renewal.handle((answer, failure) -> renewal.isCancelled()).join(), "all when the worker ends");
        }
    }

    private JobStatus run(int maps, long taskTimeoutMs, int slots, TaskRunner tasks) throws InterruptedException {
        try (Coordinator coordinator = started()) {
            submit(coordinator, maps, taskTimeoutMs);
            work(coordinator, slots, tasks);
            return look(coordinator);
        }
    }

    private static Coordinator started() {
        final Coordinator coordinator = new Coordinator(new SingleReplica(), true, LEASE, () -> { });
        coordinator.start();
        return coordinator;
    }

    private void submit(Coordinator coordinator, int maps, long taskTimeoutMs) {
        assertEquals(Answer.Heard.ACCEPTED, coordinator.ask(new Request.Submit(JOB, 1, 3, Play.RENEWED, splits(maps),
            EncodedSpec.of(spec(taskTimeoutMs)))).join());
    }

    private static List<Split> splits(int maps) {
        return IntStream.range(0, maps).mapToObj(i -> new Split("/in/" + i, 0, 1)).toList();
    }

    private JobSpec spec(long taskTimeoutMs) {
        final JobSpec spec = Play.spec(1, false);
        return new JobSpec(spec.name(), spec.classes(), spec.jars(), spec.format(), spec.inputs(), 1, out.toString(),
            out.resolve(".mr").toString(), spec.taskMemory(), spec.splitBytes(), false, false, 0, 3, taskTimeoutMs,
            false, spec.options());
    }

    private static void work(Coordination coordinator, int slots, TaskRunner tasks) {
        try (Worker worker = new Worker(coordinator, tasks, CpuPermits.ofThisMachine(), slots)) {
            worker.run();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JobStatus look(Coordinator coordinator) {
        return assertInstanceOf(Answer.Seen.class, coordinator.ask(new Request.Look(JOB)).join()).jobs().get(0);
    }
}
