package io.balsa.mapreduce.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.balsa.aeron.RequestHandler;
import io.balsa.aeron.RequestLink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who asks coordinators bears what they are like: slow, silent, gone, without a leader. */
@Timeout(60)
final class RemoteCoordinationTest {
    private static final Request QUESTION = new Request.Look(0);
    private static final Answer ANSWER = new Answer.Nothing(7, false);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path dir;
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void anAnswerThatTakesLongerThanAnAttemptIsHeard() {
        try (RequestLink slow = coordinator(answersAfter(1_600, ANSWER));
             RemoteCoordination remote = connect(PATIENCE, slow)) {
            assertEquals(ANSWER, remote.ask(QUESTION).join());
            assertTrue(asked.get() >= 2, "it was asked again meanwhile, or this has shown nothing");
        }
    }

    @Test
    void aCoordinatorThatSaysNothingIsPassedOverAndNotAskedFirstAgain() {
        final AtomicInteger silentAsked = new AtomicInteger();
        try (RequestLink silent = coordinator((request, reply) -> silentAsked.incrementAndGet());
             RequestLink leader = coordinator(answersAfter(0, ANSWER));
             RemoteCoordination remote = connect(PATIENCE, silent, leader)) {
            assertEquals(ANSWER, remote.ask(QUESTION).join());
            assertEquals(1, silentAsked.get());
            assertEquals(ANSWER, remote.ask(QUESTION).join());
            assertEquals(1, silentAsked.get());
        }
    }

    @Test
    void whoDoesNotLeadSaysWhoDoes() {
        try (RequestLink leader = coordinator(answersAfter(0, ANSWER));
             RequestLink follower = coordinator(answersAfter(0, new Answer.NotLeader(leader.address().toString())));
             RemoteCoordination remote = connect(PATIENCE, follower)) {
            assertEquals(ANSWER, remote.ask(QUESTION).join());
        }
    }

    @Test
    void whoLeadsIsAskedThoughTheWordOfItComesLate() {
        try (RequestLink leader = coordinator(answersAfter(0, ANSWER));
             RequestLink slow = coordinator(answersAfter(1_500, new Answer.NotLeader(leader.address().toString())));
             RemoteCoordination remote = connect(Duration.ofSeconds(8), slow)) {
            assertEquals(ANSWER, remote.ask(QUESTION).join());
        }
    }

    @Test
    void whoWaitsNoMoreAsksNoMore() throws InterruptedException {
        final CountDownLatch isAsked = new CountDownLatch(1);
        try (RequestLink silent = coordinator((request, reply) -> {
                 asked.incrementAndGet();
                 isAsked.countDown();
             });
             RemoteCoordination remote = connect(PATIENCE, silent)) {
            final CompletableFuture<Answer> answer = remote.ask(QUESTION);
            isAsked.await();
            answer.cancel(false);
            final int before = asked.get();
            TimeUnit.MILLISECONDS.sleep(2_200); // for that long nothing may happen
            assertTrue(asked.get() <= before + 1, () -> "asked " + asked + " times"); // one may have been on its way
        }
    }

    @Test
    void anOldWordOfWhoDoesNotLeadIsNoReasonToAskEverMoreOften() {
        try (RequestLink slow = coordinator(answersAfter(1_500, new Answer.NotLeader("")));
             RemoteCoordination remote = connect(Duration.ofSeconds(4), slow)) {
            assertTrue(failure(remote).contains("none of the coordinators"));
            assertTrue(asked.get() <= 5, () -> "asked " + asked + " times in four seconds");
        }
    }

    @Test
    void silenceAndTheLackOfALeaderAreToldApartInOneLineAndInTime() {
        try (RequestLink silent = coordinator((request, reply) -> { });
             RemoteCoordination remote = connect(Duration.ofMillis(300), silent)) {
            assertEquals("no coordinator of [" + silent.address() + "] has answered for 300 ms; "
                + "is a majority of them running there?", failure(remote));
        }
        try (RequestLink leaderless = coordinator(answersAfter(0, new Answer.NotLeader("")));
             RemoteCoordination remote = connect(Duration.ofMillis(300), leaderless)) {
            assertEquals("none of the coordinators [" + leaderless.address() + "] leads, for 300 ms; "
                + "is a majority of them running, and can they reach each other?", failure(remote));
        }
    }

    private static String failure(RemoteCoordination remote) {
        return remote.ask(QUESTION).handle((answer, e) -> e.getMessage()).join();
    }

    private RequestLink coordinator(RequestHandler handler) {
        return RequestLink.open("127.0.0.1", RequestLink.ANY_PORT, dir, handler);
    }

    private RequestHandler answersAfter(long ms, Answer answer) {
        return (request, reply) -> {
            asked.incrementAndGet();
            CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS)
                .execute(() -> reply.send(AnswerCodec.encode(answer)));
        };
    }

    private static RemoteCoordination connect(Duration patience, RequestLink... coordinators) {
        return RemoteCoordination.open(
            List.of(coordinators).stream().map(each -> each.address().toString()).toList(), patience);
    }
}
