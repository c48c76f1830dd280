package io.balsa.raft.core;

import static io.balsa.raft.core.Message.ack;
import static io.balsa.raft.core.Message.append;
import static io.balsa.raft.core.Message.refusal;
import static io.balsa.raft.core.Message.requestVote;
import static io.balsa.raft.core.Message.runs;
import static io.balsa.raft.core.Server.TIMEOUT_MS;
import static io.balsa.raft.core.Server.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What cannot be, and is refused where it would otherwise do harm; and small print of the rules. */
class GuardsTest {
    /** Every input of the core in a situation in which it has an effect. */
    enum Input {
        TIME(core -> { }, core -> core.onTime(TIMEOUT)),
        VOTE_REQUEST(core -> { }, core -> core.onRequestVote(2, 1, 0, 0, false, 0)),
        VOTE(core -> core.onTime(TIMEOUT), core -> core.onVote(2, 1, true, false, TIMEOUT)),
        APPEND(core -> { }, core -> core.onAppendEntries(2, 1, 1, 0, 0, 0, new Message.Batch(), 0)),
        PERSISTED(Input::leadWithOneEntry, core -> {
            core.onAppendSuccess(2, 1, TIMEOUT, 1, 1, true, TIMEOUT);
            core.onPersisted(1, 1);
        }),
        SUCCESS(Input::leadWithOneEntry, core -> {
            core.onPersisted(1, 1);
            core.onAppendSuccess(2, 1, TIMEOUT, 1, 1, true, TIMEOUT);
        }),
        REJECTION(Input::leadWithOneEntry, core -> core.onAppendRejection(2, 7, TIMEOUT, 1, 0, runs(), true, TIMEOUT));

        final Consumer<RaftCore> before;
        final Consumer<RaftCore> input;

        Input(Consumer<RaftCore> before, Consumer<RaftCore> input) {
            this.before = before;
            this.input = input;
        }

        private static void leadWithOneEntry(RaftCore core) {
            core.onTime(TIMEOUT);
            core.onVote(2, 1, true, false, TIMEOUT);
            core.propose();
        }
    }

    private static final long TIMEOUT = TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);

    private RaftCore core;
    private boolean callsBack;

    @ParameterizedTest
    @EnumSource
    @DisplayName("an effect that calls back into the core is refused: it would see a rule half carried out")
    void anEffectThatCallsBackIsRefused(Input input) {
        final Effects effects = (Effects) Proxy.newProxyInstance(Effects.class.getClassLoader(),
            new Class<?>[] {Effects.class}, (proxy, method, arguments) -> {
                if (callsBack) {
                    callsBack = false; // what this causes does not call back again
                    core.onTime(TIMEOUT);
                }
                return method.getReturnType() == long.class ? Effects.NOT_NOW : null;
            });
        core = core(effects, 0, new LogTerms());
        input.before.accept(core);
        callsBack = true;
        assertThrows(IllegalStateException.class, () -> input.input.accept(core));
    }

    private static RaftCore core(Effects effects, long currentTerm, LogTerms log) {
        return new RaftCore(new Settings(1, new int[] {2, 3}, TIMEOUT, TIMEOUT / 6, TIMEOUT / 20, 20 * TIMEOUT, false,
            false, false, true, false, false, false), currentTerm, RaftState.NOBODY, log, 0, effects, () -> 0, 0);
    }

    @Test
    @DisplayName("a log that ends in a later term than the vote was ever in is not of the same history")
    void aLogFromAnotherHistoryIsRefused() {
        final LogTerms log = new LogTerms();
        log.recovered(4, 1, 2);
        assertThrows(SafetyViolation.class, () -> core(server(1), 3, log));
        assertEquals(4, core(server(1), 4, log).currentTerm());
    }

    @Test
    @DisplayName("a clock may start at 0")
    void aClockMayStartAtZero() {
        server(1).startingAt(0).waits(TIMEOUT_MS).hasRole(Role.CANDIDATE);
    }

    @Test
    @DisplayName("a term is entered once, a vote given once, a leader followed once")
    void whatTheStateRefuses() {
        final RaftState state = new RaftState(1, 5, RaftState.NOBODY, 0, true);
        assertThrows(SafetyViolation.class, () -> state.enterTerm(5));
        assertThrows(SafetyViolation.class, () -> state.enterTerm(4));
        state.voteFor(2);
        state.voteFor(2);
        assertThrows(SafetyViolation.class, () -> state.voteFor(3));
        state.follow(2);
        assertThrows(SafetyViolation.class, () -> state.follow(3));
        state.enterTerm(6);
        state.voteFor(3);
        state.follow(3);
    }

    @Test
    @DisplayName("a vote in the present term is on disk before it is given; a denial in it needs no disk")
    void aVoteInThePresentTermIsOnDiskBeforeItIsGiven() {
        final Server s1 = server(1).inTerm(2).hears(requestVote(2, 2, 0, 0));
        s1.says("persist term 2, vote for 2", "to 2: vote granted, term 2");
        s1.hears(requestVote(3, 2, 0, 0)).says("to 3: vote denied, term 2");
    }

    @Test
    @DisplayName("a newer term is on disk before its vote is denied")
    void aNewerTermIsOnDiskBeforeItsVoteIsDenied() {
        server(1).withLogTerms(1).hears(requestVote(2, 7, 0, 0))
            .says("follow nobody", "persist term 7", "to 2: vote denied, term 7");
    }

    @Test
    @DisplayName("with Pre-Vote, a vote asked for in the present term is answered though the leader can be heard")
    void aVoteAskedForInThePresentTermIsAnswered() {
        server(1).withPreVote().hears(append(2, 3)).forgets().hears(requestVote(3, 3, 0, 0))
            .says("persist term 3, vote for 3", "to 3: vote granted, term 3");
        server(1).withPreVote().hears(append(2, 3)).forgets().hears(requestVote(3, 2, 0, 0))
            .says("to 3: vote denied, term 3");
        server(1).withPreVote().hears(append(2, 3)).forgets().hears(requestVote(3, 4, 0, 0)).saysNothing();
    }

    @Test
    @DisplayName("with Pre-Vote, alone a server asks nobody")
    void aloneAServerAsksNobody() {
        server(1).of(1).withPreVote().waits(0).hasRole(Role.LEADER).hasTerm(1);
    }

    @Test
    @DisplayName("a leader that stepped down in its own term counts nothing any more, neither disks nor answers")
    void aLeaderThatSteppedDownCountsNothing() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2).proposes(1).hears(ack(2, 1)).waits(TIMEOUT_MS + 1)
            .hasRole(Role.FOLLOWER).hasTerm(2).persists().committed(0);
        s1.hears(ack(3, 1), refusal(2, 1, 0, runs())).committed(0).knowsOf(2, 1, 2).knowsOf(3, 0, 1);
    }

    @Test
    @DisplayName("a server that is not of the group is not heard")
    void aServerThatIsNotOfTheGroupIsNotHeard() {
        final Server s1 = server(1).leadingTerm(2).proposes(1).persists();
        s1.hears(ack(9, 1), refusal(9, 1, 0, runs())).committed(0).hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("CheckQuorum: a leader whose appends are all refused is heard all the same")
    void aLeaderWhoseAppendsAreRefusedIsHeard() {
        final Server s1 = server(1).withCheckQuorum().leadingTerm(2);
        for (int i = 0; i < 10; i++) {
            s1.waits(TIMEOUT_MS / 2).hears(refusal(2, 5, 0, runs()));
        }
        s1.hasRole(Role.LEADER);
    }

    @Test
    @DisplayName("a read that waits is not told of rounds that do not reach it")
    void aReadThatWaitsIsNotToldOfNothing() {
        final Server s1 = server(1).leadingTerm(2).hears(ack(2, 0));
        final long ticket = s1.core().requestRead();
        s1.waits(0).forgets().waits(1).waits(1).doesNotSay("reads").doesNotConfirm(ticket);
    }

    @Test
    @DisplayName("rounds follow each other even where the clock stands still")
    void roundsFollowEachOtherWhereTheClockStandsStill() {
        final Rounds rounds = new Rounds(new Peers(2, 3), TIMEOUT);
        rounds.resetForNewTerm(100);
        final long first = rounds.current();
        rounds.begin(100);
        final long second = rounds.current();
        rounds.resetForNewTerm(100);
        assertTrue(first < second && second < rounds.current());
    }

    @Test
    @DisplayName("a refusal shows the newest runs of a log that has too many")
    void aRefusalShowsTheNewestRuns() {
        final LogTerms log = new LogTerms();
        for (int term = 1; term <= 10; term++) {
            log.append(term, 2);
        }
        final TermRuns shown = log.newestRuns(19, 3);
        assertEquals(3, shown.count());
        assertEquals(8, shown.termOf(0));
        assertEquals(15, shown.firstIndexOf(0));
        assertEquals(10, shown.termOf(2));
    }
}
