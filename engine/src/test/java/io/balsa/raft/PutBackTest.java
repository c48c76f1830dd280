package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

import io.balsa.raft.core.Role;
import io.balsa.raft.testkit.SimDisk;
import io.balsa.raft.testkit.SimLab;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The directory of one server of five is put back to an older time, and the server started on it: its run counts as a
 * later one, though it has forgotten a vote and entries. Every check of the simulator looks on: elections, votes, and
 * that nothing committed is lost.
 */
class PutBackTest {
    private static final List<Integer> ALL = List.of(0, 1, 2, 3, 4);
    private static final int COMMANDS = 30;

    private SimLab<Long> lab;

    private void play(long seed, Runnable script) {
        try (SimLab<Long> group = new SimLab<>(SimLab.Options.of(5).withNoOpPerTerm(true), seed,
            server -> (index, term, command, offset, length) -> index, true)) {
            lab = group;
            try {
                script.run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(group.transcript() + "\nseed " + seed + ": " + broken.getMessage(), broken);
            }
        }
    }

    private RaftStatus status(int server) {
        return lab.status(server).orElseThrow();
    }

    /** Waits for one of these to lead a later term than this. */
    private int leaderOf(List<Integer> group, long afterTerm) {
        for (int tries = 0; tries < 100; tries++) {
            lab.sleep(100);
            for (final int server : group) {
                if (lab.isUp(server) && status(server).role() == Role.LEADER && status(server).term() > afterTerm) {
                    return server;
                }
            }
        }
        throw new AssertionError("none of " + group + " leads after term " + afterTerm);
    }

    /** Cuts every link but those between servers of the same group. */
    private void join(List<List<Integer>> groups) {
        for (final int one : ALL) {
            for (final int other : ALL) {
                if (one < other) {
                    lab.link(one, other, groups.stream().anyMatch(group -> group.containsAll(List.of(one, other))));
                }
            }
        }
    }

    private void commit(int leader) {
        for (int i = 0; i < COMMANDS; i++) {
            assertTrue(lab.start(leader, new byte[] {(byte) i}).leader());
        }
        lab.sleep(1_000);
        assertEquals(status(leader).lastIndex(), status(leader).commitIndex());
    }

    private static List<Integer> allBut(Integer... servers) {
        return ALL.stream().filter(server -> !List.of(servers).contains(server)).toList();
    }

    private static int first(IntPredicate which) {
        return IntStream.range(0, ALL.size()).filter(which).findFirst().orElseThrow();
    }

    /** As the manager of a service does; what it was linked with, it is linked with again. */
    private void startIfStopped(int server, List<List<Integer>> groups) {
        if (!lab.isUp(server)) {
            lab.restart(server);
            join(groups);
        }
    }

    /** In the end all hold the same, and all are voters. */
    private void recover(int wasPutBack, long term) {
        join(List.of(ALL));
        lab.sleep(1_000);
        startIfStopped(wasPutBack, List.of(ALL));
        final int leader = leaderOf(ALL, term);
        commit(leader);
        lab.sleep(4_000);
        for (final int server : ALL) {
            assertEquals(status(leader).commitIndex(), status(server).commitIndex(), "server " + server);
            assertTrue(lab.isVoter(server), "server " + server);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("it forgot whom it voted for and what it helped to commit: told so, it does neither again")
    void itForgotItsVoteAndItsEntries(long seed) {
        play(seed, () -> {
            final int outsider = leaderOf(ALL, 0);
            commit(outsider);
            final List<SimDisk.Copy> copies = ALL.stream().map(lab::copyOfDisk).toList();
            final long oldTerm = status(outsider).term();

            lab.crash(outsider);
            final int leader = leaderOf(allBut(outsider), oldTerm);
            final long term = status(leader).term();
            final int copied = first(server -> server != leader && server != outsider
                && lab.copyOfDisk(server).votedFor() == leader);
            final int witness = first(server -> server != leader && server != outsider && server != copied);
            final List<Integer> quorum = List.of(leader, copied, witness);
            final List<Integer> others = allBut(leader, copied, witness);
            lab.restart(outsider);
            join(List.of(quorum, others));
            commit(leader); // not a majority without the copied one

            lab.putBack(copied, copies.get(copied));
            join(List.of(quorum, others));
            lab.sleep(2_000);
            final List<List<Integer>> turned = List.of(List.of(leader, witness), allBut(leader, witness));
            startIfStopped(copied, turned);
            join(turned);
            for (int i = 0; i < 50; i++) {
                lab.sleep(100);
                startIfStopped(copied, turned);
                for (final int server : allBut(leader, witness)) {
                    assertFalse(status(server).role() == Role.LEADER && status(server).term() >= term,
                        "server " + server + " lacks what is committed, and leads");
                }
            }
            recover(copied, oldTerm);
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("the one it voted for tells it so, in time: it does not vote a second time in that term")
    void itDoesNotVoteASecondTime(long seed) {
        play(seed, () -> {
            final int oldLeader = leaderOf(ALL, 0);
            final List<SimDisk.Copy> copies = ALL.stream().map(lab::copyOfDisk).toList();
            final long oldTerm = status(oldLeader).term();
            final List<Integer> quorum = List.of(oldLeader, (oldLeader + 1) % 5, (oldLeader + 2) % 5);
            final List<Integer> others = ALL.stream().filter(server -> !quorum.contains(server)).toList();
            join(List.of());
            lab.sleep(1_000); // the old leader steps down
            join(List.of(quorum));
            final int leader = leaderOf(quorum, oldTerm);
            final int copied = first(server -> server != leader && quorum.contains(server));
            assertEquals(leader, lab.copyOfDisk(copied).votedFor(), "all three votes were needed");
            join(List.of());
            lab.sleep(1_000);

            lab.putBack(copied, copies.get(copied));
            lab.link(copied, leader, true);
            lab.sleep(150); // long enough to greet, too short to campaign
            final List<List<Integer>> turned = List.of(List.of(copied, others.get(0), others.get(1)));
            startIfStopped(copied, turned);
            join(turned);
            lab.sleep(5_000);
            for (final int server : turned.get(0)) {
                assertFalse(status(server).role() == Role.LEADER, "server " + server + " leads by a second vote");
            }
            recover(copied, oldTerm);
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("a leader that forgot what it had written in the very term it is still in")
    void aLeaderThatForgotWhatItHadWritten(long seed) {
        play(seed, () -> {
            final int copied = leaderOf(ALL, 0);
            final SimDisk.Copy copy = lab.copyOfDisk(copied);
            commit(copied);
            lab.putBack(copied, copy);
            join(List.of(ALL));
            lab.sleep(1_000);
            assertFalse(lab.isUp(copied), "it is told, and stops");
            recover(copied, copy.currentTerm());
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("put back to when its log was longer, and never committed: it is rebuilt, however often")
    void itsLogWasLongerAndAnotherOne(long seed) {
        play(seed, () -> {
            final int copied = leaderOf(ALL, 0);
            join(List.of(List.of(copied), allBut(copied)));
            for (int i = 0; i < COMMANDS; i++) {
                assertTrue(lab.start(copied, new byte[] {(byte) i}).leader());
            }
            lab.sleep(200);
            final SimDisk.Copy longLog = lab.copyOfDisk(copied);
            final int leader = leaderOf(allBut(copied), longLog.currentTerm());
            final long term = status(leader).term();
            join(List.of(ALL));
            lab.sleep(1_000);
            assertTrue(status(copied).lastIndex() < longLog.log().lastIndex(), "it has given up what nobody else had");

            lab.putBack(copied, longLog);
            join(List.of(ALL));
            lab.sleep(1_000);
            assertFalse(lab.isUp(copied), "it is told, and stops");
            final SimDisk.Copy withoutVote = lab.copyOfDisk(copied);
            startIfStopped(copied, List.of(ALL));
            lab.sleep(2_000);
            assertTrue(lab.isVoter(copied));

            lab.putBack(copied, withoutVote);
            join(List.of(ALL));
            lab.sleep(1_000);
            startIfStopped(copied, List.of(ALL)); // says that it is no voter; the leader has not heard of a loss
            lab.sleep(2_000);
            assertEquals(term, status(leader).term(), "the leader that knew what it had acknowledged");
            assertEquals(status(leader).lastIndex(), status(copied).lastIndex());
            assertTrue(lab.isVoter(copied));
            recover(copied, longLog.currentTerm());
        });
    }
}
