package io.balsa.kv;

import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import io.balsa.kv.FakeCluster.Fate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One node and its clients, over real sockets. */
@Timeout(30)
class RespServerTest {
    private static final RespServer.Settings SHORT =
        new RespServer.Settings(Duration.ofSeconds(1), 4, 4 << 20);

    private final FakeCluster cluster = new FakeCluster(1, new Sessions.Bounds(2, 1_024, 1 << 20, 64 << 20));
    private RespServer server;
    private RespSocket client;

    @BeforeEach
    void start() throws IOException {
        server = RespServer.start(RespServer.bind(new HostPort("127.0.0.1", 0)), cluster.member(0),
            cluster.machines.get(0), SHORT);
        client = connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        cluster.close();
    }

    @Test
    void aPipelineIsAnsweredInOrder() throws IOException {
        client.add("SET", "k", "1").add("GET", "k").add("PING").add("INCR", "k").add("NOPE").add("INCRBY", "k", "5")
            .add("MGET", "k", "x").add("DECR", "k").add("DECRBY", "k", "2").add("APPEND", "k", "0").add("STRLEN", "k")
            .add("EXISTS", "k", "k").add("DEL", "k").add("ECHO", "end").send();
        final List<Object> replies = client.read(14);
        assertTrue(replies.get(4).toString().startsWith("-ERR unknown command 'NOPE'; "), replies.toString());
        replies.remove(4);
        assertEquals(List.of("+OK", "1", "+PONG", 2L, 7L, List.of("7", "absent"), 6L, 4L, 2L, 2L, 2L, 1L, "end"),
            replies);
    }

    @Test
    void everyWriteOfAPipelineIsProposedBeforeTheFirstIsAnswered() throws Exception {
        client.ask("SET", "k", "0");
        cluster.shutGate();
        final int before = cluster.offered.get();
        for (int i = 0; i < 100; i++) {
            client.add("INCR", "k");
        }
        client.send();
        awaitOffered(before + 100);
        cluster.openGate();
        for (long i = 1; i <= 100; i++) {
            assertEquals(i, client.read());
        }
    }

    @Test
    void aReadDoesNotSeeALaterWriteOfItsPipelineAndSeesTheEarlierOnes() throws Exception {
        client.ask("SET", "k", "0");
        cluster.shutGate();
        final int before = cluster.offered.get();
        client.add("GET", "k").add("SET", "k", "1").add("GET", "k").add("SET", "k", "2").add("GET", "k").send();
        awaitOffered(before + 4); // all but the last read go through the log
        cluster.openGate();
        assertEquals(List.of("0", "+OK", "1", "+OK", "2"), client.read(5));
    }

    @Test
    void aRangeReadDoesNotSeeALaterWriteOfItsPipeline() throws IOException {
        client.add("SET", "a", "1").add("KEYS", "*").add("SET", "b", "2").add("DBSIZE").add("SET", "c", "3")
            .add("DBSIZE").send();
        assertEquals(List.of("+OK", List.of("a"), "+OK", 2L, "+OK", 3L), client.read(6));
    }

    @Test
    void whatIsTooLargeIsRefusedAndNothingIsLogged() throws IOException {
        client.ask("SET", "k", "v");
        final long before = cluster.applied();
        final String large = "v".repeat(Limits.VALUE_BYTES);
        assertRefused("-TOOLARGE an argument of 1048577 bytes", client.ask("SET", "k", large + "x"));
        assertRefused("-TOOLARGE a key of 65537 bytes", client.ask("SET", "k".repeat(Limits.KEY_BYTES + 1), "v"));
        assertRefused("-TOOLARGE a command of more than", client.ask("MSET", "a", large, "b", large, "c", "d"));
        assertEquals(before, cluster.applied());
        assertEquals("v", client.ask("GET", "k"), "the connection is still of use");
        assertEquals("+OK", client.ask("SET", "k".repeat(Limits.KEY_BYTES), large), "at the limit it fits");
        assertRefused("-ERR the value would be", client.ask("APPEND", "k".repeat(Limits.KEY_BYTES), "x"));
    }

    @Test
    void largeCommandsOfAllConnectionsTogetherAreBounded() throws IOException {
        final String half = "v".repeat(Limits.VALUE_BYTES / 2);
        final List<RespSocket> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) { // three times 1.5 of 4 MiB, none of them finished
            final RespSocket other = connect();
            others.add(other);
            other.raw("*5\r\n$4\r\nMSET\r\n$1\r\na\r\n$1048576\r\n" + half + half)
                .raw("\r\n$1\r\nb\r\n$524288\r\n").send();
        }
        others.get(0).raw(half + "\r\n").send();
        others.get(1).raw(half + "\r\n").send();
        others.get(2).raw(half + "\r\n").send();
        final List<String> replies = new ArrayList<>();
        for (final RespSocket other : others) {
            replies.add(other.read().toString());
        }
        assertTrue(replies.contains("+OK"), replies.toString());
        for (final RespSocket other : others) {
            assertEquals("+OK", other.ask("SET", "c", half + half), "what was taken is given back");
            other.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*1\r\n:5\r\n", "$3\r\nfoo\r\n", "*100000000\r\n", "*2\r\n$1\r\na\r\n*1\r\n",
        "*1\r\n$-1\r\n", "*1\r\n$abc\r\n", "*1\r\n$999999999999\r\n", "-ERR no\r\n", "SET \"quoted\" x\r\n",
        "*2\r\n$3\r\nGET\r\nk\r\n"})
    void whatIsNotRespIsAnsweredAndTheConnectionClosed(String garbage) throws IOException {
        client.add("SET", "k", "before").raw(garbage).send();
        assertEquals("+OK", client.read(), "what came before is executed");
        assertRefused("-ERR Protocol error: ", client.read());
        assertEquals("closed", client.read());
    }

    @Test
    void anEndlessLineIsNotBuffered() throws IOException {
        client.raw("*1\r\n$" + "0".repeat(200_000)).send(); // goes out whole, though the end is not wanted
        assertRefused("-ERR Protocol error: ", client.read());
        assertEquals("closed", client.read());
    }

    @Test
    void requestsMayArriveInAnyPieces() throws Exception {
        final String request = String.join("\r\n", "*3", "$3", "SET", "$1", "k", "$5", "value", "PING", "",
            "*2", "$3", "GET", "$1", "k", "*3", "$3", "SET", "$0", "", "$0", "", "*0", "");
        for (int i = 0; i < request.length(); i++) {
            client.raw(request.substring(i, i + 1)).send();
        }
        assertEquals(List.of("+OK", "+PONG", "value", "+OK"), client.read(4));
        assertEquals(2L, client.ask("DBSIZE"));
    }

    @ParameterizedTest
    @CsvSource({"COMMIT_AND_LOSE", "LOSE", "LOSE_AND_COMMIT_LATE", "REFUSE_OVERLOADED", "REFUSE_AT_ONCE",
        "REFUSE_NOT_LEADER"})
    void whateverHappensToOneAttemptTheWriteRunsOnce(Fate fate) throws IOException {
        client.ask("SET", "other", "");
        cluster.fates.add(fate);
        assertEquals(1L, client.ask("APPEND", "k", "x"));
        assertEquals(2L, client.ask("APPEND", "k", "y"));
        assertEquals("xy", client.ask("GET", "k"));
    }

    @ParameterizedTest
    @CsvSource({"COMMIT_AND_LOSE", "LOSE", "LOSE_AND_COMMIT_LATE", "REFUSE_OVERLOADED", "REFUSE_AT_ONCE",
        "REFUSE_NOT_LEADER"})
    void whateverHappensInAPipelineItRunsOnceAndInOrder(Fate fate) throws IOException {
        client.ask("SET", "other", "");
        cluster.fates.addAll(List.of(Fate.COMMIT, Fate.COMMIT, fate, Fate.COMMIT, fate, fate));
        for (int i = 0; i < 10; i++) {
            client.add("APPEND", "k", "" + i);
        }
        client.send();
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L), client.read(10));
        assertEquals("0123456789", client.ask("GET", "k"));
    }

    @Test
    void anOutcomeThatCannotBeFoundOutIsUnknownAndTheNextWriteRunsUnderAnotherSession() throws Exception {
        client.ask("SET", "other", "");
        for (int i = 0; i < 1_000; i++) {
            cluster.fates.add(Fate.LOSE);
        }
        assertRefused("-UNKNOWN it may have been executed", client.ask("APPEND", "k", "x"));
        cluster.awaitIdle(); // the last attempt may have been under way when the time was up
        cluster.fates.clear();
        cluster.fates.add(Fate.COMMIT_AND_LOSE);
        assertEquals(1L, client.ask("APPEND", "k", "y"));
        assertEquals("y", client.ask("GET", "k"), "nothing was tried again after the answer");
        assertEquals(2, cluster.machines.get(0).sessionCount());
    }

    @Test
    void aWriteIsNeverProposedAfterOneBeforeItWasRefusedOnTheSpot() throws IOException {
        client.ask("SET", "other", "");
        final long before = cluster.applied();
        cluster.fates.add(Fate.REFUSE_AT_ONCE);
        for (int i = 0; i < 10; i++) {
            client.add("APPEND", "k", "" + i);
        }
        client.send();
        client.read(10);
        assertEquals(10, cluster.applied() - before, "else later ones stand in the log, refused for their number");
    }

    @Test
    void aWriteThatMayStillComeOutOfAnOldLogIsNotCalledRefused() throws Exception {
        client.ask("SET", "other", "");
        // b is proposed, lost, and appears in the log right after a was tried again
        cluster.fates.addAll(List.of(Fate.REFUSE_OVERLOADED, Fate.LOSE_AND_COMMIT_LATE, Fate.COMMIT));
        for (int i = 0; i < 1_000; i++) {
            cluster.fates.add(Fate.REFUSE_OVERLOADED);
        }
        cluster.shutGate();
        final int before = cluster.offered.get();
        client.add("APPEND", "k", "a").add("APPEND", "k", "b").send();
        awaitOffered(before + 2);
        cluster.openGate();
        assertEquals(1L, client.read());
        assertRefused("-UNKNOWN ", client.read());
        cluster.awaitIdle();
        cluster.fates.clear();
        assertEquals("ab", client.ask("GET", "k"));
    }

    @Test
    void silenceIsUnknownForAllWritesOfThePipelineThatWereProposed() throws IOException {
        client.ask("SET", "other", "");
        cluster.fates.addAll(List.of(Fate.COMMIT, Fate.COMMIT_IN_SILENCE, Fate.COMMIT_IN_SILENCE));
        client.add("APPEND", "k", "a").add("APPEND", "k", "b").add("APPEND", "k", "c").send();
        assertEquals(1L, client.read());
        assertRefused("-UNKNOWN ", client.read());
        assertRefused("-UNKNOWN ", client.read());
        assertEquals("abc", client.ask("GET", "k"));
        assertEquals(4L, client.ask("APPEND", "k", "d"));
    }

    @Test
    void aLongPipelineThatNobodyAnswersEndsWithItsDeadlineToo() throws IOException {
        client.ask("SET", "other", "");
        final int writes = 400;
        for (int i = 0; i < writes; i++) {
            cluster.fates.add(Fate.COMMIT_IN_SILENCE);
            client.add("APPEND", "k", "x");
        }
        final long startNs = System.nanoTime();
        client.send();
        for (final Object reply : client.read(writes)) {
            assertRefused("-UNKNOWN ", reply);
        }
        final Duration taken = Duration.ofNanos(System.nanoTime() - startNs);
        assertTrue(taken.compareTo(SHORT.requestDeadline().multipliedBy(4)) < 0, taken::toString);
    }

    @Test
    void writesOfTwoSessionsDoNotOvertakeEachOther() throws Exception {
        final String first = client.ask("BALSA.OPEN").toString();
        final String second = client.ask("BALSA.OPEN").toString();
        cluster.fates.add(Fate.REFUSE_OVERLOADED);
        client.add("BALSA.DO", first, "1", "0", "SET", "k", "1").add("BALSA.DO", second, "1", "0", "SET", "k", "2");
        sendWithTheGateShut();
        assertEquals(List.of("+OK", "+OK"), client.read(2));
        assertEquals("2", client.ask("GET", "k"));
    }

    @Test
    void aReadBetweenWritesOfAClientsSessionSeesTheOneBefore() throws Exception {
        client.ask("SET", "other", "");
        final String id = client.ask("BALSA.OPEN").toString();
        cluster.fates.add(Fate.REFUSE_OVERLOADED);
        client.add("BALSA.DO", id, "1", "0", "SET", "k", "1").add("GET", "k")
            .add("BALSA.DO", id, "2", "0", "SET", "k", "2");
        sendWithTheGateShut();
        assertEquals(List.of("+OK", "1", "+OK"), client.read(3));
    }

    @Test
    void aSessionIsNotClosedBeforeTheWritesAheadOfThat() throws Exception {
        final String id = client.ask("BALSA.OPEN").toString();
        cluster.fates.add(Fate.REFUSE_OVERLOADED);
        client.add("BALSA.DO", id, "1", "0", "APPEND", "k", "x").add("BALSA.CLOSE", id);
        sendWithTheGateShut();
        assertEquals(List.of(1L, 1L), client.read(2));
    }

    @Test
    void withoutALeaderAWriteIsRefusedAsNotExecuted() throws IOException {
        client.ask("SET", "k", "0");
        cluster.leadNobody();
        client.add("INCR", "k").add("INCR", "k").add("GET", "k").send();
        for (final Object reply : client.read(3)) {
            assertRefused("-UNAVAILABLE ", reply);
        }
        cluster.lead(0);
        assertEquals(1L, client.ask("INCR", "k"));
    }

    @Test
    void aFullDiskRefusesTheWritesOfAPipelineAndLetsItsReadsPass() throws IOException {
        client.ask("SET", "k", "0");
        cluster.fates.addAll(List.of(Fate.COMMIT, Fate.REFUSE_DISK_FULL));
        client.add("INCR", "k").add("INCR", "k").add("INCR", "k").add("GET", "k").send();
        assertEquals(1L, client.read());
        assertRefused("-DISKFULL ", client.read());
        assertRefused("-DISKFULL ", client.read());
        assertEquals("1", client.read());
        assertEquals(2L, client.ask("INCR", "k"));
        assertEquals("2", client.ask("GET", "k"));
    }

    @Test
    void aNodesSessionThatExpiredIsReplacedUnnoticed() throws IOException {
        client.ask("APPEND", "k", "a");
        client.ask("BALSA.OPEN");
        client.ask("BALSA.OPEN");
        assertEquals(2L, client.ask("APPEND", "k", "b"));
        client.ask("BALSA.OPEN");
        client.ask("BALSA.OPEN");
        client.add("APPEND", "k", "c").add("APPEND", "k", "d").send();
        assertEquals(List.of(3L, 4L), client.read(2));
        assertEquals("abcd", client.ask("GET", "k"));
    }

    @Test
    void aSessionIsUsedAgainByTheNextConnection() throws IOException {
        for (int i = 1; i <= 20; i++) {
            try (RespSocket other = connect()) {
                assertEquals((long) i, other.ask("INCR", "k"));
                assertEquals("+OK", other.ask("QUIT"));
                assertEquals("closed", other.read());
            }
        }
        assertEquals(21, cluster.applied(), "one session opened, twenty increments");
    }

    @Test
    void aClientsOwnSessionExecutesEachNumberOnce() throws IOException {
        final String id = client.ask("BALSA.OPEN").toString();
        assertEquals(1L, client.ask("BALSA.DO", id, "1", "0", "APPEND", "k", "x"));
        assertEquals(1L, client.ask("BALSA.DO", id, "1", "0", "APPEND", "k", "x"));
        assertRefused("-SEQUENCE ", client.ask("BALSA.DO", id, "3", "1", "APPEND", "k", "z"));
        assertEquals(2L, client.ask("BALSA.DO", id, "2", "1", "APPEND", "k", "y"));
        assertRefused("-STALE ", client.ask("BALSA.DO", id, "1", "1", "APPEND", "k", "x"));
        assertRefused("-ERR ", client.ask("BALSA.DO", id, "3", "1", "PING"));
        assertEquals("xy", client.ask("BALSA.DO", id, "3", "2", "GET", "k"));
        assertEquals(1L, client.ask("BALSA.CLOSE", id));
        assertRefused("-SESSIONEXPIRED ", client.ask("BALSA.DO", id, "4", "3", "GET", "k"));
    }

    @Test
    void aScanGivesEveryKeyThatIsThereThroughoutOnce() throws IOException {
        final TreeSet<String> expected = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            client.add("MSET", "user:" + i, "", "other:" + i, "");
            expected.add("user:" + i);
        }
        client.send();
        client.read(100);
        final List<Object> found = new ArrayList<>();
        String cursor = "0";
        int steps = 0;
        do {
            final List<?> page = (List<?>) client.ask("SCAN", cursor, "MATCH", "user:*", "COUNT", "7");
            cursor = (String) page.get(0);
            found.addAll((List<?>) page.get(1));
            client.ask("SET", "user:0" + steps, ""); // sorts before most of what is left
            client.ask("DEL", "user:0" + steps);
            client.ask("DEL", "other:" + steps);
            steps++;
        } while (!cursor.equals("0"));
        assertEquals(new ArrayList<>(expected), found);
        assertEquals(15, steps);
        assertRefused("-ERR cursor 12345 is not known", client.ask("SCAN", "12345"));
        assertEquals(100, ((List<?>) client.ask("KEYS", "user:*")).size());
        assertEquals(List.of(), client.ask("KEYS", "\\*user*"));
    }

    @Test
    void commandsThatClientLibrariesSendFirstAreAnswered() throws IOException {
        assertEquals("+OK", client.ask("SELECT", "0"));
        assertRefused("-ERR there is one database", client.ask("select", "1"));
        assertEquals("+OK", client.ask("CLIENT", "SETNAME", "me"));
        assertEquals(List.of(), client.ask("COMMAND", "DOCS"));
        assertEquals(List.of(), client.ask("CONFIG", "GET", "save"));
        assertRefused("-NOPROTO ", client.ask("HELLO", "3"));
        assertTrue(((List<?>) client.ask("hello", "2")).contains("balsa"));
        assertTrue(client.ask("INFO").toString().contains("server:balsa"));
        assertEquals("x", client.ask("PING", "x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"SET k|wrong number of arguments for 'SET'", "SET k v EX 10|not supported",
        "MSET a 1 b|wrong number", "GET|wrong number", "INCRBY k x|not an integer", "INCRBY k 01|not an integer",
        "DECRBY k -9223372036854775808|overflow", "KEYS a?b|only patterns", "KEYS abc|only patterns",
        "SCAN x|not an integer", "SCAN 0 TYPE string|SCAN takes", "CONFIG SET save x|CONFIG GET only",
        "CAS k a|wrong number", "BALSA.DO 1 0 0 GET k|start at 1", "BALSA.RANGE a 0|limit"})
    void aWrongCommandIsRefusedAndNothingIsLogged(String command, String why) throws IOException {
        final Object reply = client.ask(command.split(" "));
        assertTrue(reply.toString().startsWith("-ERR "), reply.toString());
        assertTrue(reply.toString().contains(why), reply.toString());
        assertEquals(0, cluster.applied());
    }

    @Test
    void compareAndSetHasAFormForAbsentKeys() throws IOException {
        assertEquals(0L, client.ask("CAS", "k", "", "a"));
        assertEquals(1L, client.ask("CASABSENT", "k", "a"));
        assertEquals(0L, client.ask("CASABSENT", "k", "b"));
        assertEquals(1L, client.ask("CAS", "k", "a", "b"));
        assertEquals("b", client.ask("GET", "k"));
    }

    @Test
    void aSnapshotOfAStateThatHasNotComeFarEnoughIsNotTaken() throws IOException {
        assertEquals("-UNAVAILABLE node 0 has applied no entry yet, so there is nothing to write down; ask another "
            + "node, or later", client.ask("BALSA.SNAPSHOT", "0"));
        client.ask("SET", "k", "v");
        assertEquals("-UNAVAILABLE node 0 shows entries up to 2 and not yet 3; ask another node, or later",
            client.ask("BALSA.SNAPSHOT", "3"));
        assertEquals("-ERR this member has no disk", client.ask("BALSA.SNAPSHOT", "2"));
        assertEquals("-ERR this member has no disk", client.ask("SAVE"));
        assertEquals("-ERR this member has no disk", client.ask("BGSAVE"));
        assertEquals(2L, client.ask("BALSA.READINDEX"));
    }

    @Test
    void theStatusIsOneJsonObject() throws IOException {
        client.ask("SET", "k", "v");
        assertEquals("{\"id\":0,\"role\":\"leader\",\"term\":7,\"leader\":0,\"firstIndex\":1,\"lastIndex\":2,"
            + "\"durableIndex\":2,"
            + "\"commitIndex\":2,\"appliedIndex\":2,\"voter\":true,\"standing\":\"voter\",\"durability\":\"forced\","
            + "\"unforced\":0,\"quorumTrouble\":null,\"clusterId\":\"ba15a\",\"elections\":1,\"peers\":[],"
            + "\"snapshotIndex\":0,"
            + "\"snapshotsTaken\":0,\"snapshotsInstalled\":0,\"snapshotWriting\":false,\"snapshotReceived\":0,"
            + "\"snapshotReceiving\":0,\"snapshotFailure\":null,"
            + "\"sessions\":1,\"keys\":1,\"framesDropped\":0,"
            + "\"sendsRefused\":0,\"checkIndex\":0,\"stateHash\":\"0\",\"agreedIndex\":0,\"mismatch\":null,"
            + "\"slowApplies\":0,\"slowestApplyMs\":0,\"stages\":[],\"failure\":null}",
            client.ask("BALSA.STATUS"));
    }

    @Test
    void tooManyConnectionsAreRefusedAndAFreedPlaceIsTaken() throws Exception {
        final List<RespSocket> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(connect());
            assertEquals("+PONG", others.get(i).ask("PING"));
        }
        try (RespSocket tooMany = connect()) {
            assertRefused("-ERR too many connections", tooMany.read());
            assertEquals("closed", tooMany.read());
        }
        for (final RespSocket other : others) {
            other.ask("QUIT");
            assertEquals("closed", other.read());
            other.close();
        }
        Object reply = "";
        while (!reply.equals("+PONG")) { // the place is free a moment after the connection has closed
            try (RespSocket again = connect()) {
                reply = again.ask("PING");
            } catch (IOException e) {
                reply = "reset";
            }
        }
    }

    @Test
    void aReaderThatDoesNotReadIsNotListenedTo() throws Exception {
        final int pairs = 3_000;
        client.ask("SET", "k", "v".repeat(64 << 10));
        client.ask("SET", "n", "0");
        final Thread sender = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < pairs; i++) {
                    client.add("GET", "k").add("INCR", "n").send();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (RespSocket other = connect()) {
            long before = -1;
            long now = 0;
            while (now != before) { // until nothing moves any more
                before = now;
                for (int i = 0; i < 200; i++) {
                    now = Long.parseLong(other.ask("GET", "n").toString());
                }
            }
            assertTrue(now < pairs / 2, "all was executed for a client that reads nothing");
        }
        for (long i = 1; i <= pairs; i++) {
            assertEquals(64 << 10, client.read().toString().length());
            assertEquals(i, client.read());
        }
        sender.join();
    }

    @Test
    void aPortInUseIsSaidSo() {
        try {
            RespServer.bind(new HostPort("127.0.0.1", server.port()));
        } catch (io.balsa.raft.spi.RaftException e) {
            assertTrue(e.getMessage().contains("127.0.0.1:" + server.port()), e.getMessage());
            assertTrue(e.getMessage().contains("choose another port"), e.getMessage());
            return;
        }
        assertFalse(true, "the port was given out twice");
    }

    @Test
    void whatWasWrittenIsInTheStateMachine() throws IOException {
        client.ask("SET", "ключ", "значение");
        assertEquals("значение", text(cluster.machines.get(0).view().map().get(bytes("ключ"))));
    }

    private RespSocket connect() throws IOException {
        return new RespSocket(server.port());
    }

    /** Nothing meets its fate before all that may be under way at once can be. */
    private void sendWithTheGateShut() throws IOException, InterruptedException {
        cluster.shutGate();
        final int before = cluster.offered.get();
        client.send();
        awaitOffered(before + 1);
        cluster.openGate();
    }

    private void awaitOffered(int commands) throws InterruptedException {
        while (cluster.offered.get() < commands) {
            if (Thread.interrupted()) {
                throw new InterruptedException("offered: " + cluster.offered.get() + " of " + commands);
            }
            Thread.onSpinWait();
        }
    }

    private static void assertRefused(String start, Object reply) {
        assertTrue(reply.toString().startsWith(start), () -> reply.toString());
    }
}
