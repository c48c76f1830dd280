package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The worked examples of the paper, Figures 7 and 8. */
class FiguresTest {
    private static final long[] LEADER = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};

    static List<Arguments> figure7() {
        return List.of(
            Arguments.of("a", new long[] {1, 1, 1, 4, 4, 5, 5, 6, 6}),
            Arguments.of("b", new long[] {1, 1, 1, 4}),
            Arguments.of("c", new long[] {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}),
            Arguments.of("d", new long[] {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}),
            Arguments.of("e", new long[] {1, 1, 1, 4, 4, 4, 4}),
            Arguments.of("f", new long[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}));
    }

    @ParameterizedTest(name = "follower {0}")
    @MethodSource("figure7")
    @DisplayName("Figure 7: every follower is brought to the leader's log, one round trip finds where they part")
    void everyFollowerIsBroughtToTheLeadersLog(String name, long... terms) {
        final Server leader = server(1).withLogTerms(LEADER).leadingTerm(8);
        final Server follower = server(2).withLogTerms(terms).inTerm(7);
        leader.proposes(1).waits(0);
        int roundTrips = 0;
        Optional<Message> answer = Optional.of(new Message.Append(1, 8, 1, 10, 6, 0)); // sent "upon election"
        while (!(answer.orElseThrow() instanceof Message.Success)) {
            answer = reply(follower, answer.get());
            if (answer.orElseThrow() instanceof Message.Rejection refused) {
                roundTrips++;
                leader.forgets().hears(refused.inRound(Message.NEWEST_ROUND));
                answer = leader.outbox.stream().filter(sent -> sent.to() == 2).map(Server.Sent::message).findFirst();
            }
        }
        assertTrue(roundTrips <= 1, roundTrips + " refusals before the logs met");
        leader.forgets().hears(((Message.Success) answer.get()).inRound(Message.NEWEST_ROUND));
        leader.outbox.stream().filter(sent -> sent.to() == 2).forEach(sent -> follower.hears(sent.message()));
        assertArrayEquals(leader.logTerms(), follower.logTerms());
    }

    private static Optional<Message> reply(Server follower, Message message) {
        follower.forgets().hears(message);
        return follower.outbox.stream().map(Server.Sent::message).findFirst();
    }

    @Test
    @DisplayName("Figure 7: entries of the follower that the leader's log does not contradict stay until it does")
    void entriesThatTheLeaderDoesNotContradictStay() {
        server(2).withLogTerms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7).inTerm(7).hears(append(1, 8).after(10, 6))
            .hasLogTerms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7);
    }

    @Test
    @DisplayName("Figure 8 (a)-(d): an old entry on a majority is not committed, and may be overwritten")
    void anOldEntryOnAMajorityMayBeOverwritten() {
        // (c) S1 leads term 4 and has copied entry 2, of term 2, to S2 and S3.
        final Server s1 = server(1).of(5).withLogTerms(1, 2).leadingTerm(4).hears(ack(2, 2), ack(3, 2));
        s1.persists().committed(0);
        // (d) S5, whose log ends in term 3, is elected by S2, S3 and S4 and overwrites entry 2 everywhere.
        final Server s3 = server(3).of(5).withLogTerms(1, 2).inTerm(4).hears(requestVote(5, 5, 2, 3));
        s3.saysAmongOthers("to 5: vote granted, term 5");
        s3.hears(append(5, 5).after(1, 1).entries(3).commit(1)).hasLogTerms(1, 3);
        s1.hears(append(5, 5).after(1, 1).entries(3).commit(1)).hasLogTerms(1, 3).committed(1);
    }

    @Test
    @DisplayName("Figure 8 (e): once an entry of the current term is on a majority, S5 can no longer win")
    void onceAnEntryOfTheCurrentTermIsOnAMajorityS5CanNoLongerWin() {
        final Server s1 = server(1).of(5).withLogTerms(1, 2).leadingTerm(4).proposes(1).persists();
        s1.hears(ack(2, 3), ack(3, 3)).committed(3);
        for (int id = 2; id <= 3; id++) {
            server(id).of(5).withLogTerms(1, 2, 4).hears(requestVote(5, 5, 2, 3))
                .saysAmongOthers("to 5: vote denied, term 5");
        }
    }

    @Test
    @DisplayName("T-30: three wrong terms of twenty entries take at most five appends, among real servers")
    void threeWrongTermsTakeAtMostFiveAppends() {
        final Cluster cluster = Cluster.of(server(1).withLogTerms(LeaderReplicationTest.terms(5, 60)).inTerm(5),
            server(2).withLogTerms(LeaderReplicationTest.terms(5, 60)).drawingTimeoutsFrom(() -> 1 << 20),
            server(3).withLogTerms(LeaderReplicationTest.terms(2, 20, 3, 20, 4, 20))
                .drawingTimeoutsFrom(() -> 1 << 20));
        final int[] refusals = {0};
        cluster.watchedBy(sent -> refusals[0] += sent.message() instanceof Message.Rejection ? 1 : 0);
        cluster.runsUntil(() -> cluster.leader().isPresent(), 1_000);
        cluster.server(1).proposes(1);
        cluster.runsUntil(() -> cluster.server(3).logTerms().length == 61, 1_000);
        assertArrayEquals(cluster.server(1).logTerms(), cluster.server(3).logTerms());
        assertEquals(1, refusals[0]);
    }

    @Test
    @DisplayName("T-30: of five, two that strayed for 10,000 entries in 30 terms are led back with one refusal each")
    void thirtyTermsOfTenThousandEntriesTakeOneRefusal() {
        final long[] kept = thirtyTerms(100, 32);
        final long[] astray = thirtyTerms(100, 2);
        final Cluster cluster = Cluster.of(server(1).withLogTerms(kept).inTerm(61),
            server(2).withLogTerms(kept).drawingTimeoutsFrom(() -> 1 << 20),
            server(3).withLogTerms(kept).drawingTimeoutsFrom(() -> 1 << 20),
            server(4).withLogTerms(astray).drawingTimeoutsFrom(() -> 1 << 20),
            server(5).withLogTerms(astray).drawingTimeoutsFrom(() -> 1 << 20));
        final Map<Integer, Integer> refusals = new TreeMap<>();
        final Map<Integer, Long> firstEntriesAfter = new TreeMap<>();
        cluster.watchedBy(sent -> {
            if (sent.message() instanceof Message.Rejection refusal) {
                refusals.merge(refusal.from(), 1, Integer::sum);
            } else if (sent.message() instanceof Message.Append append && refusals.containsKey(sent.to())) {
                firstEntriesAfter.putIfAbsent(sent.to(), append.prevLogIndex());
            }
        });
        cluster.runsUntil(() -> cluster.leader().isPresent(), 1_000);
        cluster.server(1).proposes(1);
        final int length = kept.length + 2; // the term's no-op and the command
        cluster.runsUntil(() -> cluster.server(4).logTerms().length == length
            && cluster.server(5).logTerms().length == length, 5_000);
        assertArrayEquals(cluster.server(1).logTerms(), cluster.server(4).logTerms());
        assertArrayEquals(cluster.server(1).logTerms(), cluster.server(5).logTerms());
        assertEquals(Map.of(4, 1, 5, 1), refusals);
        assertEquals(Map.of(4, 100L, 5, 100L), firstEntriesAfter, "where the logs begin to differ");
    }

    /** So many entries of term 1, then 10,000 of thirty terms. */
    private static long[] thirtyTerms(long shared, long firstTerm) {
        final LongStream.Builder terms = LongStream.builder();
        LongStream.range(0, shared).forEach(i -> terms.add(1));
        LongStream.range(0, 10_000).forEach(i -> terms.add(firstTerm + i * 30 / 10_000));
        return terms.build().toArray();
    }
}
