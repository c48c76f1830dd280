package io.balsa.kv;

import static io.balsa.kv.Commands.bulk;
import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.number;
import static io.balsa.kv.Commands.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.balsa.kv.KvReply.Code;
import io.balsa.kv.wire.OpCode;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Exactly once, thesis §6.3; the T- numbers are those of the acceptance list. */
class SessionsTest {
    private static final Sessions.Bounds SMALL = new Sessions.Bounds(3, 4, 1_000, 2_000);

    private final List<DirectBuffer> log = new ArrayList<>();
    private KvStateMachine machine = new KvStateMachine(SMALL);

    @Test
    void theSameCommandTwiceInTheLogIsExecutedOnce() { // T-40
        final long client = open();
        assertEquals(number(1), append(client, 1, 0, "x"));
        assertEquals(number(1), append(client, 1, 0, "x"), "the stored reply, not that of a second run");
        assertEquals("x", value());
    }

    @Test
    void aRetryAfterARestartIsExecutedOnce() { // T-41
        final long client = open();
        append(client, 1, 0, "x");
        restart();
        assertEquals(number(1), append(client, 1, 0, "x"));
        assertEquals("x", value());
        assertEquals(number(2), append(client, 2, 1, "y"));
    }

    @Test
    void aRetryAfterARestoreIsAnsweredFromTheTable() throws IOException { // T-41
        final long client = open();
        final long other = open();
        append(client, 1, 0, "x");
        apply(Commands.execute(client, 2, 0, command(OpCode.GET, "k")));
        append(other, 1, 0, "y");
        restoreAnother();
        assertEquals(number(1), append(client, 1, 0, "x"), "the stored reply, not that of a second run");
        assertEquals(bulk("x"), apply(Commands.execute(client, 2, 0, command(OpCode.GET, "k"))), "as it was then");
        assertEquals("xy", value());
        assertFailure(Code.SEQUENCE, append(client, 4, 2, "z"));
        assertEquals(number(3), append(client, 3, 2, "z"));
        assertFailure(Code.STALE, append(client, 2, 2, "x"));
    }

    @Test
    void whatIsBoundedStaysBoundedAfterARestore() throws IOException {
        final long first = open();
        final long second = open();
        final long third = open();
        apply(Commands.execute(first, 1, 0, command(OpCode.SET, "k", "v".repeat(800))));
        apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k")));
        apply(Commands.execute(second, 1, 0, command(OpCode.GET, "k")));
        restoreAnother();
        apply(Commands.execute(third, 1, 0, command(OpCode.GET, "k")));
        assertFailure(Code.STALE, apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k"))));
        assertEquals(bulk("v".repeat(800)), apply(Commands.execute(second, 1, 0, command(OpCode.GET, "k"))));
        open();
        assertFailure(Code.SESSIONEXPIRED, apply(Commands.execute(third, 2, 0, command(OpCode.GET, "k"))));
        assertEquals(3, machine.sessionCount());
    }

    @Test
    void aViewKeepsTheRepliesThatALaterCommandOfAnotherSessionDrops() throws IOException {
        final long first = open();
        final long second = open();
        final long third = open();
        apply(Commands.execute(first, 1, 0, command(OpCode.SET, "k", "v".repeat(800))));
        apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k")));
        apply(Commands.execute(second, 1, 0, command(OpCode.GET, "k")));
        final StateMachine.View view = machine.freeze().orElseThrow();
        final KvStateMachine live = machine;
        apply(Commands.execute(third, 1, 0, command(OpCode.GET, "k"))); // too much: the first one's replies go
        assertFailure(Code.STALE, apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k"))));
        apply(Commands.close(second));
        machine = restored(view);
        assertEquals(bulk("v".repeat(800)), apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k"))));
        assertEquals(bulk("v".repeat(800)), apply(Commands.execute(second, 1, 0, command(OpCode.GET, "k"))));
        assertEquals(2, live.sessionCount());
    }

    @Test
    void aSessionIsCopiedOncePerViewAndNeverWithoutOne() {
        final long client = open();
        append(client, 1, 0, "x");
        final Session before = machine.sessions.ends.newer;
        append(client, 2, 1, "x");
        assertSame(before, machine.sessions.ends.newer);
        machine.freeze();
        append(client, 3, 2, "x");
        final Session copy = machine.sessions.ends.newer;
        assertNotSame(before, copy);
        append(client, 4, 3, "x");
        assertSame(copy, machine.sessions.ends.newer);
    }

    @Test
    void aLateDuplicateIsNotExecutedAndLeavesTheNewestReplyAlone() { // T-42
        final long client = open();
        for (int sequence = 1; sequence <= 6; sequence++) {
            append(client, sequence, sequence - 1, "" + sequence);
        }
        assertFailure(Code.STALE, append(client, 5, 4, "5"));
        assertEquals("123456", value());
        assertEquals(number(6), append(client, 6, 5, "6"));
    }

    @Test
    void noClientIdIsEverUsedTwice() { // T-43
        final Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            if (i % 3_000 == 2_999) {
                restart();
            }
            assertTrue(ids.add(open()), "id used twice");
        }
        assertEquals(3, machine.sessionCount(), "and the table stays bounded");
    }

    @Test
    void aDuplicateGetsTheResultOfTheFirstRun() { // T-44
        final long client = open();
        final long other = open();
        apply(Commands.execute(client, 1, 0, command(OpCode.SET, "k", "a")));
        assertEquals(bulk("a"), apply(Commands.execute(client, 2, 1, command(OpCode.GET, "k"))));
        apply(Commands.execute(other, 1, 0, command(OpCode.SET, "k", "b")));
        assertEquals(bulk("a"), apply(Commands.execute(client, 2, 1, command(OpCode.GET, "k"))));
        assertEquals(number(1), apply(Commands.execute(client, 3, 2, command(OpCode.CAS, "k", "b", "c"))));
        assertEquals(number(1), apply(Commands.execute(client, 3, 2, command(OpCode.CAS, "k", "b", "c"))));
    }

    @Test
    void anErrorIsAResultToo() {
        final long client = open();
        apply(Commands.execute(client, 1, 0, command(OpCode.SET, "k", "word")));
        final KvReply first = apply(Commands.execute(client, 2, 0, Commands.incrby("k", 1)));
        apply(Commands.execute(client, 3, 0, command(OpCode.SET, "k", "1")));
        assertEquals(first, apply(Commands.execute(client, 2, 0, Commands.incrby("k", 1))));
        assertEquals("1", value());
    }

    @Test
    void aGapIsRefusedAndDoesNotMoveTheSession() {
        final long client = open();
        assertFailure(Code.SEQUENCE, append(client, 2, 0, "x"));
        assertFailure(Code.SEQUENCE, append(client, Long.MAX_VALUE, 0, "x"));
        assertEquals(number(1), append(client, 1, 0, "a"));
        assertEquals("a", value());
    }

    @Test
    void numbersBelowOneAreNotExecuted() {
        final long client = open();
        assertFailure(Code.STALE, append(client, 0, 0, "x"));
        assertFailure(Code.STALE, append(client, -1, 0, "x"));
        assertEquals(null, value());
    }

    @Test
    void whatIsAcknowledgedIsForgottenAndNothingElse() {
        final long client = open();
        append(client, 1, 0, "1");
        append(client, 2, 0, "2");
        append(client, 3, 1, "3");
        assertFailure(Code.STALE, append(client, 1, 1, "1"));
        assertEquals(number(2), append(client, 2, 1, "2"));
        assertEquals(number(3), append(client, 3, 1, "3"));
    }

    @Test
    void anAcknowledgementOfTheFutureDropsNoLaterReply() {
        final long client = open();
        assertEquals(number(1), append(client, 1, 100, "1"));
        assertEquals(number(1), append(client, 1, 0, "1"));
    }

    @Test
    void aClientThatNeverAcknowledgesKeepsABoundedNumberOfReplies() {
        final long client = open();
        for (int sequence = 1; sequence <= 100; sequence++) {
            append(client, sequence, 0, "x");
        }
        assertFailure(Code.STALE, append(client, 96, 0, "x"));
        for (int sequence = 97; sequence <= 100; sequence++) {
            assertEquals(number(sequence), append(client, sequence, 0, "x"));
        }
    }

    @Test
    void keptRepliesAreBoundedInBytesButTheNewestIsKept() {
        final long client = open();
        apply(Commands.execute(client, 1, 0, command(OpCode.SET, "k", "v".repeat(1_500))));
        apply(Commands.execute(client, 2, 0, command(OpCode.GET, "k")));
        assertFailure(Code.STALE, apply(Commands.execute(client, 1, 0, command(OpCode.SET, "k", "w"))));
        assertEquals(bulk("v".repeat(1_500)), apply(Commands.execute(client, 2, 0, command(OpCode.GET, "k"))));
    }

    @Test
    void theRepliesOfAllSessionsAreBoundedTogetherOldestUseFirst() {
        final long first = open();
        final long second = open();
        final long third = open();
        apply(Commands.execute(first, 1, 0, command(OpCode.SET, "k", "v".repeat(800))));
        for (final long client : new long[] {first, second, third}) {
            final long sequence = client == first ? 2 : 1;
            apply(Commands.execute(client, sequence, 0, command(OpCode.GET, "k")));
        }
        assertFailure(Code.STALE, apply(Commands.execute(first, 2, 0, command(OpCode.GET, "k"))));
        assertEquals(bulk("v".repeat(800)), apply(Commands.execute(second, 1, 0, command(OpCode.GET, "k"))));
        assertEquals(bulk("v".repeat(800)), apply(Commands.execute(third, 1, 0, command(OpCode.GET, "k"))));
        assertEquals(KvReply.Ok.OK, apply(Commands.execute(first, 3, 2, command(OpCode.SET, "k", "w"))));
    }

    @Test
    void repliesThatSayNothingCountAsWell() {
        machine = new KvStateMachine(new Sessions.Bounds(100, 1_000, 1 << 20, 2_000));
        final long first = open();
        for (int sequence = 1; sequence <= 100; sequence++) {
            apply(Commands.execute(first, sequence, 0, command(OpCode.SET, "k", "v")));
        }
        assertEquals(KvReply.Ok.OK, apply(Commands.execute(first, 1, 0, command(OpCode.SET, "k", "w"))));
        final long second = open();
        for (int sequence = 1; sequence <= 100; sequence++) {
            apply(Commands.execute(second, sequence, 0, command(OpCode.SET, "k", "v")));
        }
        assertFailure(Code.STALE, apply(Commands.execute(first, 1, 0, command(OpCode.SET, "k", "w"))));
        assertEquals(KvReply.Ok.OK, apply(Commands.execute(second, 1, 0, command(OpCode.SET, "k", "w"))));
        assertEquals("v", value());
    }

    @Test
    void aSessionThatHadMuchUnderWayGoesOnAfterAllIsAcknowledged() {
        machine = new KvStateMachine(new Sessions.Bounds(3, 1_000, 1 << 20, 1 << 20));
        final long client = open();
        for (int sequence = 1; sequence <= 500; sequence++) {
            assertEquals(number(sequence), append(client, sequence, 0, "x"));
        }
        assertEquals(number(501), append(client, 501, 500, "x"));
        assertEquals(number(502), append(client, 502, 500, "x"));
        assertEquals(number(503), append(client, 503, 500, "x"));
        assertEquals(number(501), append(client, 501, 500, "x"));
        assertFailure(Code.STALE, append(client, 500, 500, "x"));
    }

    @Test
    void theSessionUsedLeastRecentlyExpiresAndIsNeverExecutedAgain() {
        final long first = open();
        final long second = open();
        final long third = open();
        append(first, 1, 0, "1");
        append(second, 1, 0, "2");
        append(first, 1, 0, "1"); // a retry is a use as well
        final long fourth = open(); // the third was never used since it was opened
        assertFailure(Code.SESSIONEXPIRED, append(third, 1, 0, "3"));
        open();
        assertFailure(Code.SESSIONEXPIRED, append(second, 1, 0, "2"));
        assertEquals(number(3), append(first, 2, 1, "1"));
        assertEquals(number(4), append(fourth, 1, 0, "4"));
        assertEquals("1214", value());
    }

    @Test
    void aClosedSessionIsUnknown() {
        final long client = open();
        append(client, 1, 0, "x");
        assertEquals(number(1), apply(Commands.close(client)));
        assertEquals(number(0), apply(Commands.close(client)));
        assertFailure(Code.SESSIONEXPIRED, append(client, 1, 0, "x"));
        assertEquals(0, machine.sessionCount());
        assertEquals("x", value());
    }

    @Test
    void aSessionThatWasNeverOpenedIsUnknown() {
        assertFailure(Code.SESSIONEXPIRED, append(77, 1, 0, "x"));
        assertEquals(null, value());
    }

    private long open() {
        return ((KvReply.Int) apply(Commands.open())).value();
    }

    private KvReply append(long client, long sequence, long acknowledged, String suffix) {
        return apply(Commands.execute(client, sequence, acknowledged, command(OpCode.APPEND, "k", suffix)));
    }

    private String value() {
        return text(machine.view().map().get(bytes("k")));
    }

    private KvReply apply(DirectBuffer command) {
        log.add(command);
        return machine.apply(log.size(), 1, command, 0, command.capacity());
    }

    /** The same log from the start, as a node does after a restart, or another one that takes over. */
    private void restart() {
        machine = new KvStateMachine(SMALL);
        for (int i = 0; i < log.size(); i++) {
            machine.apply(i + 1, 1, log.get(i), 0, log.get(i).capacity());
        }
    }

    /** Another node takes over, which has never seen the log but a snapshot. */
    private void restoreAnother() throws IOException {
        machine = restored(machine.freeze().orElseThrow());
    }

    private static KvStateMachine restored(StateMachine.View view) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        view.writeTo(bytes);
        final KvStateMachine machine = new KvStateMachine(SMALL);
        machine.restore(new ByteArrayInputStream(bytes.toByteArray()));
        return machine;
    }

    private static void assertFailure(Code code, KvReply reply) {
        assertEquals(code, assertInstanceOf(KvReply.Failure.class, reply).code(), () -> reply.toString());
    }
}
