package io.balsa.kv;

import static io.balsa.kv.Commands.bulk;
import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.incrby;
import static io.balsa.kv.Commands.number;
import static io.balsa.kv.Commands.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.balsa.kv.wire.OpCode;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each operation does to the store and answers. */
class KvStateMachineTest {
    private final KvStateMachine machine = new KvStateMachine();
    private long index = 1;
    private long sequence;
    private long client;

    @BeforeEach
    void openASession() {
        client = ((KvReply.Int) applied(machine, index++, Commands.open())).value();
    }

    @Test
    void whatIsSetIsReadBackByteForByte() {
        final byte[] value = new byte[256];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) i;
        }
        assertEquals(KvReply.Ok.OK, run(new Command(OpCode.SET, List.of(value, value))));
        assertEquals(new KvReply.Bulk(value), run(new Command(OpCode.GET, List.of(value))));
    }

    @Test
    void anAbsentKeyIsNotAnEmptyOne() {
        run(command(OpCode.SET, "empty", ""));
        assertEquals(KvReply.Bulk.ABSENT, run(command(OpCode.GET, "absent")));
        assertEquals(bulk(""), run(command(OpCode.GET, "empty")));
        assertEquals(number(1), run(command(OpCode.EXISTS, "empty", "absent")));
        assertEquals(number(0), run(command(OpCode.STRLEN, "absent")));
    }

    @Test
    void appendMakesTheValueOrLengthensIt() {
        assertEquals(number(2), run(command(OpCode.APPEND, "k", "ab")));
        assertEquals(number(5), run(command(OpCode.APPEND, "k", "cde")));
        assertEquals(bulk("abcde"), run(command(OpCode.GET, "k")));
    }

    @Test
    void appendBeyondTheLargestValueChangesNothing() {
        final byte[] largest = new byte[Limits.VALUE_BYTES];
        run(new Command(OpCode.SET, List.of(bytes("k"), largest)));
        assertRefused("limit is 1048576", run(command(OpCode.APPEND, "k", "x")));
        assertEquals(number(largest.length), run(command(OpCode.STRLEN, "k")));
        assertEquals(number(largest.length), run(command(OpCode.APPEND, "k", "")));
    }

    @Test
    void deleteCountsEachKeyOnce() {
        run(command(OpCode.MSET, "a", "1", "b", "2"));
        assertEquals(number(2), run(command(OpCode.DEL, "a", "b", "a", "absent")));
        assertEquals(KvReply.Bulk.ABSENT, run(command(OpCode.GET, "a")));
    }

    @Test
    void compareAndSetChangesOnlyWhatIsAsExpected() {
        run(command(OpCode.SET, "k", "old"));
        assertEquals(number(0), run(command(OpCode.CAS, "k", "other", "new")));
        assertEquals(bulk("old"), run(command(OpCode.GET, "k")));
        assertEquals(number(1), run(command(OpCode.CAS, "k", "old", "new")));
        assertEquals(bulk("new"), run(command(OpCode.GET, "k")));
        assertEquals(number(0), run(command(OpCode.CAS, "absent", "", "new")), "an absent key is not an empty one");
    }

    @Test
    void compareWithAbsentSetsOnlyANewKey() {
        assertEquals(number(1), run(command(OpCode.CASABSENT, "k", "first")));
        assertEquals(number(0), run(command(OpCode.CASABSENT, "k", "second")));
        assertEquals(bulk("first"), run(command(OpCode.GET, "k")));
    }

    @Test
    void incrementStartsAtZero() {
        assertEquals(number(5), run(incrby("n", 5)));
        assertEquals(number(-3), run(incrby("n", -8)));
        assertEquals(bulk("-3"), run(command(OpCode.GET, "n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "1 ", "+1", "01", "-0", "-", "1.0", "x", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999", "123456789012345678901"})
    void whatIsNoNumberIsNotIncremented(String value) {
        run(command(OpCode.SET, "n", value));
        assertRefused("not an integer or out of range", run(incrby("n", 1)));
        assertEquals(bulk(value), run(command(OpCode.GET, "n")));
    }

    @Test
    void incrementStopsAtTheEndsOfTheRange() {
        run(command(OpCode.SET, "top", "9223372036854775807"));
        run(command(OpCode.SET, "bottom", "-9223372036854775808"));
        assertRefused("overflow", run(incrby("top", 1)));
        assertRefused("overflow", run(incrby("bottom", -1)));
        assertEquals(number(Long.MAX_VALUE), run(incrby("top", 0)));
        assertEquals(number(-1), run(incrby("top", Long.MIN_VALUE)));
    }

    @Test
    void severalKeysAreReadInTheOrderAsked() {
        run(command(OpCode.MSET, "a", "1", "b", "2", "a", "3"));
        final KvReply.Values values =
            assertInstanceOf(KvReply.Values.class, run(command(OpCode.MGET, "b", "x", "a", "a")));
        assertEquals(Arrays.asList("2", null, "3", "3"), values.values().stream().map(Commands::text).toList());
    }

    @Test
    void aViewTakenBeforeAWriteNeverShowsIt() {
        run(command(OpCode.SET, "k", "before"));
        final KvView view = machine.view();
        run(command(OpCode.SET, "k", "after"));
        run(command(OpCode.APPEND, "k", "wards"));
        assertEquals("before", text(view.map().get(bytes("k"))));
    }

    @Test
    void rangesAreInUnsignedByteOrderAndResumeAfterAKey() {
        for (final String key : List.of("b", "a2", "a", "a1", "ä", "A")) {
            run(command(OpCode.SET, key, ""));
        }
        assertEquals(List.of("A", "a", "a1", "a2", "b", "ä"), keys(machine.view().range(bytes(""), null, 100)));
        final KvView.Range first = machine.view().range(bytes("a"), null, 2);
        assertEquals(List.of("a", "a1"), keys(first));
        assertTrue(first.more());
        final KvView.Range second = machine.view().range(bytes("a"), bytes("a1"), 2);
        assertEquals(List.of("a2"), keys(second));
        assertEquals(false, second.more());
    }

    @Test
    void aRangeIsBoundedInBytes() {
        for (int i = 0; i < 20; i++) {
            final byte[] key = new byte[Limits.KEY_BYTES];
            key[0] = (byte) i;
            run(new Command(OpCode.SET, List.of(key, bytes(""))));
        }
        final KvView.Range range = machine.view().range(bytes(""), null, 100);
        assertEquals(Limits.RANGE_BYTES / Limits.KEY_BYTES, range.keys().size());
        assertTrue(range.more());
    }

    @Test
    void aReplayGivesTheSameRepliesAndTheSameStore() {
        final Random random = new Random(42);
        final List<DirectBuffer> log = new ArrayList<>();
        log.add(Commands.open());
        log.add(Commands.open());
        for (int i = 0; i < 5_000; i++) {
            final Command command = switch (random.nextInt(6)) {
                case 0 -> command(OpCode.SET, key(random), "" + random.nextInt(10));
                case 1 -> command(OpCode.APPEND, key(random), "" + random.nextInt(10));
                case 2 -> command(OpCode.DEL, key(random), key(random));
                case 3 -> command(OpCode.CAS, key(random), "" + random.nextInt(10), "" + random.nextInt(10));
                case 4 -> incrby(key(random), random.nextLong());
                default -> command(OpCode.MGET, key(random), key(random));
            };
            final long ofOneClient = 1L + random.nextInt(400);
            log.add(Commands.execute(1 + random.nextInt(2), ofOneClient, ofOneClient - 10, command));
        }
        final KvStateMachine first = new KvStateMachine();
        final KvStateMachine second = new KvStateMachine();
        for (int i = 0; i < log.size(); i++) {
            assertEquals(applied(first, i + 1, log.get(i)), applied(second, i + 1, log.get(i)));
        }
        assertEquals(first.view(), second.view());
        assertTrue(first.view().map().size() > 0);
    }

    @Test
    void aCommandAnywhereInABufferIsUnderstood() {
        final DirectBuffer command = Commands.execute(client, 1, 0, command(OpCode.SET, "k", "v"));
        final UnsafeBuffer shifted = new UnsafeBuffer(new byte[command.capacity() + 100]);
        shifted.putBytes(37, command, 0, command.capacity());
        assertEquals(KvReply.Ok.OK, machine.apply(index++, 1, shifted, 37, command.capacity()));
        assertEquals("v", text(machine.view().map().get(bytes("k"))));
        assertNull(machine.view().map().get(bytes("x")));
    }

    private static String key(Random random) {
        return "k" + random.nextInt(20);
    }

    private static List<String> keys(KvView.Range range) {
        return range.keys().stream().map(Commands::text).toList();
    }

    private static void assertRefused(String why, KvReply reply) {
        final KvReply.Failure failure = assertInstanceOf(KvReply.Failure.class, reply);
        assertEquals(KvReply.Code.ERR, failure.code());
        assertTrue(failure.message().contains(why), failure.message());
    }

    private KvReply run(Command command) {
        sequence++;
        return applied(machine, index++, Commands.execute(client, sequence, sequence - 1, command));
    }

    private static KvReply applied(KvStateMachine machine, long index, DirectBuffer command) {
        return machine.apply(index, 1, command, 0, command.capacity());
    }
}
