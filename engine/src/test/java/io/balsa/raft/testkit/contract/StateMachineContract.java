package io.balsa.raft.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.balsa.raft.spi.StateMachine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StateMachine} must do. A machine's own test extends this and says how one is made and what its
 * commands look like. Replies are compared by equals, states by their digest where there is one.
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

        /** The replies and, at the end, the digest of the state. */
        final List<Object> applyAll() {
            final List<Object> seen = new ArrayList<>();
            for (int number = 1; number <= COMMANDS; number++) {
                seen.add(apply(number, commands.get(number - 1).clone()));
            }
            seen.add(machine.stateHash());
            return seen;
        }
    }
}
