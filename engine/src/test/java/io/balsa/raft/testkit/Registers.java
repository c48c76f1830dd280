package io.balsa.raft.testkit;

import java.util.random.RandomGenerator;

import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The simulator's own state machine: a few registers; a command appends its bytes to one of them, and the reply tells
 * all that was ever appended there. Lost, repeated and reordered commands each change state and replies.
 */
public final class Registers implements StateMachine<Long> {
    private static final int COUNT = 8;

    private final long[] registers = new long[COUNT];
    private long stateHash;

    @Override
    public Long apply(long index, long term, DirectBuffer command, int offset, int length) {
        final int register = length == 0 ? 0 : command.getByte(offset) & (COUNT - 1);
        registers[register] = Mix.in(registers[register], Mix.bytes(command, offset, length));
        stateHash = Mix.in(stateHash, registers[register] + register);
        return registers[register];
    }

    @Override
    public long stateHash() {
        return stateHash;
    }

    /** Mostly tiny commands, some empty, a few as long as allowed. */
    public static byte[] command(RandomGenerator random, long number, int maxLength) {
        final int dice = random.nextInt(100);
        final int length;
        if (dice < 3) {
            length = random.nextInt(8);
        } else if (dice < 90) {
            length = 8 + random.nextInt(56);
        } else if (dice < 98) {
            length = 8 + random.nextInt(Math.min(4096, maxLength) - 7);
        } else {
            length = maxLength - random.nextInt(maxLength / 2);
        }
        final byte[] command = new byte[length];
        if (length >= Long.BYTES) {
            new UnsafeBuffer(command).putLong(0, number);
            for (int i = Long.BYTES; i < Math.min(length, 64); i++) {
                command[i] = (byte) random.nextInt();
            }
            command[length - 1] = (byte) number;
        }
        return command;
    }
}
