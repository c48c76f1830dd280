package io.balsa.raft.histories;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.balsa.raft.testkit.linearizability.History;
import io.balsa.raft.testkit.linearizability.KeyValue;
import io.balsa.raft.testkit.linearizability.Recorder;

/** Reads what clients of a key/value store did, one event a line. Every operation in these files was answered. */
final class KeyValueLog {
    private static final Pattern LINE = Pattern.compile("\\{:process (\\d+), :type :(invoke|ok), :f :(get|put|append),"
        + " :key \"([^\"]*)\", :value (nil|\"([^\"]*)\")}");

    private long line;
    private final Recorder<KeyValue.Request, String> recorder = new Recorder<>(() -> line);
    private final Map<Integer, Integer> underWay = new HashMap<>();

    private KeyValueLog() {
    }

    static History<KeyValue.Request, String> parse(List<String> lines) {
        final KeyValueLog log = new KeyValueLog();
        lines.forEach(log::event);
        return log.recorder.history();
    }

    private void event(String text) {
        line++;
        final Matcher event = LINE.matcher(text);
        if (!event.matches()) {
            throw new IllegalArgumentException("line " + line + " is no event of a key/value store: " + text);
        }
        final int process = Integer.parseInt(event.group(1));
        if (event.group(2).equals("ok")) {
            recorder.returned(underWay.remove(process), event.group(6));
            return;
        }
        final String key = event.group(4);
        underWay.put(process, recorder.invoked(process, switch (event.group(3)) {
            case "get" -> KeyValue.get(key);
            case "put" -> KeyValue.put(key, event.group(6));
            default -> KeyValue.append(key, event.group(6));
        }));
    }
}
