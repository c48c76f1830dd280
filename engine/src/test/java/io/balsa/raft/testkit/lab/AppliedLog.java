package io.balsa.raft.testkit.lab;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.checks.Violation;
import org.agrona.DirectBuffer;

/**
 * What each server has applied, and the check that is always on: every index once and in order, from 1 after each
 * restart, and never another command than elsewhere. Real servers apply on threads of their own, hence the lock.
 */
public final class AppliedLog {
    /**
     * What is applied at one index.
     *
     * @param servers how many have applied it
     * @param command what it is; null when nobody has
     */
    public record Applied(int servers, String command) {
    }

    private final Map<Integer, List<String>> commandsOf = new HashMap<>();
    private Violation violation;
    private long lastIndex;

    /** The state machine of a process that starts on this server: it has applied nothing yet. */
    public synchronized StateMachine<Long> machineOf(int server) {
        final List<String> commands = new ArrayList<>();
        commandsOf.put(server, commands);
        return (index, term, buffer, offset, length) -> apply(server, commands, index, text(buffer, offset, length));
    }

    static byte[] bytes(String command) {
        return command.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(DirectBuffer buffer, int offset, int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private synchronized Long apply(int server, List<String> own, long index, String command) {
        if (own != commandsOf.get(server)) {
            return index; // a process that was crashed, in its last moments
        }
        if (index != own.size() + 1) {
            throw remember(new Violation("n" + server + " applies index " + index + " after " + own.size()));
        }
        commandsOf.forEach((other, commands) -> {
            if (commands.size() >= index && !commands.get((int) index - 1).equals(command)) {
                throw remember(new Violation("n" + server + " applies " + command + " at index " + index + ", n"
                    + other + " applied " + commands.get((int) index - 1)));
            }
        });
        own.add(command);
        lastIndex = Math.max(lastIndex, index);
        return index;
    }

    private Violation remember(Violation broken) {
        violation = broken;
        return broken;
    }

    /** How many servers have applied something at this index, and what. */
    public synchronized Applied at(long index) {
        if (violation != null) {
            throw violation;
        }
        int servers = 0;
        String command = null;
        for (final List<String> commands : commandsOf.values()) {
            if (commands.size() >= index) {
                servers++;
                command = commands.get((int) index - 1);
            }
        }
        return new Applied(servers, command);
    }

    /** The highest index that anybody has ever applied. */
    public synchronized long lastIndex() {
        return lastIndex;
    }
}
