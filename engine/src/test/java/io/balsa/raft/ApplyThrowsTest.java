package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Registers;
import io.balsa.raft.testkit.Simulation;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A state machine that throws stops its node at that entry and no other node; mended, it goes on with that entry. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApplyThrowsTest {
    private final NodeGroup group = new NodeGroup(3, Duration.ofSeconds(1), Duration.ofMillis(50));

    @AfterEach
    void close() {
        group.close();
    }

    /** Node {@code id} stops where its machine throws, and says so in one line. */
    private void assertStopped(int id, int applied) {
        group.until(() -> group.node(id).status().failure().isPresent(), "node " + id + " stops");
        final RaftStatus status = group.node(id).status();
        final String why = status.failure().orElseThrow();
        assertTrue(why.startsWith("the state machine threw at entry " + (status.appliedIndex() + 1) + " of term 1 "
            + "(java.lang.AssertionError: no such number): this node stops there"), why);
        assertFalse(why.contains("\n"));
        assertEquals(applied, group.machine(id).size(), "nothing skipped, nothing after it applied");
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.STOPPED, -1), group.propose(id, 0));
        assertEquals(new ReadOutcome.NotReadable(Outcome.Reason.STOPPED, -1),
            group.node(id).awaitReadable(NodeGroup.LONG));
        group.node(id).close();
        assertEquals(IntStream.range(0, applied).boxed().toList(), group.machine(id).applied());
    }

    private IntStream stopped() {
        return IntStream.rangeClosed(1, 3).filter(id -> group.node(id).status().failure().isPresent());
    }

    private static Error noSuchNumber() {
        return new AssertionError("no such number");
    }

    @Test
    @DisplayName("on a follower: it stops there, the others go on; mended and started again it applies that entry")
    void onAFollower() {
        final int leader = group.leader();
        final int broken = leader % 3 + 1;
        group.machine(broken).throwAt(5, noSuchNumber());
        final Answers answers = group.offer(leader, 0, 10);
        assertStopped(broken, 5);
        group.until(() -> answers.all().size() == 10, "all are answered");
        assertEquals(Collections.nCopies(10, "committed"), answers.all());
        assertEquals(Outcome.Committed.class, group.propose(leader, 10).getClass());
        assertEquals(leader, group.leaderAmong(leader, broken % 3 + 1));
        group.restarts(broken);
        group.allApplied(11, 1, 2, 3);
        group.endsWith(11);
    }

    @Test
    @DisplayName("on the leader: nobody is told that what may commit has failed; the others elect and go on")
    void onTheLeader() {
        final int leader = group.leader();
        group.machine(leader).throwAt(5, noSuchNumber());
        final Answers answers = group.offer(leader, 0, 10);
        assertStopped(leader, 5);
        group.until(() -> answers.all().size() == 10, "all are answered");
        assertEquals(Collections.nCopies(5, "committed"), answers.all().subList(0, 5));
        final int next = group.leaderAmong(leader % 3 + 1, (leader + 1) % 3 + 1);
        // What was refused is in no log; the rest was committed or may be, and it is "unknown" that was answered.
        final int inLog = 5 + Collections.frequency(answers.all(), "unknown STOPPED");
        assertEquals(10 - inLog, Collections.frequency(answers.all(), "rejected STOPPED"));
        assertTrue(inLog > 5, "the command it threw at is committed");
        assertEquals(ReadOutcome.Readable.class, group.node(next).awaitReadable(NodeGroup.LONG).getClass());
        final int present = group.machine(next).size(); // with all that the former leader's log gave it
        assertTrue(present <= inLog, present + " of " + inLog);
        for (int number = present; number < 20; number++) {
            final Outcome<Integer> outcome = group.propose(next, number);
            assertEquals(Outcome.Committed.class, outcome.getClass(), "command " + number + ": " + outcome);
        }
        group.restarts(leader);
        group.allApplied(20, 1, 2, 3);
        group.endsWith(20);
    }

    @Test
    @DisplayName("on all nodes at once: the group stops and nothing is lost; mended, it goes on with that entry")
    void onAllAtOnce() {
        final int leader = group.leader();
        group.machines.forEach(machine -> machine.throwAt(5, noSuchNumber()));
        for (int number = 0; number < 5; number++) {
            assertEquals(new Outcome.Committed<>(2L + number, number), group.propose(leader, number));
        }
        assertEquals(new Outcome.Indeterminate<>(Outcome.Cause.STOPPED), group.propose(leader, 5));
        // The third cannot commit anything alone, so it may never learn that the entry is.
        group.until(() -> stopped().count() >= 2, "a majority stops");
        stopped().forEach(id -> assertStopped(id, 5));
        assertEquals(new Outcome.Rejected<>(Outcome.Reason.STOPPED, -1), group.propose(leader, 5));
        for (int id = 1; id <= 3; id++) {
            group.restarts(id);
        }
        final int next = group.leader();
        group.allApplied(6, 1, 2, 3);
        assertEquals(Outcome.Committed.class, group.propose(next, 6).getClass());
        group.allApplied(7, 1, 2, 3);
        group.endsWith(7);
    }

    @Test
    @DisplayName("after seconds, when the loop was long taken from it: the node stops there all the same")
    void afterALongTime() throws InterruptedException {
        final int leader = group.leader();
        group.machine(leader).dwellOn(5);
        group.machine(leader).throwAt(5, noSuchNumber());
        final Answers answers = group.offer(leader, 0, 10);
        group.machine(leader).awaitEntered();
        group.heartbeatsPass(leader, 10);
        group.machine(leader).release();
        assertStopped(leader, 5);
        group.until(() -> answers.all().size() == 10, "all are answered");
        assertEquals(Collections.nCopies(5, "committed"), answers.all().subList(0, 5));
        assertEquals(Collections.nCopies(5, "unknown STOPPED"), answers.all().subList(5, 10));
        group.leaderAmong(leader % 3 + 1, (leader + 1) % 3 + 1);
        group.allApplied(10, leader % 3 + 1, (leader + 1) % 3 + 1);
        group.restarts(leader);
        group.allApplied(10, leader);
        group.endsWith(10);
    }

    @Test
    @DisplayName("on one node of a simulation: that node's failure is reported, with the entry, and no broken promise")
    void inASimulation() {
        final AtomicInteger made = new AtomicInteger();
        final Simulation<Long> careless = Simulation.<Long>of(() -> new Fragile(made.incrementAndGet() % 3 == 0),
            Registers::command).withGroupSizes(3);
        final Violation found = assertThrows(Violation.class, () -> careless.run(1));
        assertTrue(found.getMessage().matches("(?s)n[0-2] stops: .*the state machine threw at entry \\d+ of term \\d+ "
            + "\\(java.lang.ArithmeticException: out of luck\\): this node stops there.*seed 1.*"), found.getMessage());
        assertFalse(found.getMessage().contains("Safety"), found.getMessage());
    }

    /** A sound machine, or one that throws at its third command. */
    private static final class Fragile implements StateMachine<Long> {
        private final Registers registers = new Registers();
        private final boolean throwsSoon;
        private int commands;

        Fragile(boolean throwsSoon) {
            this.throwsSoon = throwsSoon;
        }

        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            if (++commands == 3 && throwsSoon) {
                throw new ArithmeticException("out of luck");
            }
            return registers.apply(index, term, command, offset, length);
        }
    }
}
