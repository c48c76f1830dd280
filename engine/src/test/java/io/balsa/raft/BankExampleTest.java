package io.balsa.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.Seeds;
import io.balsa.raft.testkit.Simulation;
import io.balsa.raft.testkit.checks.Violation;
import io.balsa.raft.testkit.contract.StateMachineContract;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The example of docs/TESTING.md: a state machine of one's own in the simulator. */
class BankExampleTest {
    /** Eight accounts; a command moves an amount from one to another, as far as it is there. */
    private static class Bank implements StateMachine<Long> {
        private static final int ACCOUNTS = 8;
        private static final int COMMAND_BYTES = Long.BYTES + 3 * Integer.BYTES;

        final long[] balance = new long[ACCOUNTS];

        Bank() {
            Arrays.fill(balance, 100);
        }

        static byte[] randomTransfer(RandomGenerator random, long number, int maxLength) {
            final UnsafeBuffer command = new UnsafeBuffer(new byte[COMMAND_BYTES]);
            command.putLong(0, number); // makes it unlike all others
            command.putInt(8, random.nextInt(ACCOUNTS));
            command.putInt(12, random.nextInt(ACCOUNTS));
            command.putInt(16, random.nextInt(50));
            return command.byteArray();
        }

        @Override
        public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
            final int from = command.getInt(offset + 8);
            final int to = command.getInt(offset + 12);
            final long amount = Math.min(balance[from], command.getInt(offset + 16));
            balance[from] -= amount;
            balance[to] += amount;
            if (Arrays.stream(balance).sum() != 100L * ACCOUNTS) {
                throw new IllegalStateException("money was made or lost at entry " + index);
            }
            return amount;
        }

        @Override
        public long stateHash() {
            return Arrays.hashCode(balance);
        }

        @Override
        public Optional<View> freeze() {
            final long[] frozen = balance.clone();
            return Optional.of(stream -> {
                final DataOutputStream out = new DataOutputStream(stream);
                for (final long amount : frozen) {
                    out.writeLong(amount);
                }
            });
        }

        @Override
        public void restore(InputStream state) throws IOException {
            final DataInputStream in = new DataInputStream(state);
            for (int account = 0; account < ACCOUNTS; account++) {
                balance[account] = in.readLong();
            }
        }
    }

    @Nested
    class Contract extends StateMachineContract<Long> {
        @Override
        protected StateMachine<Long> newMachine() {
            return new Bank();
        }

        @Override
        protected byte[] command(RandomGenerator random, long number) {
            return Bank.randomTransfer(random, number, Bank.COMMAND_BYTES);
        }
    }

    @Test
    void aBankKeepsItsMoneyWhateverHappens() throws InterruptedException {
        final Simulation<Long> simulation = Simulation.of(Bank::new, Bank::randomTransfer);
        assertEquals(30, Seeds.play(simulation, 1, 30, System.out::println).seeds());
    }

    @Test
    void aBankThatLooksAtItsOwnPastLivesIsFound() {
        final int[] sinceWhenever = {0};
        final Simulation<Long> simulation = Simulation.of(() -> new Bank() {
            @Override
            public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
                final long moved = super.apply(index, term, command, offset, length);
                balance[0] += ++sinceWhenever[0] % 500 == 0 ? 1 : 0; // interest, by a counter that is not in the log
                balance[1] -= sinceWhenever[0] % 500 == 0 ? 1 : 0;
                return moved;
            }
        }, Bank::randomTransfer);
        final Violation found = assertThrows(Violation.class,
            () -> Seeds.play(simulation, 1, 5, line -> { }));
        assertTrue(found.getMessage().contains("not deterministic"), found.getMessage());
    }
}
