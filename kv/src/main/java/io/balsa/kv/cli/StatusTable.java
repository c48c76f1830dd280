package io.balsa.kv.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The states of all nodes for people: one row a node, the peers' progress beside the one that leads. */
final class StatusTable {
    private static final List<String> HEADINGS =
        List.of("node", "role", "term", "leader", "first", "last", "durable", "commit", "applied", "snapshot", "taken",
            "installed", "voter", "peers");
    private static final String UNKNOWN = "-";

    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    StatusTable() {
        rows.add(HEADINGS);
    }

    void add(Map<String, Object> status) {
        final List<String> row = new ArrayList<>();
        row.add(text(status, "id"));
        row.add(text(status, "role"));
        row.add(text(status, "term"));
        row.add(leader(status));
        row.add(text(status, "firstIndex"));
        row.add(text(status, "lastIndex"));
        row.add(text(status, "durableIndex"));
        row.add(text(status, "commitIndex"));
        row.add(text(status, "appliedIndex"));
        row.add(snapshot(status));
        row.add(text(status, "snapshotsTaken"));
        row.add(text(status, "snapshotsInstalled"));
        row.add(voter(status));
        row.add(peers(status));
        rows.add(row);
        if (status.get("snapshotFailure") instanceof String failure) {
            failures.add("node " + text(status, "id") + " could not take a snapshot: " + failure);
        }
        if (status.get("quorumTrouble") instanceof String trouble) {
            failures.add("node " + text(status, "id") + ": " + trouble);
        }
        if (status.get("failure") instanceof String failure) {
            failures.add("node " + text(status, "id") + " has stopped: " + failure);
        }
    }

    /**
     * Adds a node whose id is not known, since it did not answer.
     *
     * @param reason names its address
     */
    void addUnreachable(String reason) {
        final List<String> row = new ArrayList<>(Collections.nCopies(HEADINGS.size(), UNKNOWN));
        row.set(1, "unreachable");
        row.set(row.size() - 1, reason);
        rows.add(row);
    }

    List<String> lines() {
        final int[] widths = new int[HEADINGS.size()];
        for (final List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        final List<String> lines = new ArrayList<>();
        for (final List<String> row : rows) {
            final StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                line.append(row.get(column)).repeat(' ', widths[column] - row.get(column).length() + 2);
            }
            lines.add(line.toString().stripTrailing());
        }
        lines.addAll(failures);
        return lines;
    }

    private static String leader(Map<String, Object> status) {
        return status.get("leader") instanceof Long id && id >= 0 ? id.toString() : UNKNOWN;
    }

    /** What it stands for, and what becomes of the next: one that is written, or that comes from the leader. */
    private static String snapshot(Map<String, Object> status) {
        final String newest = text(status, "snapshotIndex");
        if (Boolean.TRUE.equals(status.get("snapshotWriting"))) {
            return newest + " (writing)";
        }
        return status.get("snapshotReceiving") instanceof Long length && length > 0
            && status.get("snapshotReceived") instanceof Long received
            ? newest + " (receiving, " + 100 * received / length + " %)" : newest;
    }

    private static String voter(Map<String, Object> status) {
        if (Boolean.TRUE.equals(status.get("voter"))) {
            return "yes";
        }
        return switch (text(status, "standing")) {
            case "rebuilding" -> "no (being rebuilt)";
            case "vote_lost" -> "no (being rebuilt, votes lost)";
            default -> "no";
        };
    }

    /** Each peer as {@code id:matchIndex}, with a mark where entries do not flow. Only a leader knows. */
    private static String peers(Map<String, Object> status) {
        if (!"leader".equals(status.get("role")) || !(status.get("peers") instanceof List<?> peers)) {
            return UNKNOWN;
        }
        final List<String> shown = new ArrayList<>();
        for (final Object element : peers) {
            if (element instanceof Map<?, ?> peer) {
                final String state = Boolean.FALSE.equals(peer.get("connected")) ? " (not heard)"
                    : Boolean.FALSE.equals(peer.get("streaming")) ? " (probing)" : "";
                shown.add(peer.get("id") + ":" + peer.get("matchIndex") + state);
            }
        }
        return String.join(" ", shown);
    }

    private static String text(Map<String, Object> status, String field) {
        return Optional.ofNullable(status.get(field)).map(Object::toString).orElse(UNKNOWN);
    }
}
