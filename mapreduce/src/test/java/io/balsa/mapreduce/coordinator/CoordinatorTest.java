package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static io.balsa.mapreduce.coordinator.Play.attemptOf;
import static io.balsa.mapreduce.coordinator.Play.map;
import static io.balsa.mapreduce.coordinator.Play.reduce;
import static io.balsa.mapreduce.coordinator.Play.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.balsa.aeron.RequestLink;
import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.RemoteCoordination;
import io.balsa.mapreduce.wire.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a coordinator does beside its replicated state. */
@Timeout(60)
final class CoordinatorTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    private final SteeredReplica replica = new SteeredReplica();
    private Coordinator coordinator = withLease(SHORT);
    private long claims;

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void aClaimWaitsForATaskAndIsAnsweredAsSoonAsThereIsOne() {
        coordinator.start();
        submit(1, Play.RENEWED);
        final AttemptId only = attemptOf(claim(1).join());
        final CompletableFuture<Answer> waits = claim(2);
        coordinator.ask(Play.doneBy(only, 1)).join();
        assertEquals(reduce(0, 1), attemptOf(waits.join()));
    }

    @Test
    void aClaimThatFindsNothingIsToldSoInTimeAndLeavesNothingInTheLog() {
        coordinator.start();
        assertInstanceOf(Answer.Nothing.class, claim(1).join());
        assertEquals(0, replica.proposed());
    }

    @Test
    void anAttemptWhoseWorkerIsSilentGoesToAnother() {
        coordinator.start();
        submit(1, Play.RENEWED);
        assertEquals(map(0, 1), attemptOf(claim(1).join()));
        assertEquals(map(0, 2), attemptOf(claimUntilGiven(2)));
    }

    @Test
    void anAttemptWhoseWorkerSpeaksIsItsOwn() {
        final Duration lease = Duration.ofSeconds(1); // longer than a busy machine keeps this thread from speaking
        coordinator = withLease(lease);
        coordinator.start();
        submit(1, Play.RENEWED);
        final AttemptId only = attemptOf(claim(1).join());
        final long beganNs = System.nanoTime();
        while (System.nanoTime() - beganNs < 2 * lease.toNanos()) {
            final CompletableFuture<Answer> waits = claim(2);
            while (!waits.isDone()) {
                assertEquals(List.of(), renewed(only));
                LockSupport.parkNanos(1_000_000);
            }
            assertInstanceOf(Answer.Nothing.class, waits.join());
        }
    }

    @Test
    void aWorkerIsToldWhichOfItsAttemptsNobodyWants() {
        coordinator.start();
        submit(1, Play.RENEWED);
        final AttemptId expired = attemptOf(claim(1).join());
        final AttemptId again = attemptOf(claimUntilGiven(2));
        final AttemptId notYetSeen = map(0, 3);
        assertEquals(List.of(expired), renewed(expired, again, notYetSeen));
        coordinator.ask(new Request.Cancel(JOB)).join();
        assertTrue(renewed(again).contains(again));
    }

    @Test
    void whatDoesNotComeIntoTheLogIsTriedAgain() {
        submit(1, Play.RENEWED);
        claim(1).join();
        replica.refuse(3);
        coordinator.start();
        assertEquals(map(0, 2), attemptOf(claimUntilGiven(2)));
        assertEquals(0, replica.refusals());
    }

    @Test
    void whatOnlyALeaderSaysIsRefusedFromOthers() {
        submit(1, Play.RENEWED);
        claim(1).join();
        assertInstanceOf(Answer.Refused.class, coordinator.ask(new Request.Expire(map(0, 1))).join());
        assertInstanceOf(Answer.Refused.class, coordinator.ask(new Request.Published(JOB, "")).join());
        coordinator.start();
    }

    @Test
    void aJobThatWouldStopTheReplicasDoesNotComeIntoTheLog() {
        coordinator.start();
        final Request.Submit good = Play.submit(JOB, 1, 1, Play.RENEWED);
        assertInstanceOf(Answer.Refused.class, coordinator.ask(
            new Request.Submit(JOB, -1, 3, good.flags(), good.splits(), good.spec())).join());
        assertInstanceOf(Answer.Refused.class, coordinator.ask(
            new Request.Submit(JOB, 1, 0, good.flags(), good.splits(), good.spec())).join());
        assertEquals(0, replica.proposed());
    }

    @Test
    void whoDoesNotLeadSaysWhoDoes() {
        coordinator.start();
        replica.leadership = new Replica.Leadership(false, 2, "127.0.0.1:7");
        assertEquals(new Answer.NotLeader("127.0.0.1:7"), claim(1).join());
        assertEquals(new Answer.NotLeader("127.0.0.1:7"), coordinator.ask(new Request.Look(0)).join());
        assertEquals(new Answer.NotLeader("127.0.0.1:7"), coordinator.ask(new Request.Renew(1, List.of())).join());
    }

    @Test
    void whoDoesNotLeadTakesNoTaskFromAnybody() throws InterruptedException {
        submit(1, Play.RENEWED);
        claim(1).join();
        replica.leadership = new Replica.Leadership(false, 2, "");
        final int before = replica.proposed();
        coordinator.start();
        TimeUnit.MILLISECONDS.sleep(2 * SHORT.toMillis()); // for that long nothing may happen
        assertEquals(before, replica.proposed());
    }

    @Test
    void aLoneCoordinatorThatHasDiedSaysSoToWhoeverAsks() {
        coordinator.start();
        final CompletableFuture<Answer> waits = claim(1);
        replica.dies = true;
        final Answer.Refused refused = assertInstanceOf(Answer.Refused.class, waits.join());
        assertTrue(refused.message().contains("no idea"), refused::message);
        assertEquals(refused, claim(2).join());
        assertEquals(refused, coordinator.ask(new Request.Look(0)).join());
        assertEquals(Optional.of(refused.message()), coordinator.failure());
        replica.dies = false;
    }

    @Test
    void whereOthersMayLeadACoordinatorThatHasDiedEndsNobodyWhoAsks() {
        replica.alone = false;
        coordinator.start();
        final CompletableFuture<Answer> waits = claim(1);
        replica.dies = true;
        final Answer askOthers = new Answer.NotLeader("");
        assertEquals(askOthers, waits.join());
        assertEquals(askOthers, claim(2).join());
        assertEquals(askOthers, coordinator.ask(new Request.Look(0)).join());
        assertTrue(coordinator.failure().isPresent());
        replica.dies = false;
    }

    @Test
    void aServiceIsOverWhenItsJobsAreAndNobodyAsksAnyMore() {
        coordinator.start();
        submit(1, Play.RENEWED);
        coordinator.ask(new Request.Cancel(JOB)).join();
        final long endedNs = System.nanoTime();
        while (System.nanoTime() - endedNs < 2_500_000_000L) {
            assertInstanceOf(Answer.Seen.class, coordinator.ask(new Request.Look(JOB)).join());
            assertFalse(coordinator.isOver(), "somebody may not have heard of the end");
            LockSupport.parkNanos(10_000_000);
        }
        while (!coordinator.isOver()) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void aServiceWithoutAJobIsNotOver() throws InterruptedException {
        coordinator.start();
        TimeUnit.MILLISECONDS.sleep(2_200); // for that long nothing may happen
        assertFalse(coordinator.isOver());
    }

    @Test
    void otherProcessesAskOverTheLink() {
        coordinator.start();
        try (RequestLink link = coordinator.serve("127.0.0.1", RequestLink.ANY_PORT);
             RemoteCoordination remote =
                 RemoteCoordination.open(List.of(link.address().toString()), Duration.ofSeconds(20))) {
            assertEquals(Answer.Heard.ACCEPTED, remote.ask(Play.submit(JOB, 500, 3, Play.RENEWED)).join());
            final Answer.RunMap map = assertInstanceOf(Answer.RunMap.class,
                remote.ask(new Request.Claim(worker(1), 1)).join());
            assertEquals("/in/0", map.split().file());
            final Answer.Seen seen = assertInstanceOf(Answer.Seen.class, remote.ask(new Request.Look(JOB)).join());
            assertEquals(500, seen.jobs().get(0).map().tasks());
            assertEquals("play", seen.jobs().get(0).name());
        }
    }

    @Test
    void nobodyWhoAnswersIsSaidInOneLine() {
        try (RemoteCoordination remote = RemoteCoordination.open(List.of("127.0.0.1:9"), Duration.ofMillis(1))) {
            final var failure = remote.ask(new Request.Look(0)).handle((answer, e) -> e.getMessage()).join();
            assertTrue(failure.contains("127.0.0.1:9"), failure);
        }
        coordinator.start();
    }

    private Coordinator withLease(Duration lease) {
        return new Coordinator(replica, false, lease, () -> { });
    }

    private void submit(int maps, JobFlags flags) {
        assertEquals(Answer.Heard.ACCEPTED, coordinator.ask(Play.submit(JOB, maps, 1, flags)).join());
    }

    private CompletableFuture<Answer> claim(int who) {
        return coordinator.ask(new Request.Claim(worker(who), ++claims));
    }

    private Answer claimUntilGiven(int who) {
        final long deadlineNs = System.nanoTime() + 20 * SHORT.toNanos();
        Answer answer = claim(who).join();
        while (answer instanceof Answer.Nothing && System.nanoTime() - deadlineNs < 0) {
            answer = claim(who).join();
        }
        return answer;
    }

    private List<AttemptId> renewed(AttemptId... running) {
        return assertInstanceOf(Answer.Renewed.class,
            coordinator.ask(new Request.Renew(1, List.of(running))).join()).stop();
    }

    /** A replica whose leadership tests decide. */
    private static final class SteeredReplica implements Replica {
        private final SingleReplica replica = new SingleReplica();
        private volatile Leadership leadership = replica.leadership();
        /** So many of the leader's own commands do not come into the log. */
        private int refusals;
        private int proposed;
        private volatile boolean dies;
        private volatile boolean alone = true;

        @Override
        public void propose(Request.Command command, Consumer<Answer> then) {
            synchronized (this) {
                proposed++;
                if (refusals > 0 && command instanceof Request.Internal) {
                    refusals--;
                    then.accept(new Answer.NotLeader(""));
                    return;
                }
            }
            replica.propose(command, then);
        }

        synchronized void refuse(int next) {
            refusals = next;
        }

        synchronized int refusals() {
            return refusals;
        }

        synchronized int proposed() {
            return proposed;
        }

        @Override
        public Jobs jobs() {
            return replica.jobs();
        }

        @Override
        public Leadership leadership() {
            if (dies) {
                throw new IllegalStateException("no idea");
            }
            return leadership;
        }

        @Override
        public boolean isAlone() {
            return alone;
        }

        @Override
        public void close() {
            replica.close();
        }
    }
}
