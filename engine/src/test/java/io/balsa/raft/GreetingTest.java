package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.RaftLog;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two servers find out which run of each other they are talking to, whatever late greetings have told them. */
class GreetingTest {
    private static final long FORMER_RUN = 5;
    private static final long CYCLE_NS = 1_000_000;

    private final Loopback network = new Loopback(2, 1 << 12);

    private RaftAgent<Long> agent(int id) {
        return new RaftAgent<>(RaftConfig.of(id, List.of(1, 2)).withLimits(64, 1 << 16, 1 << 17, 64),
            new MemoryStorage(id, new RingLog(64, 64)), network.port(id),
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

        for (long nowNs = 0; nowNs < 10_000 * CYCLE_NS; nowNs += CYCLE_NS) {
            one.doWork(nowNs);
            two.doWork(nowNs);
        }
        assertEquals(List.of(Role.LEADER, Role.FOLLOWER), Stream.of(one, two).map(agent -> agent.status().role())
            .sorted((a, b) -> b.compareTo(a)).toList());
        assertEquals(one.status().leaderId(), two.status().leaderId());
    }
}
