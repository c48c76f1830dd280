package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import io.balsa.raft.spi.StorageException;
import io.balsa.raft.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole nodes on a network and disks that misbehave as told. */
class RaftAgentTest {
    private static AgentGroup group(int maxCommandBytes) {
        return new AgentGroup(3, 256, maxCommandBytes, 64 << 10, (index, term, command, offset, length) -> index);
    }

    @Test
    @DisplayName("a window filled in an earlier leadership does not hold up the next")
    void aWindowFilledInAnEarlierLeadershipDoesNotHoldUpTheNext() {
        final AgentGroup group = group(4 << 10);
        final RaftAgent<Long> first = group.elect(1);
        group.network.port(1).loses[1][Transport.APPEND] = true; // heartbeats go on, entries are lost
        group.network.port(1).loses[2][Transport.APPEND] = true;
        final AgentGroup.Answers answers = AgentGroup.offer(first, 20, 4 << 10);
        group.runsFor(20);
        assertEquals(0, answers.committed);
        group.tellsNode1OfTerm(first.status().term() + 1); // at once, before it could find the others silent
        assertEquals(Role.FOLLOWER, first.status().role());
        assertEquals(20, answers.indeterminate);
        final RaftAgent<Long> again = group.elect(1); // its log is the longest: whatever was sent is sent again
        group.runsUntil(() -> group.agent(2).status().appliedIndex() == again.status()
            .lastIndex(), "node 2 has it all");
        assertTrue(again.status().lastIndex() > 20);
    }

    @Test
    @DisplayName("a follower whose disk is full is not flooded, and catches up when space returns")
    void aFollowerWhoseDiskIsFullIsNotFlooded() {
        final AgentGroup group = group(4 << 10);
        final RaftAgent<Long> leader = group.elect(1);
        group.log(2).room = RaftLog.Room.DISK_FULL;
        final AgentGroup.Answers answers = AgentGroup.offer(leader, 100, 4 << 10);
        group.runsUntil(() -> answers.committed == 100, "the other follower suffices");
        final long before = group.network.port(1).appendFrames[1];
        group.runsFor(1_000);
        final long frames = group.network.port(1).appendFrames[1] - before;
        assertTrue(frames < 200, "frames with entries to the full follower in a second: " + frames);
        group.log(2).room = RaftLog.Room.YES;
        group.runsUntil(() -> group.agent(2).status().appliedIndex() == leader.status()
            .commitIndex(), "node 2 caught up");
    }

    @Test
    @DisplayName("a command longer than a frame travels in parts, whatever interrupts them")
    void aCommandLongerThanAFrameTravelsInParts() {
        final List<Integer> lengths = new ArrayList<>();
        final AgentGroup group = new AgentGroup(3, 16, 100_000, 1 << 20, (index, term, command, offset, length) -> {
            for (int i = 0; i < length; i++) {
                if (command.getByte(offset + i) != (byte) (i * 31)) {
                    throw new IllegalStateException("byte " + i + " of " + length + " is wrong");
                }
            }
            lengths.add(length);
            return index;
        });
        final RaftAgent<Long> leader = group.elect(1);
        final UnsafeBuffer command = new UnsafeBuffer(new byte[100_000]);
        for (int i = 0; i < command.capacity(); i++) {
            command.putByte(i, (byte) (i * 31));
        }
        final AgentGroup.Answers answers = new AgentGroup.Answers();
        final Loopback.Port port = group.network.port(1);
        for (int length = 70_000; length < 100_000; length += 7_001) {
            leader.offer(command, 0, length, answers);
            group.cycle();
            port.appendAnswer[1] = Transport.BACK_PRESSURED; // stop and go for one
            port.loses[2][Transport.APPEND] = true; // and a hole for the other
            group.cycle();
            group.cycle();
            port.appendAnswer[1] = Transport.ACCEPTED;
            port.loses[2][Transport.APPEND] = false;
            group.runsFor(3);
            port.appendAnswer[1] = Transport.NOT_CONNECTED;
            group.cycle();
            port.appendAnswer[1] = Transport.ACCEPTED;
        }
        group.runsUntil(() -> lengths.size() == 3 * 5, "all three applied all five");
        assertEquals(5, answers.committed);
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName("a log that fails takes nobody's answer with it, and closing does not wait for ever")
    void aLogThatFailsTakesNobodysAnswerWithIt() {
        final AgentGroup group = new AgentGroup(1, 16, 64, 64 << 10, (index, term, command, offset, length) -> index);
        final RaftAgent<Long> alone = group.elect(1);
        group.log(1).broken = true;
        final AgentGroup.Answers answers = AgentGroup.offer(alone, 3, 64);
        assertThrows(StorageException.class, group::cycle);
        alone.fail("the disk is gone");
        assertEquals(1, answers.indeterminate); // it may be on the disk
        assertEquals(2, answers.rejected); // these never left the ring
        assertEquals("the disk is gone", alone.status().failure().orElseThrow());
        assertTrue(group.log(1).closed);
        assertTrue(group.network.port(1).closed);
    }

    @Test
    @DisplayName("a log that cannot take the longest command configured is refused at the start")
    void aLogThatCannotTakeTheLongestCommandIsRefused() {
        final RaftConfig config = RaftConfig.of(1, List.of(1)).withLimits(4 << 10, 64 << 10, 1 << 16, 8);
        final MemoryStorage storage = new MemoryStorage(1, new RingLog(16, (4 << 10) - 1));
        final RaftException refused = assertThrows(RaftException.class, () -> new RaftAgent<>(config, storage,
            new Loopback(1, 4 << 10).port(1), (index, term, command, offset, length) -> index,
            Runnable::run, new SplittableRandom(1), 0));
        assertTrue(refused.getMessage().startsWith(
            "this log takes commands of at most 4095 bytes, but 4096 are configured"), refused.getMessage());
    }

    @Test
    @DisplayName("while the disk is behind, commands wait in the ring; when leadership is lost they are refused")
    void whileTheDiskIsBehindCommandsWait() {
        final AgentGroup group = group(64);
        final RaftAgent<Long> leader = group.elect(1);
        group.log(1).room = RaftLog.Room.BUSY;
        final AgentGroup.Answers answers = AgentGroup.offer(leader, 3, 64);
        group.runsFor(10);
        assertEquals(0, answers.committed + answers.rejected + answers.indeterminate);
        group.log(1).room = RaftLog.Room.YES;
        group.runsUntil(() -> answers.committed == 3, "they go on");
        group.log(1).room = RaftLog.Room.BUSY;
        final AgentGroup.Answers others = AgentGroup.offer(leader, 3, 64);
        group.network.cut(1, 2);
        group.network.cut(1, 3);
        group.runsUntil(() -> others.rejected == 3, "nothing of them is in the log");
    }

    @Test
    @DisplayName("where all disks are full the leader stays, refuses commands and serves reads, until there is room")
    void onAFullDiskTheLeaderRefusesCommands() {
        final AgentGroup group = group(64);
        final RaftAgent<Long> leader = group.elect(1);
        group.logs.forEach(log -> log.room = RaftLog.Room.DISK_FULL);
        group.runsFor(5_000);
        assertEquals(Role.LEADER, leader.status().role());
        assertEquals(1, leader.status().elections(), "it has led all the time");
        final AgentGroup.Answers answers = AgentGroup.offer(leader, 3, 64);
        final long[] readable = {0};
        leader.offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                readable[0] = readIndex;
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                throw new AssertionError(reason);
            }
        });
        group.runsUntil(() -> readable[0] > 0, "the read is served");
        assertEquals(3, answers.rejected);
        assertEquals(Outcome.Reason.DISK_FULL, answers.lastReason);
        group.logs.forEach(log -> log.room = RaftLog.Room.YES);
        final AgentGroup.Answers later = AgentGroup.offer(leader, 3, 64);
        group.runsUntil(() -> later.committed == 3, "with room, commands are taken again");
    }

    @Test
    @DisplayName("where all disks are full a leader that is elected then stays as well")
    void whereAllDisksAreFullANewLeaderStays() {
        final AgentGroup group = group(64);
        group.elect(1);
        group.logs.forEach(log -> log.room = RaftLog.Room.DISK_FULL);
        group.runsFor(1_000);
        group.network.cut(1, 2);
        group.network.cut(1, 3);
        group.runsUntil(() -> group.agent(2).status().role() == Role.LEADER
            || group.agent(3).status().role() == Role.LEADER, "another one leads");
        final RaftAgent<Long> next = group.agent(group.agent(2).status().role() == Role.LEADER ? 2 : 3);
        group.network.heal();
        group.runsFor(5_000);
        assertEquals(Role.LEADER, next.status().role());
        assertEquals(1, next.status().elections());
    }

    @Test
    @DisplayName("a leader whose disk alone is full refuses commands, and lets one lead that has room")
    void aLeaderWhoseDiskAloneIsFullLetsAnotherLead() {
        final AgentGroup group = group(64);
        final RaftAgent<Long> full = group.elect(1);
        group.log(1).room = RaftLog.Room.DISK_FULL;
        final AgentGroup.Answers refused = AgentGroup.offer(full, 3, 64);
        group.runsUntil(() -> refused.rejected == 3, "it refuses them");
        group.runsUntil(() -> group.agent(2).status().role() == Role.LEADER
            || group.agent(3).status().role() == Role.LEADER, "another one leads");
        final RaftAgent<Long> next = group.agent(group.agent(2).status().role() == Role.LEADER ? 2 : 3);
        final AgentGroup.Answers answers = AgentGroup.offer(next, 3, 64);
        group.runsUntil(() -> answers.committed == 3, "which commits with the third");
        group.runsFor(5_000);
        assertEquals(Role.LEADER, next.status().role(), "and is not deposed by the one that is full");
    }

    @Test
    @DisplayName("a read behind a partition is not served, but refused when leadership is lost")
    void aReadBehindAPartitionIsNotServed() {
        final AgentGroup group = group(64);
        final RaftAgent<Long> leader = group.elect(1);
        group.network.cut(1, 2);
        group.network.cut(1, 3);
        final List<Outcome.Reason> refused = new ArrayList<>();
        leader.offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                throw new AssertionError("nobody confirmed this leader");
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                refused.add(reason);
            }
        });
        group.runsFor(2_000);
        assertEquals(List.of(Outcome.Reason.NOT_LEADER), refused);
    }

    @Test
    @DisplayName("T-47: nobody is given the result of another command that took its index")
    void nobodyIsGivenTheResultOfAnotherCommandAtTheSameIndex() {
        final AgentGroup group = group(64);
        final RaftAgent<Long> first = group.elect(1);
        group.network.cut(1, 2);
        group.network.cut(1, 3);
        final AgentGroup.Answers lost = AgentGroup.offer(first, 3, 64);
        group.runsUntil(() -> group.agent(2).status().role() == Role.LEADER
            || group.agent(3).status().role() == Role.LEADER, "the others elect one of them");
        final RaftAgent<Long> second = group.agent(group.agent(2).status().role() == Role.LEADER ? 2 : 3);
        final AgentGroup.Answers kept = AgentGroup.offer(second, 5, 64);
        group.runsUntil(() -> kept.committed == 5, "they have a majority");
        group.network.heal();
        group.runsUntil(() -> first.status().appliedIndex() == second.status().lastIndex(), "node 1 applied theirs");
        assertEquals(0, lost.committed);
        assertEquals(3, lost.indeterminate);
    }

    @Test
    @DisplayName("a read waits until the state machine shows what was committed when it was asked")
    void aReadWaitsForTheStateMachine() {
        final long[] nowNs = {0};
        final long[] applied = {0};
        final RaftAgent<Long> alone = new RaftAgent<>(RaftConfig.of(1, List.of(1)).withLimits(64, 64 << 10, 1 << 14,
            1024), new MemoryStorage(1, new RingLog(256, 64)), new Loopback(1, 4 << 10).port(1),
            (index, term, command, offset, length) -> {
                nowNs[0] += 1_000_000_000; // slower than any budget: one entry in a cycle
                applied[0] = index;
                return index;
            }, Runnable::run, new SplittableRandom(1), 0, () -> nowNs[0]);
        while (alone.status().appliedIndex() == 0) {
            alone.doWork(++nowNs[0]);
        }
        final AgentGroup.Answers answers = AgentGroup.offer(alone, 100, 64);
        while (alone.status().commitIndex() < 101) {
            alone.doWork(++nowNs[0]);
        }
        assertTrue(applied[0] < 50, "the state machine is behind: " + applied[0]);
        final long[] read = {0};
        alone.offerRead(new ReadCompletion() {
            @Override
            public void onReadable(long readIndex) {
                assertEquals(101, readIndex);
                assertEquals(101, applied[0], "all that was committed can be seen");
                read[0]++;
            }

            @Override
            public void onNotReadable(Outcome.Reason reason, int leaderHint) {
                throw new AssertionError(reason);
            }
        });
        for (int cycles = 0; read[0] == 0; cycles++) {
            assertTrue(cycles < 200, "the read is served");
            alone.doWork(++nowNs[0]);
        }
        assertEquals(100, answers.committed);
    }
}
