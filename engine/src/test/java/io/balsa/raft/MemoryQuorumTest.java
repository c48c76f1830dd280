package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import io.balsa.raft.spi.Durability;
import io.balsa.raft.testkit.Registers;
import io.balsa.raft.testkit.Seeds;
import io.balsa.raft.testkit.SimLab;
import io.balsa.raft.testkit.Simulation;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Groups whose entries count in memory, on disks so slow that whoever crashes loses nearly all that it acknowledged.
 * Every check of the simulator looks on: that nothing committed is lost above all.
 */
class MemoryQuorumTest {
    private static final long SEEDS = 150;
    private static final long SOAK_SEEDS = 1_000;
    private static final int COMMANDS = 30;
    private static final int NEVER_MS = 1_000_000_000;

    private SimLab<Long> lab;

    private final Simulation<Long> simulation = Simulation.ofRegisters()
        .withGroupSizes(3, 3, 5).withDurability(Durability.MEMORY_QUORUM)
        .withReplay(seed -> "mvn -q -pl engine verify -Dtest=MemoryQuorumTest -Dseed=" + seed);

    @Test
    @DisplayName("while only a minority lacks what it acknowledged, every seed keeps every promise")
    void everySeedKeepsEveryPromise() throws InterruptedException {
        final long seed = Long.getLong("seed", -1);
        if (seed >= 0) {
            System.out.println(simulation.transcriptOf(seed));
            simulation.run(seed);
        } else {
            Seeds.play(simulation, 1, Long.getLong("seeds", SEEDS), System.out::println);
        }
    }

    /** More of the same: {@code mvn -pl engine -Psoak verify -Dtest=MemoryQuorumTest -Dseeds=100000}. */
    @Test
    @Tag("soak")
    void soak() throws InterruptedException {
        Seeds.play(simulation, 1_000_000, Long.getLong("seeds", SOAK_SEEDS), System.out::println);
    }

    private void play(int servers, long seed, Runnable script) {
        play(SimLab.Options.of(servers), seed, script);
    }

    private void play(SimLab.Options options, long seed, Runnable script) {
        final SimLab.Options memory = options.withNoOpPerTerm(true).withDurability(Durability.MEMORY_QUORUM);
        try (SimLab<Long> group = new SimLab<>(memory, seed, server -> new Registers(), true)) {
            lab = group;
            try {
                all().forEach(server -> lab.slowDownLog(server, NEVER_MS));
                script.run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(group.transcript() + "\nseed " + seed + ": " + broken.getMessage(), broken);
            }
        }
    }

    private List<Integer> all() {
        return IntStream.range(0, lab.size()).boxed().toList();
    }

    private List<Integer> allBut(List<Integer> servers) {
        return all().stream().filter(server -> !servers.contains(server)).toList();
    }

    private RaftStatus status(int server) {
        return lab.status(server).orElseThrow();
    }

    private int leaderAfter(long term) {
        for (int tries = 0; tries < 100; tries++) {
            lab.sleep(100);
            for (final int server : all()) {
                if (lab.isUp(server) && status(server).role() == Role.LEADER && status(server).term() > term) {
                    return server;
                }
            }
        }
        throw new AssertionError("nobody leads after term " + term);
    }

    private void commit(int leader) {
        for (int i = 0; i < COMMANDS; i++) {
            assertTrue(lab.start(leader, Registers.command(lab.random(), i, 64)).leader());
        }
        lab.sleep(500);
        assertEquals(status(leader).lastIndex(), status(leader).commitIndex());
    }

    private void restart(List<Integer> servers) {
        servers.forEach(lab::restart);
        servers.forEach(lab::connect);
    }

    private void assertAllAgree(int leader) {
        lab.sleep(2_000);
        for (final int server : all()) {
            assertEquals(status(leader).commitIndex(), status(server).appliedIndex(), "server " + server);
            assertTrue(status(server).voter(), "server " + server);
            assertTrue(lab.isVoter(server), "the disk of server " + server);
        }
    }

    @ParameterizedTest(name = "{0} servers, seed {1}")
    @CsvSource({"3, 1", "3, 2", "5, 3", "5, 4"})
    @DisplayName("a minority crashes again and again and loses its tail each time: nothing acknowledged goes with it")
    void aMinorityLosesItsTailAgainAndAgain(int servers, long seed) {
        play(servers, seed, () -> {
            int leader = leaderAfter(0);
            for (int round = 0; round < 4; round++) {
                commit(leader);
                final long committed = status(leader).commitIndex();
                final long term = status(leader).term();
                assertTrue(status(leader).durableIndex() < committed, "what counts is not on its disk");
                final List<Integer> victims = round % 2 == 0 ? upTo(servers / 2, leader) : upTo(servers / 2, -1);
                victims.forEach(lab::crash);
                leader = victims.contains(leader) ? leaderAfter(term) : leader;
                commit(leader);
                assertTrue(status(leader).commitIndex() > committed, "without them");
                restart(victims);
                for (final int victim : victims) {
                    assertFalse(lab.isVoter(victim), "server " + victim + " may lack what it acknowledged");
                }
                assertAllAgree(leader);
            }
        });
    }

    /** So many servers, this one first if it is one. */
    private List<Integer> upTo(int count, int first) {
        return IntStream.concat(IntStream.of(first).filter(server -> server >= 0),
            all().stream().mapToInt(Integer::intValue).filter(server -> server != first)).limit(count).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("one that lost an acknowledged entry does not help to elect a leader without it")
    void whoLostAnAcknowledgedEntryElectsNobody(long seed) {
        play(3, seed, () -> {
            final int leader = leaderAfter(0);
            final int behind = (leader + 1) % 3;
            final int amnesiac = (leader + 2) % 3;
            lab.sleep(500);
            lab.disconnect(behind);
            commit(leader); // with the one that will forget it
            final long committed = status(leader).commitIndex();
            final long term = status(leader).term();
            lab.restart(amnesiac);
            assertTrue(status(amnesiac).lastIndex() < committed, "its tail is lost");
            lab.link(behind, amnesiac, true); // and the leader is cut off
            for (int i = 0; i < 50; i++) {
                lab.sleep(100);
                for (final int server : List.of(behind, amnesiac)) {
                    assertFalse(status(server).role() == Role.LEADER, "server " + server + " leads without the entry");
                }
            }
            assertEquals(Role.FOLLOWER, status(amnesiac).role(), "it does not even campaign");
            lab.connect(behind);
            lab.connect(amnesiac);
            final int later = leaderAfter(term);
            assertTrue(status(later).lastIndex() >= committed);
            commit(later);
            assertAllAgree(later);
        });
    }

    @ParameterizedTest(name = "{0} servers, seed {1}")
    @CsvSource({"3, 1", "3, 2", "5, 3", "5, 4"})
    @DisplayName("where all stop in good order, all is on their disks, and they vote at once")
    void aCleanStopForgetsNothing(int servers, long seed) {
        play(servers, seed, () -> {
            final int leader = leaderAfter(0);
            commit(leader);
            final long committed = status(leader).commitIndex();
            final long term = status(leader).term();
            all().forEach(lab::stop);
            restart(all());
            for (final int server : all()) {
                assertTrue(lab.isVoter(server));
            }
            final int next = leaderAfter(term);
            assertTrue(status(next).lastIndex() >= committed);
            commit(next);
            assertAllAgree(next);
        });
    }

    @ParameterizedTest(name = "{0} servers, seed {1}")
    @CsvSource({"3, 1", "3, 2", "5, 3", "5, 4"})
    @DisplayName("where all lose their power at once, no quorum forms, and each says what to do")
    void aPowerCutOfAllIsToldAndNotGlossedOver(int servers, long seed) {
        play(servers, seed, () -> {
            commit(leaderAfter(0));
            all().forEach(lab::crash);
            restart(all());
            lab.sleep(10_000);
            for (final int server : all()) {
                assertEquals(Role.FOLLOWER, status(server).role());
                assertFalse(status(server).voter());
                assertTrue(status(server).quorumTrouble().orElseThrow().contains("--unsafe-recover"));
                assertFalse(status(server).quorumTrouble().orElseThrow().contains("\n"));
            }
        });
    }

    @ParameterizedTest(name = "{0} servers, seed {1}")
    @CsvSource({"3, 1", "3, 2", "3, 3", "5, 4", "5, 5", "5, 6"})
    @DisplayName("told to recover, all of them, they go on with the longest log: what one disk kept is kept")
    void anUnsafeRecoveryKeepsWhatAnyDiskKept(int servers, long seed) {
        play(servers, seed, () -> {
            final int keeper = (int) seed % servers;
            lab.slowDownLog(keeper, 1);
            final int leader = leaderAfter(0);
            commit(leader);
            final long committed = status(leader).commitIndex();
            final long term = status(leader).term();
            assertEquals(committed, status(keeper).durableIndex());
            all().forEach(lab::crash);

            all().forEach(server -> lab.tellToRecoverUnsafely(server, server != keeper));
            restart(all());
            lab.sleep(10_000);
            for (final int server : all()) {
                assertFalse(status(server).role() == Role.LEADER, "server " + keeper + " was not told");
                assertFalse(status(server).voter());
            }
            assertTrue(status((keeper + 1) % servers).quorumTrouble().orElseThrow().contains("node " + keeper + " "));

            lab.tellToRecoverUnsafely(keeper, true);
            restart(List.of(keeper));
            final int next = leaderAfter(term);
            assertTrue(status(next).lastIndex() >= committed, "the longest log has won");
            commit(next);
            assertAllAgree(next);
            assertTrue(all().stream().allMatch(server -> status(server).quorumTrouble().isEmpty()));
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("a snapshot reaches further than the forced log: the crashed one starts from it and is caught up")
    void aSnapshotBehindWhichTheLogIsLost(long seed) {
        final SimLab.Options options = SimLab.Options.of(3).withSnapshotEveryBytes(400);
        play(options, seed, () -> {
            all().forEach(server -> lab.slowDownLog(server, 20));
            final int leader = leaderAfter(0);
            for (int round = 0; round < 5; round++) {
                commit(leader);
            }
            final int victim = (leader + 1) % 3;
            lab.slowDownLog(victim, NEVER_MS);
            commit(leader);
            commit(leader);
            assertTrue(status(victim).snapshots().index() > status(victim).durableIndex(), "a snapshot went ahead");
            lab.crash(victim);
            commit(leader);
            lab.slowDownLog(victim, 1);
            restart(List.of(victim));
            assertFalse(lab.isVoter(victim));
            assertAllAgree(leader);
        });
    }
}
