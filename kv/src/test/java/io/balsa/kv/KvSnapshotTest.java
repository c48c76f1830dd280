package io.balsa.kv;

import static io.balsa.kv.Commands.bulk;
import static io.balsa.kv.Commands.bytes;
import static io.balsa.kv.Commands.command;
import static io.balsa.kv.Commands.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import io.balsa.kv.wire.OpCode;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** What a snapshot of the store looks like, what comes back out of it, and what is not taken for one. */
class KvSnapshotTest {
    private static final int SEEDS = 400;
    private static final int COMMANDS = 400;

    @Test
    void whoRestoresAtAnyMomentAnswersAsWhoNeverDid() throws IOException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final int frozenAfter = random.nextInt(COMMANDS);
            final RandomCommands commands = new RandomCommands(seed);
            final KvStateMachine original = new KvStateMachine(RandomCommands.SMALL);
            KvStateMachine restored = null;
            for (int index = 1; index <= COMMANDS; index++) {
                if (index == frozenAfter + 1) {
                    restored = restored(written(original.freeze().orElseThrow()), RandomCommands.SMALL);
                }
                if (random.nextInt(8) == 0) {
                    original.freeze(); // it has taken snapshots before and takes some later
                }
                final DirectBuffer next = commands.next();
                final KvReply reply = applied(original, index, next);
                commands.answered(index, reply);
                if (restored != null) {
                    assertEquals(reply, applied(restored, index, next), "seed " + seed + ", entry " + index);
                    assertEquals(original.stateHash(), restored.stateHash(), "seed " + seed + ", entry " + index);
                }
            }
            assertEquals(original.view(), restored.view());
            assertEquals(original.sessionCount(), restored.sessionCount());
            assertTrue(Arrays.equals(written(original.freeze().orElseThrow()),
                written(restored.freeze().orElseThrow())), "seed " + seed + ": the same bytes again");
        }
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        final KvStateMachine machine = new KvStateMachine();
        applied(machine, 300, Commands.open());
        applied(machine, 301, Commands.open());
        applied(machine, 302, Commands.execute(300, 1, 0, command(OpCode.MSET, "b", "1", "a", "")));
        applied(machine, 303, Commands.execute(300, 2, 0, command(OpCode.MGET, "a", "b", "c")));
        applied(machine, 304, Commands.execute(300, 3, 0, Commands.incrby("b", -200)));
        assertEquals("424b56" + "01" // this format
            + "02" // sessions, the one used last at the end
            + "ad02" + "00" + "00" // 301, executed nothing, keeps nothing
            + "ac02" + "03" + "03" // 300, executed 3, keeps their replies:
            + "01" + "05" + "03" + "01" + "0231" + "00" + "03" + "8d03" // Ok; "", "1", absent; -199
            + "02" // pairs, in the order of keys
            + "0161" + "00" + "0162" + "042d313939", hex(machine));
    }

    @Test
    void anEmptyStoreIsAStateToo() throws IOException {
        assertEquals("424b56" + "01" + "00" + "00", hex(new KvStateMachine()));
        final KvStateMachine used = new KvStateMachine();
        applied(used, 1, Commands.open());
        applied(used, 2, Commands.execute(1, 1, 0, command(OpCode.SET, "k", "v")));
        used.restore(new ByteArrayInputStream(written(new KvStateMachine().freeze().orElseThrow())));
        assertEquals(new KvStateMachine().stateHash(), used.stateHash());
        assertEquals(0, used.sessionCount());
    }

    @Test
    void oneClientThatPutsAndGetsLeavesASmallSnapshot() throws IOException { // 3B-02: 500 bytes at most
        final KvStateMachine machine = new KvStateMachine();
        applied(machine, 1, Commands.open());
        long sequence = 0;
        for (int round = 0; round < 200; round++) {
            for (final String value : List.of("0", "1")) {
                for (final Command next : List.of(command(OpCode.SET, "x", value), command(OpCode.GET, "x"))) {
                    sequence++;
                    applied(machine, 1 + sequence, Commands.execute(1, sequence, sequence - 1, next));
                }
            }
        }
        assertEquals(17, written(machine.freeze().orElseThrow()).length);
    }

    @Test
    void replyOfEveryKindComesBackAsItWas() throws IOException {
        final Sessions sessions = new Sessions(Sessions.Bounds.DEFAULT);
        final List<KvReply> replies = new ArrayList<>(List.of(KvReply.Ok.OK, new KvReply.Text(""),
            new KvReply.Text("größer"), KvReply.Bulk.ABSENT, bulk(""), bulk("v".repeat(200_000)),
            new KvReply.Values(List.of()), new KvReply.Values(Arrays.asList(bytes("a"), null, bytes("")))));
        for (final long number : new long[] {0, 1, -1, 63, 64, -65, Long.MAX_VALUE, Long.MIN_VALUE}) {
            replies.add(number(number));
        }
        for (final KvReply.Code code : EnumSet.allOf(KvReply.Code.class)) {
            replies.add(new KvReply.Failure(code, "because of " + code));
        }
        sessions.restore(Long.MAX_VALUE, 1_000_000, replies);
        final byte[] state = written(new KvSnapshot(sessions.freeze(), KvView.EMPTY));
        final Sessions.Bounds bounds = Sessions.Bounds.DEFAULT;
        final Sessions restored = KvSnapshot.read(new ByteArrayInputStream(state), bounds).sessions();
        assertEquals(sessions.digest(), restored.digest());
        for (int i = 0; i < replies.size(); i++) {
            assertEquals(replies.get(i),
                restored.admit(Long.MAX_VALUE, 1_000_000 - replies.size() + 1 + i, 0), "reply " + i);
        }
        assertEquals(sessions.freeze().inOrderOfUse().getFirst().keptBytes(),
            restored.freeze().inOrderOfUse().getFirst().keptBytes());
    }

    @Test
    void whatIsNoSnapshotOrOfANewerVersionIsRefusedByName() {
        final byte[] state = written(someStore());
        assertRefused("no snapshot of the key/value store: it begins with 1f8b08", changed(state, 0, 0x1F, 0x8B, 8));
        assertRefused("is in format 2, this version reads format 1; upgrade", changed(state, 3, 2));
    }

    @Test
    void whatIsCutShortOrGoesOnIsRefused() {
        final byte[] state = written(someStore());
        for (int length = 0; length < state.length; length++) {
            assertRefused("ends after " + length + " bytes", Arrays.copyOf(state, length));
        }
        assertRefused("goes on after its last pair", Arrays.copyOf(state, state.length + 1));
    }

    /** The store's own files carry checksums; whatever gets past them must not look like a state. */
    @Test
    void whatCannotBeIsRefusedBeforeMemoryIsTakenForIt() {
        final String head = "424b56" + "01";
        assertRefused("sessions are more than the 16384", head + "818001");
        assertRefused("18446744073709551615 sessions are more", head + "ffffffffffffffffff01");
        assertRefused("a number does not end", head + "ffffffffffffffffffff01");
        assertRefused("keeps 1 replies, but executed 0", head + "01" + "05" + "00" + "01" + "01");
        assertRefused("no reply of kind 7", head + "01" + "05" + "01" + "01" + "07");
        assertRefused("no error of the name E", head + "01" + "05" + "01" + "01" + "06" + "0145" + "00");
        assertRefused("bytes in a row are more than", head + "00" + "01" + "ffffff07");
        assertRefused("does not come after the one before", head + "00" + "02" + "0162" + "00" + "0161" + "00");
        assertRefused("does not come after the one before", head + "00" + "02" + "0161" + "00" + "0161" + "00");
    }

    @Test
    void whoReadsMeanwhileSeesTheOldStateUntilTheNewOneIsWhole() throws IOException {
        final byte[] state = written(someStore());
        final KvStateMachine machine = new KvStateMachine();
        applied(machine, 1, Commands.open());
        applied(machine, 2, Commands.execute(1, 1, 0, command(OpCode.SET, "old", "v")));
        final KvView old = machine.view();
        final long oldHash = machine.stateHash();
        assertThrows(IOException.class, () -> machine.restore(new ByteArrayInputStream(state, 0, state.length - 1)));
        assertSame(old, machine.view());
        assertEquals(oldHash, machine.stateHash());
        machine.restore(new ByteArrayInputStream(state) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                assertSame(old, machine.view());
                return super.read(target, offset, Math.min(3, length));
            }
        });
        assertFalse(machine.view().map().containsKey(bytes("old")));
        assertEquals(100, machine.view().map().size());
    }

    private static StateMachine.View someStore() {
        final KvStateMachine machine = new KvStateMachine();
        applied(machine, 1, Commands.open());
        for (int i = 1; i <= 100; i++) {
            applied(machine, 1 + i, Commands.execute(1, i, i - 3, command(OpCode.SET, "key" + i, "v".repeat(i % 9))));
        }
        return machine.freeze().orElseThrow();
    }

    private static void assertRefused(String why, String hex) {
        assertRefused(why, HexFormat.of().parseHex(hex));
    }

    private static void assertRefused(String why, byte[] state) {
        final KvStateMachine machine = new KvStateMachine();
        final IOException refusal =
            assertThrows(IOException.class, () -> machine.restore(new ByteArrayInputStream(state)), why);
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count());
        assertEquals(new KvStateMachine().stateHash(), machine.stateHash());
    }

    private static byte[] changed(byte[] state, int at, int... bytes) {
        final byte[] changed = state.clone();
        IntStream.range(0, bytes.length).forEach(i -> changed[at + i] = (byte) bytes[i]);
        return changed;
    }

    private static String hex(KvStateMachine machine) {
        return HexFormat.of().formatHex(written(machine.freeze().orElseThrow()));
    }

    private static byte[] written(StateMachine.View view) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            view.writeTo(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static KvStateMachine restored(byte[] state, Sessions.Bounds bounds) throws IOException {
        final KvStateMachine machine = new KvStateMachine(bounds);
        machine.restore(new ByteArrayInputStream(state));
        return machine;
    }

    private static KvReply applied(KvStateMachine machine, long index, DirectBuffer command) {
        return machine.apply(index, 1, command, 0, command.capacity());
    }
}
