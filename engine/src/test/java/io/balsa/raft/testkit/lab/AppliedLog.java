package io.balsa.raft.testkit.lab;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.balsa.raft.spi.StateMachine;
import io.balsa.raft.testkit.LabService;
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

    /** What runs on the servers of this scenario. */
    public LabService<Long> serviceOf(LabScenario scenario) {
        return scenario.withSnapshots() ? this::snapshottingMachineOf : (server, snapshots) -> machineOf(server);
    }

    private synchronized StateMachine<Long> snapshottingMachineOf(int server, LabService.Snapshots snapshots) {
        final List<String> commands = new ArrayList<>();
        commandsOf.put(server, commands);
        return new SnapshottingService(this, server, commands, snapshots);
    }

    static byte[] bytes(String command) {
        return command.getBytes(StandardCharsets.US_ASCII);
    }

    static String text(DirectBuffer buffer, int offset, int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    synchronized Long apply(int server, List<String> own, long index, String command) {
        if (!isPresent(server, own)) {
            return index;
        }
        if (index != own.size() + 1) {
            throw remember(new Violation("n" + server + " applies index " + index + " after " + own.size()));
        }
        requireAsElsewhere(server, "applies", index, command);
        own.add(command);
        lastIndex = Math.max(lastIndex, index);
        return index;
    }

    /** In place of what a server has applied stands what a snapshot says of the same indexes and more. */
    synchronized void install(int server, List<String> own, List<String> snapshot) {
        if (isPresent(server, own)) {
            for (int index = 1; index <= snapshot.size(); index++) {
                requireAsElsewhere(server, "is given", index, snapshot.get(index - 1));
            }
            own.clear();
            own.addAll(snapshot);
        }
    }

    /** All that a server has applied. */
    synchronized List<String> copy(List<String> own) {
        return List.copyOf(own);
    }

    /** False for a process that was crashed, in its last moments. */
    private boolean isPresent(int server, List<String> own) {
        return own == commandsOf.get(server);
    }

    private void requireAsElsewhere(int server, String does, long index, String command) {
        commandsOf.forEach((other, commands) -> {
            if (commands.size() >= index && !commands.get((int) index - 1).equals(command)) {
                throw remember(new Violation("n" + server + " " + does + " " + command + " at index " + index + ", n"
                    + other + " applied " + commands.get((int) index - 1)));
            }
        });
    }

    synchronized Violation remember(Violation broken) {
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
