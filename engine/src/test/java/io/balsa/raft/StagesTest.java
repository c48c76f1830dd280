package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One command at a time is followed; what it took is told per stage. */
class StagesTest {
    private long nowNs;
    private final Stages stages = new Stages(() -> nowNs);

    private static long p50(List<RaftStatus.Stage> all, String name) {
        return all.stream().filter(stage -> stage.name().equals(name)).findFirst().orElseThrow().p50Ns();
    }

    private static void assertNear(long expected, long found) {
        assertTrue(Math.abs(expected - found) <= expected / 50 + 1, "expected about " + expected + ", found " + found);
    }

    private void oneCommand(long index) {
        nowNs += 1_000;
        final long offered = stages.stamp();
        nowNs += 10_000;
        stages.appended(index, offered);
        stages.appended(index + 1, stages.stamp()); // offered meanwhile: not followed
        nowNs += 20_000;
        stages.sent();
        nowNs += 100_000;
        stages.forced(index);
        nowNs += 50_000;
        stages.committed(index + 1);
        nowNs += 4_000;
        assertTrue(stages.follows(index) && !stages.follows(index + 1));
        final long applied = stages.applied();
        nowNs += 3_000;
        stages.answered(applied);
    }

    @Test
    @DisplayName("each stage is what it took, and a command that is offered meanwhile is not followed")
    void eachStageIsWhatItTook() {
        oneCommand(7);
        oneCommand(9);
        final List<RaftStatus.Stage> all = stages.status();
        assertEquals(List.of("queue", "send", "force", "commit", "apply", "answer", "total"),
            all.stream().map(RaftStatus.Stage::name).toList());
        assertTrue(all.stream().allMatch(stage -> stage.count() == 2), all.toString());
        assertNear(10_000, p50(all, "queue"));
        assertNear(20_000, p50(all, "send"));
        assertNear(120_000, p50(all, "force"));
        assertNear(170_000, p50(all, "commit"));
        assertNear(4_000, p50(all, "apply"));
        assertNear(3_000, p50(all, "answer"));
        assertNear(187_000, p50(all, "total"));
    }

    @Test
    @DisplayName("a command that is answered before this node's own disk has it is followed until that has")
    void theOwnDiskComesLast() {
        final long offered = stages.stamp();
        stages.appended(1, offered);
        stages.committed(1);
        stages.answered(stages.applied());
        assertEquals(-1, stages.stamp(), "its way has not ended");
        nowNs += 5_000_000;
        stages.forced(1);
        assertNear(5_000_000, p50(stages.status(), "force"));
        assertEquals(nowNs, stages.stamp(), "the next one may be followed");
    }

    @Test
    @DisplayName("on a follower the time to its own disk is told, and nothing that a leader alone knows")
    void onAFollower() {
        stages.received(4);
        stages.received(5);
        nowNs += 80_000;
        stages.committed(5); // by the others
        nowNs += 20_000;
        stages.forced(5);
        assertEquals(List.of("follower_force"), stages.status().stream().map(RaftStatus.Stage::name).toList());
        assertNear(100_000, p50(stages.status(), "follower_force"));
    }

    @Test
    @DisplayName("what is no longer led to its end is forgotten, and figures are of the last window")
    void forgottenAndRolled() {
        stages.appended(1, stages.stamp());
        stages.end();
        oneCommand(3);
        nowNs += 11_000_000_000L;
        stages.roll(nowNs);
        assertEquals(1, stages.status().getLast().count());
        oneCommand(5);
        oneCommand(7);
        assertEquals(1, stages.status().getLast().count(), "the window that is over");
        nowNs += 11_000_000_000L;
        stages.roll(nowNs);
        assertEquals(2, stages.status().getLast().count());
    }

    @Test
    @DisplayName("begun anew, nothing seen before counts, neither of the present window nor of the last")
    void begunAnew() {
        oneCommand(1);
        nowNs += 11_000_000_000L;
        stages.roll(nowNs);
        oneCommand(3);
        stages.restart();
        stages.roll(nowNs);
        assertEquals(List.of(), stages.status());
        oneCommand(5);
        stages.roll(nowNs);
        assertEquals(1, stages.status().getLast().count());
    }
}
