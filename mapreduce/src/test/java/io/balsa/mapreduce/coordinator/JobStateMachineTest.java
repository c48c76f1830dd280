package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static io.balsa.mapreduce.coordinator.Play.map;
import static io.balsa.mapreduce.coordinator.Play.reduce;
import static io.balsa.mapreduce.coordinator.Play.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.mapreduce.wire.Answer.Heard;
import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.Ended;
import io.balsa.mapreduce.wire.Request;
import io.balsa.mapreduce.wire.Run;
import io.balsa.mapreduce.wire.TaskKind;
import org.junit.jupiter.api.Test;

final class JobStateMachineTest {
    @Test
    void eachTaskIsHandedOutOnceAndReducesWaitForAllMaps() {
        final Play play = Play.of(2, 2);
        final AttemptId first = play.given(1);
        final AttemptId second = play.given(2);
        assertEquals(List.of(map(0, 1), map(1, 1)), List.of(first, second));
        play.findsNothing(3);
        play.finishesWell(first);
        play.findsNothing(1); // one map is still under way: no reduce may begin
        play.finishesWell(second);
        assertEquals(List.of(reduce(0, 1), reduce(1, 1)), List.of(play.given(1), play.given(2)));
        play.findsNothing(3);
    }

    @Test
    void aReduceIsToldWhatTheAcceptedAttemptsWrote() {
        final Play play = Play.of(2, 3);
        final AttemptId late = play.given(1);
        play.expires(late);
        play.finishesWell(play.given(2)); // map 0 again, as attempt 2
        play.finishesWell(play.given(2));
        play.given(1);
        final Answer.RunReduce second = assertInstanceOf(Answer.RunReduce.class, play.claims(2));
        assertEquals(List.of(new Run(2, 101, 0), new Run(1, 101, 1)), second.runs());
    }

    @Test
    void aClaimSaidTwiceIsOneClaim() {
        final Play play = Play.of(3, 1);
        final Request.Claim claim = new Request.Claim(worker(1), 1);
        assertEquals(play.hears(claim), play.hears(claim));
        assertEquals(1, play.job().maps().running().size());
    }

    @Test
    void aLateCopyOfAClaimWhoseTaskHasEndedGetsNothing() {
        final Play play = Play.of(3, 1);
        final Request.Claim claim = new Request.Claim(worker(1), 1);
        play.finishesWell(Play.attemptOf(play.hears(claim)));
        assertEquals(Heard.STALE, play.hears(claim)); // nobody would run what it were given
        assertEquals(Heard.STALE, play.hears(new Request.ClaimBackup(worker(1), 1, JOB, TaskKind.MAP, 1)));
        assertEquals(0, play.job().maps().running().size());
        assertInstanceOf(Answer.RunMap.class, play.hears(new Request.Claim(worker(1), 2)));
    }

    @Test
    void aClaimThatFoundNothingIsAnsweredAfresh() {
        final Play play = new Play();
        final Request.Claim claim = new Request.Claim(worker(1), 1);
        assertInstanceOf(Answer.Nothing.class, play.hears(claim));
        play.hears(Play.submit(JOB, 1, 1, Play.RENEWED));
        assertEquals(map(0, 1), Play.attemptOf(play.hears(claim)));
        assertEquals(map(0, 1), Play.attemptOf(play.hears(claim))); // and from then on it is the same again
    }

    @Test
    void aClaimWhoseJobHasEndedIsNoMoreGood() {
        final Play play = Play.of(1, 1);
        final Request.Claim claim = new Request.Claim(worker(1), 1);
        play.hears(claim);
        play.hears(new Request.Cancel(JOB));
        assertEquals(Heard.STALE, play.hears(claim));
    }

    @Test
    void aBackupSaidTwiceIsOneBackup() {
        final Play play = Play.of(2, 1);
        play.given(1);
        final Request.ClaimBackup backup = new Request.ClaimBackup(worker(2), 1, JOB, TaskKind.MAP, 0);
        assertEquals(map(0, 2), Play.attemptOf(play.hears(backup)));
        assertEquals(map(0, 2), Play.attemptOf(play.hears(backup)));
    }

    @Test
    void theSlotsOfOneWorkerAskIndependently() {
        final Play play = Play.of(3, 1);
        final Answer one = play.hears(new Request.Claim(new Request.Claimant(1, 0), 1));
        final Answer other = play.hears(new Request.Claim(new Request.Claimant(1, 1), 1));
        assertNotEquals(Play.attemptOf(one), Play.attemptOf(other));
    }

    @Test
    void aReportSaidTwiceCountsOnce() {
        final Play play = Play.of(1, 1);
        final AttemptId id = play.given(1);
        play.finishesWell(id);
        play.finishesWell(id);
        assertEquals(1, play.job().maps().done());
        assertEquals(10, play.job().maps().get(0).result().orElseThrow().sums().recordsIn());
    }

    @Test
    void theFirstReportWinsAndTheOtherIsStale() {
        final Play play = Play.of(1, 1);
        final AttemptId slow = play.given(1);
        assertEquals(Heard.ACCEPTED, play.expires(slow));
        final AttemptId again = play.given(2);
        assertEquals(map(0, 2), again);
        play.finishesWell(again);
        assertEquals(Heard.STALE, play.finishes(slow)); // as a worker says that was stopped for a while
        assertEquals(2, play.job().maps().get(0).result().orElseThrow().attempt());
    }

    @Test
    void aTaskThatAlwaysOutlivesItsLeaseStillEnds() {
        final Play play = Play.of(1, 1);
        final AttemptId slow = play.given(1);
        play.expires(slow);
        final AttemptId again = play.given(2);
        play.finishesWell(slow);
        assertEquals(Heard.STALE, play.finishes(again));
    }

    @Test
    void aLateMapReportDoesNotCloseTheReduceOfThatNumber() {
        final Play play = Play.of(1, 1);
        final AttemptId id = play.given(1);
        play.finishesWell(id);
        play.given(2);
        play.finishesWell(id);
        assertFalse(play.job().reduces().isDone());
    }

    @Test
    void reportsOfOtherJobsAndOfTasksThatAreNoneAreStale() {
        final Play play = Play.of(1, 1);
        play.given(1);
        final AttemptId ofAnEarlierJob = new AttemptId(JOB + 1, TaskKind.MAP, 0, 1);
        assertEquals(Heard.STALE, play.finishes(ofAnEarlierJob));
        assertEquals(Heard.STALE, play.fails(ofAnEarlierJob, 1, "no disk"));
        assertEquals(Heard.STALE, play.finishes(map(1, 1)));
        assertEquals(Heard.STALE, play.finishes(map(-1, 1)));
        assertEquals(Heard.STALE, play.finishes(map(0, 2))); // never handed out
        assertEquals(Heard.STALE, play.finishes(map(0, 0)));
        assertEquals(Heard.STALE, play.hears(Play.doneBy(map(0, 1), 2))); // runs for two reduces, there is one
        assertEquals(0, play.job().maps().done());
    }

    @Test
    void aJobIsDoneWhenItsOutputsBearTheirNamesAndNotBefore() {
        final Play play = Play.of(1, 1);
        play.allMapsAreDone();
        final Request.Published published = new Request.Published(JOB, "");
        assertEquals(Heard.STALE, play.hears(published));
        play.finishesWell(play.given(1));
        assertTrue(play.job().isPublishing());
        assertFalse(play.machine.jobs().haveEnded());
        assertEquals(Heard.ACCEPTED, play.hears(published));
        assertEquals(Ended.DONE, play.job().ended());
        assertTrue(play.machine.jobs().haveEnded());
    }

    @Test
    void outputsThatCannotBeNamedFailTheJob() {
        final Play play = Play.of(0, 1);
        play.finishesWell(play.given(1));
        play.hears(new Request.Published(JOB, "no rights"));
        assertEquals(Ended.FAILED, play.job().ended());
        assertEquals("no rights", play.job().message());
    }

    @Test
    void aFailedTaskIsTriedElsewhereFirst() {
        final Play play = Play.of(2, 1);
        assertEquals(Heard.ACCEPTED, play.fails(play.given(1), 1, "disk full"));
        assertEquals(map(1, 1), play.given(1)); // not the one it has just failed at
        assertEquals(map(0, 2), play.given(2));
    }

    @Test
    void aTaskThatFailsTooOftenEndsTheJobWithItsLine() {
        final Play play = Play.of(1, 1);
        play.fails(play.given(1), 1, "one");
        play.fails(play.given(1), 1, "two");
        assertEquals(Ended.RUNNING, play.job().ended());
        play.fails(play.given(1), 1, "map 0: three");
        assertEquals(Ended.FAILED, play.job().ended());
        assertEquals("map 0: three", play.job().message());
        play.findsNothing(1);
    }

    @Test
    void failuresSaidTwiceOrByAttemptsThatHaveEndedCountOnce() {
        final Play play = Play.of(1, 1);
        final AttemptId id = play.given(1);
        play.fails(id, 1, "disk full");
        assertEquals(Heard.STALE, play.fails(id, 1, "disk full"));
        final AttemptId second = play.given(2);
        play.expires(second);
        assertEquals(Heard.STALE, play.fails(second, 2, "disk full"));
        assertEquals(1, play.job().maps().get(0).failures());
    }

    @Test
    void aLostRunMakesItsMapRunAgainAndReducesWait() {
        final Play play = Play.of(2, 2);
        play.allMapsAreDone();
        final AttemptId reader = play.given(1);
        final AttemptId other = play.given(2);
        final Request.RunLost lost = new Request.RunLost(reader, 1, 1, "mr-1-0.1 is gone");
        assertEquals(Heard.ACCEPTED, play.hears(lost));
        assertEquals(Heard.STALE, play.hears(lost));
        assertEquals(Heard.STALE, play.finishes(map(1, 1))); // its files are the lost ones
        assertEquals(map(1, 2), play.given(1));
        play.findsNothing(3); // not a reduce
        play.finishesWell(other); // it had read what it needed
        play.finishesWell(map(1, 2));
        final Answer.RunReduce again = assertInstanceOf(Answer.RunReduce.class, play.claims(3));
        assertEquals(reduce(0, 2), again.attempt());
        assertEquals(2, again.runs().get(1).attempt());
        assertEquals(0, play.job().reduces().get(0).failures());
    }

    @Test
    void aRunThatTwoReducesMissIsLostOnce() {
        final Play play = Play.of(1, 2);
        play.allMapsAreDone();
        final AttemptId one = play.given(1);
        final AttemptId other = play.given(2);
        play.hears(new Request.RunLost(one, 0, 1, "gone"));
        final AttemptId again = play.given(1);
        assertEquals(Heard.ACCEPTED, play.hears(new Request.RunLost(other, 0, 1, "gone")));
        play.finishesWell(again);
        assertEquals(1, play.job().losses());
        assertEquals(reduce(0, 2), play.given(1));
        assertEquals(reduce(1, 2), play.given(2));
    }

    @Test
    void nobodyIsGivenAReduceWhileAMapIsLost() {
        final Play play = Play.of(1, 2);
        play.allMapsAreDone();
        final Request.Claim claim = new Request.Claim(worker(1), 1);
        play.hears(claim);
        play.hears(new Request.RunLost(play.given(2), 0, 1, "gone"));
        assertInstanceOf(Answer.Nothing.class, play.hears(claim)); // said again: what it would read is not there
        assertInstanceOf(Answer.Nothing.class,
            play.hears(new Request.ClaimBackup(worker(3), 1, JOB, TaskKind.REDUCE, 0)));
    }

    @Test
    void aDiskThatLosesEverythingEndsTheJob() {
        final Play play = Play.of(1, 1);
        for (int i = 1; play.job().isRunning(); i++) {
            assertTrue(i < 10, "it goes on for ever");
            play.finishesWell(play.given(1));
            play.hears(new Request.RunLost(play.given(1), 0, i, "mr-0-0 is gone"));
        }
        assertTrue(play.job().message().contains("mr-0-0 is gone"), play.job().message());
    }

    @Test
    void aCancelledJobHandsNothingOutAndTakesNothingIn() {
        final Play play = Play.of(2, 1);
        final AttemptId id = play.given(1);
        assertEquals(Heard.ACCEPTED, play.hears(new Request.Cancel(JOB)));
        assertEquals(Heard.ACCEPTED, play.hears(new Request.Cancel(JOB)));
        assertEquals(Heard.STALE, play.finishes(id));
        play.findsNothing(2);
        assertEquals(Ended.CANCELLED, play.job().ended());
    }

    @Test
    void whatIsDoneOrBeingNamedCannotBeCancelled() {
        final Play play = Play.of(0, 1);
        play.finishesWell(play.given(1));
        assertInstanceOf(Answer.Refused.class, play.hears(new Request.Cancel(JOB)));
        play.hears(new Request.Published(JOB, ""));
        assertInstanceOf(Answer.Refused.class, play.hears(new Request.Cancel(JOB)));
        assertInstanceOf(Answer.Refused.class, play.hears(new Request.Cancel(JOB + 1)));
    }

    @Test
    void aJobSubmittedTwiceIsOneJob() {
        final Play play = Play.of(2, 1);
        play.given(1);
        assertEquals(Heard.ACCEPTED, play.hears(Play.submit(JOB, 2, 1, Play.RENEWED)));
        assertEquals(1, play.machine.jobs().byOrder().size());
        assertEquals(1, play.job().maps().running().size());
    }

    @Test
    void jobsAreServedInTheOrderInWhichTheyCame() {
        final Play play = Play.of(1, 1);
        play.hears(Play.submit(JOB + 1, 1, 1, Play.RENEWED));
        assertEquals(JOB, play.given(1).job());
        assertEquals(JOB + 1, play.given(2).job());
    }

    @Test
    void endedJobsAreForgottenOldestFirstAndRunningOnesNever() {
        final Play play = Play.of(1, 1);
        for (int i = 1; i <= Jobs.MAX_ENDED + 5; i++) {
            play.hears(Play.submit(JOB + i, 1, 1, Play.RENEWED));
            play.hears(new Request.Cancel(JOB + i));
        }
        assertTrue(play.machine.jobs().find(JOB).isPresent());
        assertTrue(play.machine.jobs().find(JOB + 1).isEmpty());
        assertTrue(play.machine.jobs().find(JOB + Jobs.MAX_ENDED + 5).isPresent());
        assertTrue(play.machine.jobs().byOrder().size() <= Jobs.MAX_ENDED + 1);
    }

    @Test
    void slotsThatAskedLongestAgoAreForgotten() {
        final Play play = Play.of(Jobs.MAX_CLAIMANTS + 10, 1);
        for (int i = 1; i <= Jobs.MAX_CLAIMANTS + 10; i++) {
            play.given(i);
        }
        assertEquals(Jobs.MAX_CLAIMANTS, play.machine.jobs().claims().size());
        assertEquals(0, play.machine.jobs().lastClaim(worker(1)));
        assertEquals(1, play.machine.jobs().lastClaim(worker(Jobs.MAX_CLAIMANTS + 10)));
    }

    @Test
    void aBackupGoesToAnotherWorkerAndOnlyOnce() {
        final Play play = Play.of(1, 1);
        final AttemptId slow = play.given(1);
        assertInstanceOf(Answer.Nothing.class,
            play.hears(new Request.ClaimBackup(new Request.Claimant(1, 1), 1, JOB, TaskKind.MAP, 0)));
        final AttemptId backup =
            Play.attemptOf(play.hears(new Request.ClaimBackup(worker(2), 1, JOB, TaskKind.MAP, 0)));
        assertEquals(map(0, 2), backup);
        assertInstanceOf(Answer.Nothing.class,
            play.hears(new Request.ClaimBackup(worker(3), 1, JOB, TaskKind.MAP, 0)));
        play.finishesWell(backup);
        assertEquals(Heard.STALE, play.finishes(slow));
    }

    @Test
    void tooManyJobsAtOnceAreRefused() {
        final Play play = new Play();
        for (int i = 1; i <= Jobs.MAX_RUNNING; i++) {
            assertEquals(Heard.ACCEPTED, play.hears(Play.submit(i, 1, 1, Play.RENEWED)));
        }
        assertInstanceOf(Answer.Refused.class, play.hears(Play.submit(JOB, 1, 1, Play.RENEWED)));
    }
}
