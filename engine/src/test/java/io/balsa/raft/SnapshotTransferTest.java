package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Transport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Node 3 was away, and what it lacks is gone from the logs: it is sent a snapshot, whatever happens on the way. */
class SnapshotTransferTest {
    private static final int MEGABYTE = 1 << 20;
    private static final int SLACK = 64 << 10;
    private static final int THREE = 2;

    private final List<Ledger> ledgers = new ArrayList<>();
    private AgentGroup group;
    private RaftAgent<Long> leader;

    /** Node 1 leads and has a snapshot of so many bytes, behind which there are entries; node 3 holds nothing of it. */
    private void nodeThreeIsBehind(int bytes, long bytesPerSecond) {
        nodeThreeIsBehind(bytes, bytesPerSecond, 50);
    }

    private void nodeThreeIsBehind(int bytes, long bytesPerSecond, int commands) {
        nodeThreeIsBehind(bytes, bytesPerSecond, commands, 0);
    }

    private void nodeThreeIsBehind(int bytes, long bytesPerSecond, int commands, long everyBytes) {
        for (int id = 1; id <= 3; id++) {
            ledgers.add(new Ledger(bytes));
        }
        group = new AgentGroup(3, 1024, 64, 64 << 10, id -> ledgers.get(id - 1),
            config -> config.withSnapshots(everyBytes, 0).withSnapshotBytesPerSecond(bytesPerSecond));
        leader = group.elect(1);
        group.network.cut(1, 3);
        group.network.cut(2, 3);
        commits(commands);
        takesSnapshot(1);
        commits(5);
    }

    private void commits(int commands) {
        final AgentGroup.Answers answers = AgentGroup.offer(leader, commands, 64);
        group.runsUntil(() -> answers.committed == commands, "they are committed");
    }

    private void takesSnapshot(int id) {
        final CompletableFuture<Long> taken = group.agent(id).takeSnapshot();
        group.runsUntil(taken::isDone, "a snapshot is taken");
        group.runsUntil(() -> group.log(id).firstIndex() > taken.join(), "the log goes");
    }

    private long sent(int from) {
        return group.network.port(from).snapshotBytes[THREE];
    }

    private void nodeThreeHasAll(RaftAgent<Long> from) {
        group.runsUntil(() -> group.agents.stream().allMatch(agent -> agent.status().appliedIndex()
            == from.status().commitIndex()), "node 3 has all, as the others have");
        assertEquals(ledgers.get(0).entries(), ledgers.get(2).entries());
    }

    private void halfOfItIsSent(int from) {
        group.network.heal();
        group.runsUntil(() -> sent(from) > MEGABYTE / 2, "half of it is sent");
    }

    private void losesSnapshots(boolean lost) {
        for (int id = 1; id <= 2; id++) {
            group.network.port(id).loses[THREE][Transport.SNAPSHOT] = lost;
        }
    }

    @Test
    @DisplayName("T-56: a snapshot of a megabyte is sent once, and the state and the log go on behind it")
    void aMegabyteIsSentOnce() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.network.heal();
        nodeThreeHasAll(leader);
        assertTrue(sent(1) >= MEGABYTE && sent(1) <= MEGABYTE + SLACK, "bytes on the wire: " + sent(1));
        assertEquals(1, ledgers.get(2).restored);
        assertEquals(5, ledgers.get(2).applied.size(), "what the snapshot holds is not applied as well");
        assertEquals(1, group.agent(3).status().snapshots().installed());
        group.runsFor(1_000);
        assertTrue(sent(1) <= MEGABYTE + SLACK, "nor sent again later: " + sent(1));
        commits(5);
        nodeThreeHasAll(leader);
    }

    @Test
    @DisplayName("T-56: on a lossy way it is sent at most twice, not from its beginning at each loss")
    void onALossyWay() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.network.heal();
        for (int stretch = 0; stretch < 3; stretch++) {
            final long before = sent(1);
            group.runsUntil(() -> sent(1) > before + MEGABYTE / 4, "some of it is sent");
            losesSnapshots(true);
            group.runsFor(1);
            losesSnapshots(false);
        }
        nodeThreeHasAll(leader);
        assertTrue(sent(1) <= 2 * MEGABYTE + SLACK, "bytes on the wire: " + sent(1));
    }

    @Test
    @DisplayName("after a longer silence it goes on where the follower is")
    void afterALongerSilence() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        halfOfItIsSent(1);
        group.network.cut(1, 3);
        group.runsFor(100);
        group.network.heal();
        nodeThreeHasAll(leader);
        assertTrue(sent(1) < MEGABYTE * 7 / 4, "bytes on the wire: " + sent(1));
    }

    @Test
    @DisplayName("it is sent at the pace that is configured, while commands commit and heartbeats flow")
    void atThePaceThatIsConfigured() {
        nodeThreeIsBehind(MEGABYTE, 1 << 20);
        group.network.heal();
        group.runsFor(500);
        assertTrue(sent(1) > MEGABYTE / 3 && sent(1) < MEGABYTE * 3 / 5, "in half a second: " + sent(1));
        commits(20);
        assertEquals(3, group.agent(3).status().elections() + 3, "node 3 hears its leader");
        assertEquals(leader.status().term(), group.agent(3).status().term());
        nodeThreeHasAll(leader);
    }

    @Test
    @DisplayName("no more is under way than the follower keeps room for while its disk writes nothing")
    void noMoreThanAWindow() {
        nodeThreeIsBehind(4 * MEGABYTE, 64L << 20);
        group.network.heal();
        group.runsUntil(() -> sent(1) > 0, "it has begun");
        group.offLoop(3).hold();
        final long before = sent(1);
        group.runsFor(250);
        assertTrue(sent(1) - before <= SnapshotSender.WINDOW + SLACK, "ahead of its disk: " + (sent(1) - before));
        assertEquals(Role.LEADER, leader.status().role());
        group.offLoop(3).release();
        nodeThreeHasAll(leader);
    }

    @Test
    @DisplayName("another leader with the same snapshot goes on from the same byte")
    void anotherLeaderWithTheSameSnapshot() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.runsUntil(() -> group.agent(2).status().appliedIndex() == leader.status().appliedIndex(), "2 is level");
        takesSnapshot(2);
        takesSnapshot(1);
        assertEquals(group.snapshots(1).newest(), group.snapshots(2).newest(), "equal states are equal bytes");
        halfOfItIsSent(1);
        leader = group.elect(2);
        nodeThreeHasAll(leader);
        assertTrue(sent(2) < MEGABYTE * 3 / 4, "bytes on the wire: " + sent(1) + " and " + sent(2));
        assertTrue(sent(2) > MEGABYTE / 8, "it did not have all: " + sent(2));
    }

    @Test
    @DisplayName("another leader with another snapshot begins anew, and what was there before stays until it is whole")
    void anotherLeaderWithAnotherSnapshot() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.runsUntil(() -> group.agent(2).status().appliedIndex() == leader.status().appliedIndex(), "2 is level");
        ledgers.get(1).fillWith(1); // the same entries in another order of bytes
        takesSnapshot(2);
        halfOfItIsSent(1);
        leader = group.elect(2);
        assertEquals(0, ledgers.get(2).restored);
        nodeThreeHasAll(leader);
        assertTrue(sent(2) >= MEGABYTE, "bytes on the wire: " + sent(2));
        assertEquals(1, ledgers.get(2).restored);
        assertEquals(group.snapshots(2).newest(), group.snapshots(3).newest());
    }

    @Test
    @DisplayName("a follower gets one snapshot, and the log behind it, however much is written meanwhile")
    void notOneSnapshotAfterTheOther() {
        nodeThreeIsBehind(MEGABYTE, 1 << 20, 50, 10_000);
        group.network.heal();
        final long held = group.log(1).firstIndex();
        while (group.agent(3).status().snapshots().installed() == 0) {
            commits(2);
            group.runsFor(5);
            assertEquals(held, group.log(1).firstIndex(), "the log behind it stays");
        }
        for (int more = 0; more < 20; more++) {
            commits(10);
        }
        nodeThreeHasAll(leader);
        assertEquals(1, group.agent(3).status().snapshots().installed());
        assertTrue(leader.status().snapshots().taken() > 2, "once it has caught up, the next one is taken");
    }

    @Test
    @DisplayName("for a follower that dies in the midst of it the log does not grow for ever")
    void notForEverForTheDead() {
        nodeThreeIsBehind(20_000, 1 << 20, 50, 10_000);
        group.network.heal();
        group.runsUntil(() -> sent(1) > 2_000, "it has begun");
        group.network.cut(1, 3);
        group.network.cut(2, 3);
        final long held = group.log(1).firstIndex();
        while (group.log(1).firstIndex() == held) {
            commits(10);
            assertTrue(leader.status().lastIndex() - held < 2 * 20_000 / 64 + 200, "it grows and grows");
        }
        assertTrue(leader.status().lastIndex() - held > 20_000 / 80, "it did wait: " + leader.status().lastIndex());
        group.network.heal();
        nodeThreeHasAll(leader);
    }

    @Test
    @DisplayName("one that has rotted on the leader's disk is found out, and another is written and sent")
    void rottenOnTheLeadersDisk() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.snapshots(1).damageNewest();
        group.network.heal();
        nodeThreeHasAll(leader);
        assertEquals(2, leader.status().snapshots().taken());
        assertEquals(1, ledgers.get(2).restored, "nothing of the rotten one was shown");
        assertTrue(sent(1) <= 3 * MEGABYTE, "it is not sent over and over: " + sent(1));
    }

    @Test
    @DisplayName("one that cannot be read any more is written anew as soon as the disk takes it")
    void unreadableOnTheLeadersDisk() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.snapshots(1).failReads(group.snapshots(1).newest().orElseThrow());
        group.snapshots(1).setBroken(true);
        group.network.heal();
        group.runsUntil(() -> leader.snapshotTrouble() != null, "it is told");
        group.runsFor(1_000);
        assertTrue(group.snapshots(1).readsFailed() < 10, "it is not tried in each cycle");
        group.snapshots(1).setBroken(false);
        nodeThreeHasAll(leader);
        assertEquals(2, leader.status().snapshots().taken());
    }

    @Test
    @DisplayName("one that was damaged on the way is refused and asked for again; nothing of it is shown")
    void damagedOnTheWay() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.network.port(1).spoils[THREE] = 1;
        group.network.heal();
        group.runsUntil(() -> group.agent(3).snapshotTrouble() != null, "it is noticed");
        assertTrue(group.agent(3).snapshotTrouble().contains("did not arrive as node 1 announced it"),
            group.agent(3).snapshotTrouble());
        assertEquals(0, ledgers.get(2).restored);
        assertEquals(0, group.agent(3).status().snapshots().index());
        nodeThreeHasAll(leader);
        assertTrue(sent(1) <= 2 * MEGABYTE + SLACK, "bytes on the wire: " + sent(1));
        assertEquals(null, group.agent(3).snapshotTrouble());
    }

    @Test
    @DisplayName("a follower without room for it goes on following, and gets it when there is room")
    void aFollowerWithoutRoom() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.snapshots(3).setBroken(true);
        group.network.heal();
        group.runsFor(3_000);
        assertEquals(0, group.agent(3).status().snapshots().installed());
        assertEquals(leader.status().term(), group.agent(3).status().term(), "it hears its leader");
        assertTrue(group.agent(3).snapshotTrouble().contains("cannot be received now"));
        assertTrue(sent(1) < SLACK, "it is asked, not flooded: " + sent(1));
        group.snapshots(3).setBroken(false);
        nodeThreeHasAll(leader);
    }

    @Test
    @DisplayName("a disk that fills up in the midst of it costs another attempt and nothing else")
    void aDiskThatFillsUpInTheMidst() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        halfOfItIsSent(1);
        group.snapshots(3).setBroken(true); // found out when all of it is to be made durable
        group.runsFor(2_000);
        assertEquals(0, group.agent(3).status().snapshots().installed());
        group.snapshots(3).setBroken(false);
        nodeThreeHasAll(leader);
        assertEquals(1, group.agent(3).status().snapshots().installed());
    }

    @Test
    @DisplayName("a follower that restarts in the midst of it gets it all the same")
    void aFollowerThatRestarts() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        halfOfItIsSent(1);
        ledgers.set(2, new Ledger(MEGABYTE));
        group.restarts(3, ledgers.get(2));
        nodeThreeHasAll(leader);
        assertTrue(sent(1) <= 2 * MEGABYTE + SLACK, "bytes on the wire: " + sent(1));
    }

    @Test
    @DisplayName("it is acknowledged, and committed, when it is whole and durable, and not before")
    void acknowledgedWhenDurable() {
        nodeThreeIsBehind(MEGABYTE, 64L << 20);
        group.network.heal();
        group.runsUntil(() -> sent(1) > 0, "it has begun");
        group.offLoop(3).hold();
        while (group.snapshots(3).newest().isEmpty()) {
            group.runsFor(1);
            assertEquals(0, group.agent(3).status().snapshots().installed());
            assertTrue(group.agent(3).status().commitIndex() < 50, "nothing of it is committed here");
            assertTrue(leader.status().peers().get(1).matchIndex() < 50, "nor acknowledged");
            assertEquals(0, ledgers.get(2).restored);
            group.offLoop(3).runNext();
        }
        group.offLoop(3).release();
        nodeThreeHasAll(leader);
    }

    /** Node 3 has all the bytes, and has yet to make them durable; node 2 has the whole log. */
    private void nodeThreeHasAllBytes(int commands) {
        nodeThreeIsBehind(MEGABYTE, 64L << 20, commands);
        group.network.heal();
        group.runsUntil(() -> sent(1) > 0, "it has begun");
        group.offLoop(3).hold();
        while (!group.snapshots(3).isAllThere()) {
            group.offLoop(3).runNext();
            group.runsFor(1);
        }
        assertEquals(1, group.offLoop(3).waiting());
    }

    @Test
    @DisplayName("A04: a snapshot that comes when its entries have been applied takes nothing back")
    void whatIsAppliedIsNotTakenBack() {
        nodeThreeHasAllBytes(50);
        leader = group.elect(2);
        group.runsUntil(() -> group.agent(3).status().appliedIndex() == leader.status().commitIndex(), "by the log");
        final long applied = group.agent(3).status().appliedIndex();
        group.offLoop(3).release();
        group.runsFor(10);
        assertEquals(applied, group.agent(3).status().appliedIndex());
        commits(5);
        nodeThreeHasAll(leader);
        assertEquals(0, ledgers.get(2).restored);
        assertEquals(ledgers.get(2).entries(), ledgers.get(2).applied, "each was applied once");
    }

    @Test
    @DisplayName("T-55: entries that wait to be applied when the snapshot comes are skipped, later ones applied once")
    void entriesThatStillWaitAreSkipped() {
        nodeThreeHasAllBytes(900);
        group.appliesOneInACycle(3);
        leader = group.elect(2);
        group.runsUntil(() -> group.agent(3).status().commitIndex() > 901, "the log is there, and committed");
        final long applied = group.agent(3).status().appliedIndex();
        assertTrue(applied < 800, "its state machine is behind: " + applied);
        group.offLoop(3).release();
        nodeThreeHasAll(leader);
        assertEquals(1, ledgers.get(2).restored);
        assertTrue(ledgers.get(2).applied.stream().noneMatch(index -> index > applied + 3 && index <= 901),
            ledgers.get(2).applied.toString());
        assertEquals(ledgers.get(2).applied.stream().distinct().toList(), ledgers.get(2).applied);
    }
}
