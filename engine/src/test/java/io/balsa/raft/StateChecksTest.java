package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Mix;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Replicas that diverge are found out: whoever differs from a majority stops, whoever does not goes on. */
class StateChecksTest {
    private static final int EVERY = 1024; // the default
    private static final long NEVER = Long.MAX_VALUE;

    /** Digests all commands; from one index on it looks at something that the log does not hold. */
    private static final class Digest implements StateMachine<Long> {
        private final long carelessFrom;
        private final long elsewhere;
        private long state = 1;

        Digest(long carelessFrom, long elsewhere) {
            this.carelessFrom = carelessFrom;
            this.elsewhere = elsewhere;
        }

        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            state = Mix.in(state, Mix.bytes(command, offset, length) + (index >= carelessFrom ? elsewhere : 0));
            return state;
        }

        @Override
        public long stateHash() {
            return state;
        }
    }

    private static StateMachine<Long> sound() {
        return new Digest(NEVER, 0);
    }

    /** Nodes of which some look elsewhere, each at something else, from {@code from} on. */
    private static AgentGroup group(int nodes, long from, int... careless) {
        final AgentGroup group = new AgentGroup(nodes, 16 * EVERY, 64, 1 << 20, id -> {
            for (final int one : careless) {
                if (one == id) {
                    return new Digest(from, id);
                }
            }
            return sound();
        });
        group.nodesMayStop();
        return group;
    }

    /** Offers commands to this node until its log has reached {@code index}, or it has stopped. */
    private static void fill(AgentGroup group, int id, long index) {
        while (group.failureOf(id).isEmpty() && group.agent(id).status().appliedIndex() < index) {
            final AgentGroup.Answers answers = AgentGroup.offer(group.agent(id), 100, 64);
            group.runsUntil(() -> answers.committed + answers.indeterminate + answers.rejected == 100,
                "all are answered");
        }
    }

    private static void assertGoesOn(AgentGroup group, int leader, int... others) {
        fill(group, leader, group.agent(leader).status().lastIndex() + 3 * EVERY);
        group.runsFor(200);
        final RaftStatus status = group.agent(leader).status();
        assertEquals(Role.LEADER, status.role());
        assertEquals(status.stateCheck().index(), status.stateCheck().agreedIndex());
        for (final int other : others) {
            assertEquals("", group.failureOf(other));
            assertEquals(status.appliedIndex(), group.agent(other).status().appliedIndex());
            assertEquals(status.stateCheck(), group.agent(other).status().stateCheck());
        }
    }

    @Test
    @DisplayName("of three nodes the one that diverges stops, exactly it, and names the entries to look at")
    void theOddOneStops() {
        final AgentGroup group = group(3, 1_500, 3);
        group.elect(1);
        fill(group, 1, 3 * EVERY);
        group.runsUntil(() -> !group.failureOf(3).isEmpty(), "node 3 stops");
        assertTrue(group.failureOf(3).startsWith("the state of this node differs from that of the majority since some "
            + "entry in (1024, 2048] (state hash "), group.failureOf(3));
        assertFalse(group.failureOf(3).contains("\n"));
        final RaftStatus.StateCheck check = group.agent(3).status().stateCheck();
        assertTrue(group.failureOf(3).contains(Long.toHexString(check.agreedHash())), "the majority's digest");
        assertEquals(RaftNode.STOPPED, group.agent(3).offerRead(new NoRead()), "it serves nothing");
        assertGoesOn(group, 1, 2);
    }

    @Test
    @DisplayName("a leader that diverges stops as well; whoever waits there is not told that anything failed")
    void theLeaderIsTheOddOne() {
        final AgentGroup group = group(3, 1_500, 1);
        group.elect(1);
        fill(group, 1, 2 * EVERY - 50);
        final AgentGroup.Answers answers = new AgentGroup.Answers();
        final long before = group.log(1).lastIndex();
        while (group.failureOf(1).isEmpty() && group.log(1).lastIndex() < 3 * EVERY) {
            group.agent(1).offer(new UnsafeBuffer(new byte[64]), 0, 64, answers);
            group.cycle();
        }
        assertTrue(group.failureOf(1).startsWith("the state of this node differs from that of the majority since some "
            + "entry in (1024, 2048] "), group.failureOf(1));
        assertEquals(group.log(1).lastIndex() - before, answers.committed + answers.indeterminate,
            "only what never entered the log was refused");
        assertTrue(answers.indeterminate > 0, "under way when it stopped");
        group.runsUntil(() -> group.agent(2).status().role() == Role.LEADER
            || group.agent(3).status().role() == Role.LEADER, "the others elect one of them");
        final int next = group.agent(2).status().role() == Role.LEADER ? 2 : 3;
        assertGoesOn(group, next, 5 - next);
    }

    @Test
    @DisplayName("of two nodes that differ nobody can tell who is right: the leader says so and stops")
    void ofTwoNobodyCanTell() {
        final AgentGroup group = group(2, 1_500, 2);
        group.elect(1);
        fill(group, 1, 3 * EVERY);
        assertTrue(group.failureOf(1).startsWith("the voters' states differ since some entry in (1024, 2048] (node 1"),
            group.failureOf(1));
        assertTrue(group.failureOf(1).contains("no majority agrees: this leader stops, since it cannot tell who is "
            + "right"), group.failureOf(1));
        assertEquals("", group.failureOf(2));
    }

    @Test
    @DisplayName("three nodes, three states: the leader stops")
    void allThreeDiffer() {
        final AgentGroup group = group(3, 1_500, 1, 2);
        group.elect(1);
        fill(group, 1, 3 * EVERY);
        assertTrue(group.failureOf(1).contains("no majority agrees"), group.failureOf(1));
        assertEquals("", group.failureOf(2) + group.failureOf(3));
    }

    @Test
    @DisplayName("two differ while the third is away: the leader shows it and goes on; the third decides")
    void theThirdDecides() {
        final AgentGroup group = group(3, 1_500, 2);
        group.elect(1);
        group.network.cut(1, 3);
        group.network.cut(2, 3);
        fill(group, 1, 3 * EVERY);
        final String seen = group.agent(1).status().stateCheck().mismatch().orElseThrow();
        assertTrue(seen.matches("the voters' states differ since some entry in \\(1024, \\d+] \\(node 1: [0-9a-f]+, "
            + "node 2: [0-9a-f]+, node 3: not known\\)"), seen);
        assertEquals(EVERY, group.agent(1).status().stateCheck().agreedIndex());
        assertEquals("", group.failureOf(1) + group.failureOf(2));
        group.network.heal();
        group.runsUntil(() -> !group.failureOf(2).isEmpty(), "node 2 learns that it is alone");
        assertTrue(group.failureOf(2).contains("differs from that of the majority"), group.failureOf(2));
        assertGoesOn(group, 1, 3);
        assertTrue(group.agent(1).status().stateCheck().mismatch().isEmpty());
    }

    @Test
    @DisplayName("deterministic machines agree at every index checked, under any leader, and nothing alarms")
    void deterministicMachinesNeverAlarm() {
        final AgentGroup group = group(3, NEVER);
        for (int leader = 1; leader <= 3; leader++) {
            group.elect(leader);
            assertGoesOn(group, leader, leader % 3 + 1, (leader + 1) % 3 + 1);
        }
        assertEquals(9 * EVERY, group.agent(1).status().stateCheck().agreedIndex());
    }

    @Test
    @DisplayName("a node that stopped, mended and started again digests its log anew and takes part again")
    void aMendedNodeTakesPartAgain() {
        final AgentGroup group = group(3, 1_500, 3);
        group.elect(1);
        fill(group, 1, 4 * EVERY);
        group.runsUntil(() -> !group.failureOf(3).isEmpty(), "node 3 stops");
        group.restarts(3, new Digest(3_000, 3)); // mended, they thought
        group.runsUntil(() -> !group.failureOf(3).isEmpty(), "node 3 stops again");
        assertTrue(group.failureOf(3).contains("differs from that of the majority"), group.failureOf(3));
        group.restarts(3, sound());
        group.runsFor(200);
        assertGoesOn(group, 1, 2, 3);
    }

    @Test
    @DisplayName("a follower that comes far behind the leader is compared all the same, at what it missed")
    void aFollowerFarBehindIsCompared() {
        final AgentGroup group = group(3, 1_500, 3);
        group.elect(1);
        group.network.cut(1, 3);
        group.network.cut(2, 3);
        fill(group, 1, 10 * EVERY);
        group.network.heal();
        group.runsUntil(() -> !group.failureOf(3).isEmpty(), "node 3 stops");
        assertGoesOn(group, 1, 2);
    }

    @Test
    @DisplayName("what a machine throws while it digests its state stops the node as if a command had thrown")
    void aDigestThatThrows() {
        final AgentGroup group = new AgentGroup(1, 4 * EVERY, 64, 1 << 20, id -> new StateMachine<>() {
            @Override
            public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
                return index;
            }

            @Override
            public long stateHash() {
                throw new IllegalStateException("no digest");
            }
        });
        group.nodesMayStop();
        group.elect(1);
        fill(group, 1, 2 * EVERY);
        assertTrue(group.failureOf(1).startsWith("the state machine threw at entry 1024 of term 1 (java.lang."
            + "IllegalStateException: no digest)"), group.failureOf(1));
    }

    @Test
    @DisplayName("digests of other places, too old, unknown or none, are passed over; a later majority still decides")
    void whatCannotBeComparedIsPassedOver() {
        final StateChecks checks = new StateChecks(1, new int[] {2, 3}, 10);
        checks.leads(true);
        assertEquals(10, checks.nextAfter(0));
        assertEquals(20, checks.nextAfter(10));
        checks.computed(10, 7);
        checks.reported(0, 15, 8); // another distance between checks over there
        checks.reported(0, 0, 8);
        checks.reported(0, 10, StateMachine.NO_HASH);
        assertEquals(0, checks.agreedIndex());
        assertTrue(checks.status().mismatch().isEmpty());
        checks.computed(10_000, 9);
        checks.reported(1, 10_000, 9);
        assertEquals(10_000, checks.agreedIndex());
        checks.reported(1, 10_000 - 64 * 10, 5); // its place in the ring has a newer tenant
        checks.agreed(10, 5);
        assertEquals(9, checks.agreedHash());
    }

    @Test
    @DisplayName("switched off, no digest is asked for and none compared")
    void switchedOff() {
        final StateChecks checks = new StateChecks(1, new int[] {2}, 0);
        assertEquals(StateChecks.NEVER, checks.nextAfter(5));
        checks.agreed(1_024, 5);
        checks.reported(0, 1_024, 6);
        assertEquals(RaftStatus.StateCheck.NONE, checks.status());
    }

    /** Is never answered, since it is never taken. */
    private static final class NoRead implements ReadCompletion {
        @Override
        public void onReadable(long readIndex) {
            throw new AssertionError("readable at " + readIndex);
        }

        @Override
        public void onNotReadable(Outcome.Reason reason, int leaderHint) {
            throw new AssertionError(reason);
        }
    }
}
