package io.balsa.kv;

import static io.balsa.kv.Commands.bulk;
import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;
import static io.balsa.kv.Commands.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.balsa.kv.KvReply.Code;
import io.balsa.kv.wire.OpCode;
import io.balsa.raft.testkit.LabGroup;
import io.balsa.raft.testkit.ParallelSeeds;
import io.balsa.raft.testkit.SimLab;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A leader is lost at the worst moment, and what its clients must be told: scripts on simulated servers, each under a
 * few seeds. The T- numbers are those of the acceptance list.
 */
class ExactlyOnceTest {
    private static final int SEEDS = 10;
    private static final SimLab.Options AS_SHIPPED = SimLab.Options.of(3).withNoOpPerTerm(true);
    /** A leader stays until it hears of another one, so that what it was asked stays open. */
    private static final SimLab.Options PLAIN_RAFT = AS_SHIPPED.withPlainRaft(true);
    private static final long HEARTBEAT_MS = 100;
    private static final long LONG_MS = 5_000;

    @Test
    @DisplayName("T-40: the leader dies after the commit and before the reply; the retry finds the stored one")
    void aRetryAtTheNextLeaderRunsOnce() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int first = leader(store);
            final long client = open(store, first);
            assertEquals(number(1), append(store, first, client, 1, "x").await(LONG_MS));
            store.crash(first); // the reply never left

            final int second = leader(store);
            assertEquals(number(1), append(store, second, client, 1, "x").await(LONG_MS));
            assertEquals(number(1), append(store, second, client, 1, "x").await(LONG_MS), "and once more");
            store.restart(first);
            requireEverywhere(store, "x");
        });
    }

    @Test
    @DisplayName("T-40: the client asks again while its first attempt is under way: both attempts get the one reply")
    void aRetryThatMeetsTheFirstAttemptRunsOnce() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int first = leader(store);
            final long client = open(store, first);
            final SimStore.Asked attempt = append(store, first, client, 1, "x");
            assertEquals(number(1), append(store, first, client, 1, "x").await(LONG_MS));
            assertEquals(number(1), attempt.await(LONG_MS));
            requireEverywhere(store, "x");
        });
    }

    @Test
    @DisplayName("T-41: all servers restart between the commit and the retry")
    void aRetryAfterARestartOfAllRunsOnce() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int first = leader(store);
            final long client = open(store, first);
            assertEquals(number(1), append(store, first, client, 1, "x").await(LONG_MS));
            restartAll(store);
            final int second = leader(store);
            assertEquals(number(1), append(store, second, client, 1, "x").await(LONG_MS));
            assertEquals(number(2), append(store, second, client, 2, "y").await(LONG_MS));
            requireEverywhere(store, "xy");
        });
    }

    @Test
    @DisplayName("T-42: a late lower number is not executed, and the newest reply is still kept")
    void aLateLowerNumberIsNotExecuted() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int first = leader(store);
            final long client = open(store, first);
            for (int sequence = 1; sequence <= 6; sequence++) {
                assertEquals(number(sequence), append(store, first, client, sequence, "" + sequence).await(LONG_MS));
            }
            store.crash(first);
            final int second = leader(store);
            final KvReply late = append(store, second, client, 5, "5").await(LONG_MS);
            assertEquals(Code.STALE, assertInstanceOf(KvReply.Failure.class, late).code());
            assertEquals(number(6), append(store, second, client, 6, "6").await(LONG_MS));
            requireEverywhere(store, "123456");
        });
    }

    @Test
    @DisplayName("T-43: ten thousand clients over restarts: no id is given twice")
    void noIdIsGivenTwice() throws InterruptedException {
        play(AS_SHIPPED, 1, store -> {
            final Set<KvReply> ids = new HashSet<>();
            for (int round = 0; round < 10; round++) {
                final int leader = leader(store);
                final List<SimStore.Asked> opened = IntStream.range(0, 1_000)
                    .mapToObj(i -> store.ask(leader, new Request.Plain(new Call.OpenSession()))).toList();
                opened.forEach(each -> assertTrue(
                    ids.add(assertInstanceOf(KvReply.Int.class, each.await(LONG_MS))), "an id is given twice"));
                restartAll(store);
            }
            assertEquals(10_000, ids.size());
        });
    }

    @Test
    @DisplayName("T-44: a duplicate is answered what the first run was, whatever happened since")
    void aDuplicateIsAnsweredWhatTheFirstRunWas() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int first = leader(store);
            final long client = open(store, first);
            final long other = open(store, first);
            final Request increment = new Request.InSession(client, 1, 0, incrby("n", 5));
            assertEquals(number(5), store.ask(first, increment).await(LONG_MS));
            assertEquals(number(7), store.ask(first, new Request.InSession(other, 1, 0, incrby("n", 2)))
                .await(LONG_MS));
            store.crash(first);
            assertEquals(number(5), store.ask(leader(store), increment).await(LONG_MS));
        });
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"as shipped", "plain Raft"})
    @DisplayName("T-45: a reader at a leader that is cut off waits for the heal, and then sees what others wrote")
    void aReaderAtALeaderThatIsCutOffWaits(String rules) throws InterruptedException {
        play(rules.equals("as shipped") ? AS_SHIPPED : PLAIN_RAFT, store -> {
            final SimClerk writer = store.clerk();
            writer.put("k", "old");
            final int first = leader(store);
            store.lab().disconnect(first);
            final SimStore.Asked asked = get(store, first);
            final List<String> read = new ArrayList<>();
            final SimClerk reader = store.clerk(first);
            final LabGroup.Fork reading = store.lab().fork("reader", () -> read.add(reader.get("k")));

            writer.put("k", "new");
            store.lab().sleep(1_000);
            assertEquals(List.of(), read, "nothing can be known there");
            assertFalse(asked.await(0) instanceof KvReply.Bulk, "it has not heard from a majority");
            store.lab().connect(first);
            reader.reach();
            reading.join();
            assertEquals(List.of("new"), read);
            assertEquals(Code.NOTLEADER, assertInstanceOf(KvReply.Failure.class, asked.await(LONG_MS)).code());
        });
    }

    @Test
    @DisplayName("T-46: the first a new leader is asked is to read what only the dead one knew to be committed")
    void theFirstReadOfANewLeader() throws InterruptedException {
        play(AS_SHIPPED, store -> {
            final int second = leaderAfterAnUntoldCommit(store);
            assertEquals(bulk("x"), get(store, second).await(2 * HEARTBEAT_MS));
        });
    }

    @Test
    @DisplayName("T-46: without an entry of its own the new leader cannot know, and does not answer until one comes")
    void theFirstReadOfANewLeaderWithoutAnEntryOfItsOwn() throws InterruptedException {
        play(AS_SHIPPED.withNoOpPerTerm(false), store -> {
            final int second = leaderAfterAnUntoldCommit(store);
            final SimStore.Asked read = get(store, second);
            assertNull(read.await(1_000), "answered before anything of this leader's term was committed");
            open(store, second);
            assertEquals(bulk("x"), read.await(HEARTBEAT_MS));
        });
    }

    /** A write is acknowledged, and its leader dies before any other server has heard that it is committed. */
    private static int leaderAfterAnUntoldCommit(SimStore store) {
        final int first = leader(store);
        final long client = open(store, first);
        store.lab().sleep(2 * HEARTBEAT_MS);
        final SimStore.Asked write = append(store, first, client, 1, "x");
        for (int server = 0; server < 3; server++) {
            final int follower = server;
            store.lab().fork("follower " + server, () -> {
                write.await(LONG_MS);
                assertTrue(follower == first || store.machine(follower).view().map().isEmpty(), "it knows already");
            });
        }
        assertEquals(number(1), write.await(LONG_MS));
        store.crash(first);
        return leader(store);
    }

    @Test
    @DisplayName("T-47: another command is committed where the waiter's was: the waiter is told that it is unknown")
    void aWaiterIsNeverToldWhatBecameOfAnother() throws InterruptedException {
        play(PLAIN_RAFT.withNoOpPerTerm(false), store -> {
            final int first = leader(store);
            final long client = open(store, first);
            final long other = open(store, first);
            store.lab().sleep(2 * HEARTBEAT_MS);
            store.lab().disconnect(first);
            final SimStore.Asked waiter = append(store, first, client, 1, "mine");
            store.lab().sleep(1_000);
            assertNull(waiter.await(0), "there is no majority");
            final long index = store.engine().status(first).orElseThrow().lastIndex();

            final int second = leaderAmong(store, (first + 1) % 3, (first + 2) % 3);
            assertEquals(number(7), append(store, second, other, 1, "another").await(LONG_MS));
            assertEquals(index, store.engine().status(second).orElseThrow().commitIndex(), "at the same index");

            store.lab().connect(first);
            final KvReply told = waiter.await(LONG_MS);
            assertEquals(Code.UNKNOWN, assertInstanceOf(KvReply.Failure.class, told).code());
            assertNotEquals(number(7), told);
            assertEquals(number(11), append(store, leader(store), client, 1, "mine").await(LONG_MS));
            requireEverywhere(store, "anothermine");
        });
    }

    @Test
    @DisplayName("RSM-04: what a leader in the minority was asked is answered after the heal, and none of it was done")
    void whatAMinorityWasAskedIsNotDone() throws InterruptedException {
        play(PLAIN_RAFT, store -> {
            final int first = leader(store);
            final long other = open(store, first);
            final List<Long> clients = IntStream.range(0, 100).mapToObj(i -> open(store, first)).toList();
            store.lab().disconnect(first);
            final List<SimStore.Asked> cutOff = clients.stream()
                .map(client -> store.ask(first, new Request.InSession(client, 1, 0, incrby("n", 1)))).toList();
            final int second = leaderAmong(store, (first + 1) % 3, (first + 2) % 3);
            assertEquals(number(1), store.ask(second, new Request.InSession(other, 1, 0, incrby("n", 1)))
                .await(LONG_MS));
            cutOff.forEach(each -> assertNull(each.await(0), "answered in a minority"));

            store.lab().connect(first);
            store.lab().sleep(1_000);
            cutOff.forEach(each -> assertEquals(Code.UNKNOWN,
                assertInstanceOf(KvReply.Failure.class, each.await(0)).code()));
            assertEquals("1", store.clerk().get("n"));
        });
    }

    private static void play(SimLab.Options options, Consumer<SimStore> script) throws InterruptedException {
        play(options, SEEDS, script);
    }

    private static void play(SimLab.Options options, int seeds, Consumer<SimStore> script)
        throws InterruptedException {
        final long only = Long.getLong("seed", -1);
        ParallelSeeds.play(only >= 0 ? only : 1, only >= 0 ? 1 : seeds, seed -> {
            try (SimStore store = new SimStore(options, seed, false)) {
                script.accept(store);
                return seed;
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + broken.getMessage() + "\nreplay: mvn -q -pl kv -am "
                    + "verify -Dtest=ExactlyOnceTest -Dsurefire.failIfNoSpecifiedTests=false -Dseed=" + seed + "\n\n"
                    + transcriptOf(options, seed, script), broken);
            }
        });
    }

    private static String transcriptOf(SimLab.Options options, long seed, Consumer<SimStore> script) {
        try (SimStore store = new SimStore(options, seed, true)) {
            try {
                script.accept(store);
            } catch (AssertionError | RuntimeException broken) {
                // as before
            }
            return store.lab().transcript();
        }
    }

    private static int leader(SimStore store) {
        return leaderAmong(store, 0, 1, 2);
    }

    /** Waits, to the millisecond, until one of them leads; the latest if there are several. */
    private static int leaderAmong(SimStore store, int... servers) {
        final double end = store.lab().nowMs() + LONG_MS;
        while (store.lab().nowMs() < end) {
            store.lab().sleep(1);
            int leader = -1;
            for (final int server : servers) {
                if (store.lab().isUp(server) && store.lab().state(server).leader()
                    && (leader < 0 || store.lab().state(server).term() > store.lab().state(leader).term())) {
                    leader = server;
                }
            }
            if (leader >= 0) {
                return leader;
            }
        }
        throw new AssertionError("nobody leads");
    }

    private static void restartAll(SimStore store) {
        for (int server = 0; server < 3; server++) {
            store.crash(server);
        }
        for (int server = 0; server < 3; server++) {
            store.restart(server);
        }
    }

    private static long open(SimStore store, int server) {
        final KvReply reply = store.ask(server, new Request.Plain(new Call.OpenSession())).await(LONG_MS);
        return assertInstanceOf(KvReply.Int.class, reply).value();
    }

    private static SimStore.Asked append(SimStore store, int server, long client, long sequence, String value) {
        return store.ask(server,
            new Request.InSession(client, sequence, sequence - 1, command(OpCode.APPEND, "k", value)));
    }

    private static SimStore.Asked get(SimStore store, int server) {
        return store.ask(server, new Request.Plain(new Call.Point(command(OpCode.GET, "k"))));
    }

    /** All servers that are up have it, a little later. */
    private static void requireEverywhere(SimStore store, String value) {
        store.lab().sleep(LONG_MS);
        for (int server = 0; server < 3; server++) {
            if (store.lab().isUp(server)) {
                assertEquals(bulk(value), store.machine(server).view().read(command(OpCode.GET, "k")), "n" + server);
            }
        }
    }
}
