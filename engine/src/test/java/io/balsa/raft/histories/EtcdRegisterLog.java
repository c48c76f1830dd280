package io.balsa.raft.histories;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.Recorder;
import io.balsa.raft.testkit.linearizability.Register;

/**
 * Reads what Jepsen logged of clients of one etcd register. A {@code :fail} of a cas is an answer, that the value was
 * not as expected; a {@code :fail} of a read is a read without an answer, which may as well not have been.
 * {@code :info} is an operation that timed out.
 */
final class EtcdRegisterLog {
    private static final Pattern LINE = Pattern.compile(
        "INFO\\s+jepsen\\.util - (\\d+)\\s+:(invoke|ok|fail|info)\\s+:(read|write|cas)\\s+(.*)");
    private static final Pattern PAIR = Pattern.compile("\\[(\\d+) (\\d+)]");

    private long line;
    private final Recorder<Register.Request<Integer>, Register.Reply<Integer>> recorder = new Recorder<>(() -> line);
    private final Map<Integer, Integer> underWay = new HashMap<>();

    private EtcdRegisterLog() {
    }

    static History<Register.Request<Integer>, Register.Reply<Integer>> parse(List<String> lines) {
        final EtcdRegisterLog log = new EtcdRegisterLog();
        lines.forEach(log::event);
        return log.recorder.history();
    }

    private void event(String text) {
        line++;
        final Matcher event = LINE.matcher(text);
        if (!event.matches()) {
            throw new IllegalArgumentException("line " + line + " is no event of a register: " + text);
        }
        final int process = Integer.parseInt(event.group(1));
        if (event.group(2).equals("invoke")) {
            underWay.put(process, recorder.invoked(process, request(event.group(3), event.group(4))));
            return;
        }
        final int operation = underWay.remove(process);
        switch (event.group(2) + " " + event.group(3)) {
            case "ok read" -> recorder.returned(operation, new Register.Value<>(value(event.group(4))));
            case "ok write" -> recorder.returned(operation, new Register.Written<>());
            case "ok cas" -> recorder.returned(operation, new Register.Swapped<>(true));
            case "fail cas" -> recorder.returned(operation, new Register.Swapped<>(false));
            case "fail read" -> recorder.failed(operation);
            case "info write", "info cas" -> recorder.unknown(operation);
            default -> throw new IllegalArgumentException("line " + line + " ends an operation as none does: " + text);
        }
    }

    private static Register.Request<Integer> request(String operation, String argument) {
        return switch (operation) {
            case "read" -> new Register.Read<>();
            case "write" -> new Register.Write<>(Integer.valueOf(argument));
            default -> {
                final Matcher pair = PAIR.matcher(argument);
                if (!pair.matches()) {
                    throw new IllegalArgumentException("a cas has a pair, not " + argument);
                }
                yield new Register.CompareAndSet<>(Integer.valueOf(pair.group(1)), Integer.valueOf(pair.group(2)));
            }
        };
    }

    private static Optional<Integer> value(String argument) {
        return argument.equals("nil") ? Optional.empty() : Optional.of(Integer.valueOf(argument));
    }
}
