package io.balsa.raft.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
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

    @Override
    public Optional<View> freeze() {
        final long[] frozen = registers.clone();
        final long frozenHash = stateHash;
        return Optional.of(stream -> {
            final DataOutputStream out = new DataOutputStream(stream);
            for (final long register : frozen) {
                out.writeLong(register);
            }
            out.writeLong(frozenHash);
            for (int i = ballast(frozenHash); i > 0; i--) {
                out.writeByte((int) Mix.in(frozenHash, i));
            }
        });
    }

    @Override
    public void restore(InputStream state) throws IOException {
        final DataInputStream in = new DataInputStream(state);
        for (int i = 0; i < COUNT; i++) {
            registers[i] = in.readLong();
        }
        stateHash = in.readLong();
        for (int i = ballast(stateHash); i > 0; i--) {
            if (in.readByte() != (byte) Mix.in(stateHash, i)) {
                throw new IOException("the ballast differs, " + i + " bytes before its end");
            }
        }
        if (in.read() >= 0) {
            throw new IOException("the state of " + COUNT + " registers goes on after its end");
        }
    }

    /** Bytes that say nothing new: so that some states take one message to send, and some take hundreds. */
    private static int ballast(long stateHash) {
        final int dice = (int) (stateHash >>> 32);
        return (dice & 3) == 0 ? dice >>> 2 & 0x7FFF : dice >>> 2 & 0x7F;
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
