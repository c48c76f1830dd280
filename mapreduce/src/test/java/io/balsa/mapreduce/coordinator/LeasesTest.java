package io.balsa.mapreduce.coordinator;

import static io.balsa.mapreduce.coordinator.Play.JOB;
import static io.balsa.mapreduce.coordinator.Play.map;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.balsa.mapreduce.wire.AttemptId;
import io.balsa.mapreduce.wire.JobFlags;
import io.balsa.mapreduce.wire.TaskKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The leader's clocks, by the millisecond. */
final class LeasesTest {
    private static final JobFlags FIXED = new JobFlags(true, false);

    private final Leases leases = new Leases(Duration.ofSeconds(10));
    private final Play play = new Play();

    @BeforeEach
    void aWorkerHasAMapAtTimeZero() {
        play.hears(Play.submit(JOB, 2, 1, Play.RENEWED));
        play.given(1);
        assertEquals(List.of(), overdueAt(0));
    }

    @Test
    void aLeaseRunsOutAfterTenSecondsAndNotBefore() {
        runUntil(9_999);
        assertEquals(List.of(map(0, 1)), overdueAt(10_000));
    }

    @Test
    void aWordOfTheWorkerBeginsItAnew() {
        runUntil(9_000);
        leases.renew(List.of(map(0, 1)), play.machine.jobs(), ns(9_000));
        runUntil(9_000, 18_999);
        assertEquals(List.of(map(0, 1)), overdueAt(19_000));
    }

    @Test
    void aFixedLeaseIsNotRenewed() {
        play.hears(Play.submit(JOB + 1, 1, 1, FIXED));
        play.given(1);
        final AttemptId fixed = play.given(2);
        overdueAt(0);
        runUntil(9_000);
        leases.renew(List.of(map(0, 1), map(1, 1), fixed), play.machine.jobs(), ns(9_000));
        runUntil(9_999);
        assertEquals(List.of(fixed), overdueAt(10_000));
    }

    @Test
    void aNewLeaderGivesEveryAttemptAWholeLease() {
        runUntil(9_000);
        leases.begin();
        runUntil(9_100, 19_000);
        assertEquals(List.of(map(0, 1)), overdueAt(19_100));
    }

    @Test
    void aPauseOfThisProcessIsNotTheWorkersSilence() {
        runUntil(5_000);
        assertEquals(List.of(), overdueAt(25_000)); // stopped for 20 s: so was the clock
        runUntil(25_000, 29_900);
        assertEquals(List.of(map(0, 1)), overdueAt(30_100));
    }

    @Test
    void whatHasEndedHasNoLease() {
        runUntil(4_000);
        play.finishesWell(map(0, 1));
        runUntil(4_100, 20_000);
        assertEquals(ns(4_100), leases.averageNs(JOB, TaskKind.MAP).orElseThrow());
    }

    private void runUntil(long ms) {
        runUntil(100, ms);
    }

    /** Looks several times a second, as a coordinator does, and finds nothing overdue. */
    private void runUntil(long fromMs, long ms) {
        for (long now = fromMs; now < ms; now += 100) {
            assertEquals(List.of(), overdueAt(now));
        }
        assertEquals(List.of(), overdueAt(ms));
    }

    private List<AttemptId> overdueAt(long ms) {
        return leases.overdue(play.machine.jobs(), ns(ms));
    }

    private static long ns(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
