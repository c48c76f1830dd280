package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.spi.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StateMachine} must do. A machine's own test extends this and says how one is made and what its
 * commands look like. Replies are compared by equals, states by their digest where there is one. What is asked of views
 * is skipped where the machine offers none.
 *
 * @param <R> the machine's result
 */
public abstract class StateMachineContract<R> {
    private static final int COMMANDS = 2_000;
    private static final int MARGIN = 13;

    private final List<byte[]> commands = new ArrayList<>();
    private List<Object> expected;

    /** A new machine, empty. */
    protected abstract StateMachine<R> newMachine();

    /**
     * Makes one command.
     *
     * @param random the only source of chance there may be
     * @param number counts the commands
     */
    protected abstract byte[] command(RandomGenerator random, long number);

    @BeforeEach
    void expectWhatOneMachineDoes() {
        final RandomGenerator random = new SplittableRandom(1);
        for (int number = 1; number <= COMMANDS; number++) {
            commands.add(command(random, number));
        }
        expected = new Life(newMachine()).applyAll();
    }

    @Test
    void equalCommandsLeaveEqualStatesAndReplies() {
        assertEquals(expected, new Life(newMachine()).applyAll());
    }

    @Test
    void itDoesNotMatterWhereACommandLies() {
        assertEquals(expected, new Life(newMachine()) {
            @Override
            Object apply(int number, byte[] command) {
                final UnsafeBuffer elsewhere = new UnsafeBuffer(ByteBuffer.allocateDirect(command.length + 2 * MARGIN));
                elsewhere.setMemory(0, elsewhere.capacity(), (byte) 0x5A);
                elsewhere.putBytes(MARGIN, command);
                return apply(number, elsewhere, MARGIN, command.length);
            }
        }.applyAll());
    }

    @Test
    void aCommandIsNotKeptNorChanged() {
        final UnsafeBuffer reused = new UnsafeBuffer(new byte[1 << 20]);
        assertEquals(expected, new Life(newMachine()) {
            @Override
            Object apply(int number, byte[] command) {
                reused.putBytes(0, command);
                final Object reply = apply(number, reused, 0, command.length);
                final byte[] after = new byte[command.length];
                reused.getBytes(0, after);
                assertEquals(new UnsafeBuffer(command), new UnsafeBuffer(after), "the command was changed");
                reused.setMemory(0, command.length, (byte) 0x5A);
                return reply;
            }
        }.applyAll());
    }

    @Test
    void theThreadsThatCallItDoNotMatter() throws Exception {
        try (ExecutorService one = Executors.newSingleThreadExecutor();
             ExecutorService other = Executors.newSingleThreadExecutor()) {
            assertEquals(expected, new Life(newMachine()) {
                @Override
                Object apply(int number, byte[] command) {
                    final Callable<Object> call = () -> super.apply(number, command);
                    try {
                        return (number % 3 == 0 ? one : other).submit(call).get();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
            }.applyAll());
        }
    }

    @Test
    void aDigestMayBeAskedAtAnyTimeAndChangesNothing() {
        final Life asked = new Life(newMachine());
        final List<Object> seen = new ArrayList<>();
        for (int number = 1; number <= COMMANDS; number++) {
            seen.add(asked.apply(number, commands.get(number - 1)));
            final long digest = asked.machine.stateHash();
            assertEquals(digest, asked.machine.stateHash());
        }
        seen.add(asked.machine.stateHash());
        assertEquals(expected, seen);
    }

    @Test
    void aDigestTellsThatSomethingHappened() {
        final Life life = new Life(newMachine());
        final long empty = life.machine.stateHash();
        life.applyAll();
        if (empty != StateMachine.NO_HASH) {
            assertNotEquals(empty, life.machine.stateHash());
        }
    }

    @Test
    void anotherMachineInTheSameProcessDoesNotMatter() {
        final Life one = new Life(newMachine());
        final Life other = new Life(newMachine());
        final List<Object> seen = new ArrayList<>();
        for (int number = 1; number <= COMMANDS; number++) {
            other.apply(number, commands.get(COMMANDS - number));
            seen.add(one.apply(number, commands.get(number - 1)));
        }
        seen.add(one.machine.stateHash());
        assertEquals(expected, seen);
    }

    @Test
    void aViewShowsTheMomentOfItsFreezeWhateverIsAppliedLater() throws IOException {
        final Life life = new Life(newMachine());
        life.apply(1, COMMANDS / 2);
        final StateMachine.View early = viewOf(life.machine);
        final StateMachine.View same = viewOf(life.machine);
        final byte[] then = written(same);
        life.apply(COMMANDS / 2 + 1, COMMANDS);
        final byte[] now = written(viewOf(life.machine));
        assertArrayEquals(then, written(early), "a view that was written late");
        assertNotEquals(new UnsafeBuffer(then), new UnsafeBuffer(now), "half of the commands changed nothing");
    }

    @Test
    void freezingChangesNothingThatIsSeenOfTheMachine() {
        final Life life = new Life(newMachine());
        final List<Object> seen = new ArrayList<>();
        for (int number = 1; number <= COMMANDS; number++) {
            seen.add(life.apply(number, commands.get(number - 1)));
            if (number % 7 == 0) {
                viewOf(life.machine);
            }
        }
        seen.add(life.machine.stateHash());
        assertEquals(expected, seen);
    }

    @Test
    void aNewMachineThatRestoresGoesOnAsTheOneThatWasFrozen() throws IOException {
        for (final int frozenAfter : List.of(0, 1, COMMANDS / 3, COMMANDS)) {
            restoreAndGoOn(frozenAfter, new Life(newMachine()));
        }
    }

    @Test
    void aUsedMachineThatRestoresKeepsNothingOfItsOwn() throws IOException {
        for (final int frozenAfter : List.of(1, COMMANDS / 3, COMMANDS)) {
            final Life used = new Life(newMachine());
            for (int number = 1; number <= frozenAfter; number++) {
                used.apply(number, commands.get(COMMANDS - number));
            }
            final StateMachine.View own = viewOf(used.machine);
            final byte[] ownState = written(viewOf(used.machine));
            restoreAndGoOn(frozenAfter, used);
            assertArrayEquals(ownState, written(own), "a view of the state that was replaced");
        }
    }

    @Test
    void aMachineRestoresAgainAndAgain() throws IOException {
        final List<Object> seen = new ArrayList<>();
        Life life = new Life(newMachine());
        for (int number = 1; number <= COMMANDS; number++) {
            seen.add(life.apply(number, commands.get(number - 1)));
            if (number % 100 == 0) {
                final byte[] state = written(viewOf(life.machine));
                life = number % 200 == 0 ? new Life(newMachine()) : life;
                life.machine.restore(new ByteArrayInputStream(state));
            }
        }
        seen.add(life.machine.stateHash());
        assertEquals(expected, seen);
    }

    @Test
    void equalStatesAreEqualBytes() throws IOException {
        final Life one = new Life(newMachine());
        final Life other = new Life(newMachine());
        one.applyAll();
        for (int number = 1; number <= COMMANDS; number++) {
            other.apply(number, commands.get(number - 1));
            if (number % 50 == 0) {
                viewOf(other.machine); // one member takes more snapshots than another
            }
        }
        assertArrayEquals(written(viewOf(one.machine)), written(viewOf(other.machine)));
    }

    /** Whoever writes stands still in the midst of it, time and again, while commands are applied. */
    @Test
    void aViewIsWrittenByAnotherThreadWhileCommandsAreApplied() throws Exception {
        final Life life = new Life(newMachine());
        final List<Object> seen = new ArrayList<>(life.apply(1, COMMANDS / 2));
        final StateMachine.View view = viewOf(life.machine);
        final byte[] whole = written(viewOf(life.machine));
        final Exchanger<Boolean> turn = new Exchanger<>();
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            final Future<byte[]> written = writer.submit(() -> {
                final ByteArrayOutputStream out = new ByteArrayOutputStream();
                try {
                    view.writeTo(new Halting(out, turn, 1 + whole.length / 40));
                } finally {
                    pass(turn, false);
                }
                return out.toByteArray();
            });
            int number = COMMANDS / 2;
            while (pass(turn, true)) { // now the writer waits
                for (int i = 0; i < 10 && number < COMMANDS; i++) {
                    seen.add(life.apply(++number, commands.get(number - 1)));
                }
                pass(turn, true);
            }
            assertArrayEquals(whole, written.get());
            seen.addAll(life.apply(number + 1, COMMANDS));
        }
        seen.add(life.machine.stateHash());
        assertEquals(expected, seen);
    }

    @Test
    void halfAStateIsNotTakenForAWholeOne() throws IOException {
        final Life life = new Life(newMachine());
        life.apply(1, 50);
        final byte[] state = written(viewOf(life.machine));
        for (int length = 0; length < state.length; length++) {
            final InputStream half = new ByteArrayInputStream(state, 0, length);
            assertThrows(Exception.class, () -> newMachine().restore(half), "cut to " + length + " bytes");
        }
    }

    private void restoreAndGoOn(int frozenAfter, Life restored) throws IOException {
        final Life original = new Life(newMachine());
        final List<Object> seen = new ArrayList<>(original.apply(1, frozenAfter));
        final byte[] state = written(viewOf(original.machine));
        restored.machine.restore(new Dribbling(state));
        assertEquals(original.machine.stateHash(), restored.machine.stateHash());
        assertArrayEquals(state, written(viewOf(restored.machine)), "what was restored is written as it was read");
        seen.addAll(restored.apply(frozenAfter + 1, COMMANDS));
        seen.add(restored.machine.stateHash());
        assertEquals(expected, seen);
    }

    private StateMachine.View viewOf(StateMachine<R> machine) {
        final var view = machine.freeze();
        assumeTrue(view.isPresent(), "this machine takes no snapshots");
        return view.orElseThrow();
    }

    private static byte[] written(StateMachine.View view) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        view.writeTo(out);
        return out.toByteArray();
    }

    private static boolean pass(Exchanger<Boolean> turn, boolean goesOn) throws Exception {
        final boolean other = turn.exchange(goesOn, 20, TimeUnit.SECONDS);
        return goesOn && other;
    }

    /** Hands the turn over, and waits for it again, after so many bytes each. */
    private static final class Halting extends OutputStream {
        private final OutputStream out;
        private final Exchanger<Boolean> turn;
        private final int step;
        private int written;

        Halting(OutputStream out, Exchanger<Boolean> turn, int step) {
            this.out = out;
            this.turn = turn;
            this.step = step;
        }

        @Override
        public void write(int oneByte) throws IOException {
            if (written++ % step == 0) {
                try {
                    pass(turn, true);
                    pass(turn, true);
                } catch (Exception e) {
                    throw new IOException("nobody took the turn", e);
                }
            }
            out.write(oneByte);
        }
    }

    /** Gives one byte, then two, then three, and one again, as a stream of chunks may. */
    private static final class Dribbling extends ByteArrayInputStream {
        private int reads;

        Dribbling(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 1 + reads++ % 3));
        }
    }

    /** One machine from its first command to its last. */
    private class Life {
        final StateMachine<R> machine;

        Life(StateMachine<R> machine) {
            this.machine = machine;
        }

        Object apply(int number, byte[] command) {
            return apply(number, new UnsafeBuffer(command), 0, command.length);
        }

        final Object apply(int number, DirectBuffer buffer, int offset, int length) {
            return machine.apply(number, 1 + number / 100, buffer, offset, length);
        }

        /** The replies to these commands. */
        final List<Object> apply(int first, int last) {
            final List<Object> seen = new ArrayList<>();
            for (int number = first; number <= last; number++) {
                seen.add(apply(number, commands.get(number - 1).clone()));
            }
            return seen;
        }

        /** The replies and, at the end, the digest of the state. */
        final List<Object> applyAll() {
            final List<Object> seen = apply(1, COMMANDS);
            seen.add(machine.stateHash());
            return seen;
        }
    }
}
