package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.spi.RaftException;
import io.balsa.raft.spi.RaftLog;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two servers find out which run of each other they are talking to, whatever late greetings have told them. */
class GreetingTest {
    private static final long FORMER_RUN = 5;
    private static final long CYCLE_NS = 1_000_000;

    private final Loopback network = new Loopback(2, 1 << 12);

    private RaftAgent<Long> agent(int id) {
        return agent(id, Durability.FORCED);
    }

    private RaftAgent<Long> agent(int id, Durability durability) {
        return new RaftAgent<>(RaftConfig.of(id, List.of(1, 2)).withLimits(64, 1 << 16, 1 << 17, 64),
            new MemoryStorage(id, new RingLog(64, 64), 1, durability), network.port(id),
            (index, term, command, offset, length) -> index, Runnable::run, new SplittableRandom(id), 0);
    }

    /** A greeting that a former run of {@code from} sent, on this store, arrives only now. */
    private void arrivesLate(int from, int to, long store) {
        final RaftLog log = new RingLog(1, 1);
        final Links links = new Links(new int[] {to}, FORMER_RUN, 1, 0);
        final StateChecks checks = new StateChecks(from, new int[] {to}, 0);
        new Outbox(network.port(from), log, links, checks, MemoryStorage.CLUSTER, from, FORMER_RUN, store, true, "")
            .hello(0, true);
    }

    private void loseWhatIsUnderWayTo(int id) {
        network.port(id).poll((buffer, offset, length) -> { }, Integer.MAX_VALUE);
    }

    /** A simulation of three servers found the first two: the group was without one of them for good. */
    @ParameterizedTest(name = "1 was on the {0} store, 2 on the {1}")
    @CsvSource({"same, same", "same, other", "other, same", "other, other"})
    @DisplayName("each takes the other for a former run: they do not refuse each other for ever")
    void eachTakesTheOtherForAFormerRun(String storeOfOne, String storeOfTwo) {
        final RaftAgent<Long> one = agent(1);
        arrivesLate(2, 1, storeOfTwo.equals("same") ? 1_002 : 77);
        one.doWork(0);
        loseWhatIsUnderWayTo(2);
        final RaftAgent<Long> two = agent(2);
        arrivesLate(1, 2, storeOfOne.equals("same") ? 1_001 : 88);
        two.doWork(0);
        loseWhatIsUnderWayTo(1);

        run(one, two);
        assertEquals(List.of(Role.LEADER, Role.FOLLOWER), Stream.of(one, two).map(agent -> agent.status().role())
            .sorted((a, b) -> b.compareTo(a)).toList());
        assertEquals(one.status().leaderId(), two.status().leaderId());
    }

    private void run(RaftAgent<Long> one, RaftAgent<Long> two) {
        for (long nowNs = 0; nowNs < 10_000 * CYCLE_NS; nowNs += CYCLE_NS) {
            one.doWork(nowNs);
            two.doWork(nowNs);
        }
    }

    @Test
    @DisplayName("members whose entries count at different times do not hear each other, and both say so in one line")
    void membersOfDifferentDurabilityDoNotMix() {
        final RaftAgent<Long> forced = agent(1);
        final RaftAgent<Long> inMemory = agent(2, Durability.MEMORY_QUORUM);
        run(forced, inMemory);
        assertEquals(0, forced.status().term() + inMemory.status().term(), "no vote was asked for");
        assertEquals("entries count at another time with node 2 than here, where it is FORCED: nothing is heard from "
            + "there; all members must be formatted alike", forced.status().quorumTrouble().orElseThrow());
        assertEquals("entries count at another time with node 1 than here, where it is MEMORY_QUORUM: nothing is heard "
            + "from there; all members must be formatted alike", inMemory.status().quorumTrouble().orElseThrow());
        assertEquals(Durability.MEMORY_QUORUM, inMemory.status().durability());
    }

    @Test
    @DisplayName("a node whose entries count once they are forced needs no unsafe recovery, and refuses one")
    void aForcedNodeRefusesAnUnsafeRecovery() {
        final RaftException refused = assertThrows(RaftException.class, () -> new RaftAgent<>(
            RaftConfig.of(1, List.of(1, 2)).withLimits(64, 1 << 16, 1 << 17, 64).withUnsafeRecovery(true),
            new MemoryStorage(1, new RingLog(64, 64)), network.port(1),
            (index, term, command, offset, length) -> index, Runnable::run, new SplittableRandom(1), 0));
        assertTrue(refused.getMessage().contains("MEMORY_QUORUM"), refused.getMessage());
    }
}
