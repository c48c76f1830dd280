package io.balsa.mapreduce.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import io.balsa.mapreduce.wire.Answer;
import io.balsa.raft.spi.StateMachine;
import org.agrona.DirectBuffer;

/**
 * A coordinator that stands still at one point of a job, for a test to kill it there: it has applied the command that
 * got the job so far and has not answered it. Of several the first to come there, which is the leader, leaves its
 * number in a file; the others go on.
 */
public final class DyingCoordinator {
    private DyingCoordinator() {
    }

    /** Takes what {@code mr coordinator} does, and {@code --stop-at maps=N|reduces=N|done --mark FILE}. */
    public static void main(String[] args) throws InterruptedException {
        final List<String> options = List.of(args);
        final TreeMap<Integer, String> members = new TreeMap<>();
        for (final String member : option(options, "--members").split(",", -1)) {
            final String[] parts = member.split("=", 2);
            members.put(Integer.valueOf(parts[0]), parts[1]);
        }
        final int id = Integer.parseInt(option(options, "--id"));
        final Predicate<JobState> point = point(option(options, "--stop-at"));
        final Path mark = Path.of(option(options, "--mark"));
        final CoordinatorNode node = CoordinatorNode.start(
            new CoordinatorNode.Options(id, members, option(options, "--listen"), Path.of(option(options, "--dir")),
                options.contains("--bootstrap"), true, Duration.ofSeconds(10)),
            machine -> new Stopping(machine, point, mark, id));
        System.out.println("coordinator " + id + " is asked at " + node.address());
        while (!node.isOver()) {
            Thread.sleep(50);
        }
        node.close();
    }

    private static String option(List<String> options, String name) {
        return options.get(options.indexOf(name) + 1);
    }

    private static Predicate<JobState> point(String text) {
        final String[] parts = text.split("=", 2);
        return switch (parts[0]) {
            case "maps" -> job -> job.maps().done() == Integer.parseInt(parts[1]);
            case "reduces" -> job -> job.reduces().done() == Integer.parseInt(parts[1]);
            case "done" -> job -> !job.isRunning();
            default -> throw new IllegalArgumentException(text);
        };
    }

    /** Delegates, and stands still. */
    private record Stopping(StateMachine<Answer> machine, Predicate<JobState> point, Path mark, int id)
        implements StateMachine<Answer> {
        @Override
        public Answer apply(long index, long term, DirectBuffer command, int offset, int length) {
            final Answer answer = machine.apply(index, term, command, offset, length);
            if (((JobStateMachine) machine).jobs().byOrder().values().stream().anyMatch(point) && isFirst()) {
                while (true) {
                    LockSupport.park();
                }
            }
            return answer;
        }

        private boolean isFirst() {
            try {
                Files.writeString(mark, Integer.toString(id), StandardOpenOption.CREATE_NEW);
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public long stateHash() {
            return machine.stateHash();
        }
    }
}
