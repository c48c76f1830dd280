package io.balsa.raft.testkit.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Draws a window as one page. A column is an event, a call or a return, and not a span of time: what counts is which
 * came first, and so every bar is wide enough to read.
 */
final class Timeline {
    private static final int LONGEST_LABEL = 48;

    private static final String STYLE = """
        :root { color-scheme: light dark; --ink: #1d2330; --paper: #ffffff; --line: #c9ced8; --context: #e8ebf1;
          --needed: #cfe0fb; --stuck: #fbd3d0; --edge: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14171d; --line: #3a414e;
          --context: #262b35; --needed: #1f3f70; --stuck: #6b1f1c; --edge: #ff8a80; } }
        body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem; }
        h1 { font-size: 1.3rem; }
        code, td, .bar { font-family: ui-monospace, monospace; font-size: 12px; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; }
        .rows { display: grid; grid-auto-columns: minmax(2.5rem, max-content); gap: .3rem 2px; width: max-content; }
        .client { grid-column: 1; padding-right: 1rem; white-space: nowrap; align-self: center; }
        .bar { border: 1px solid var(--line); border-radius: 4px; padding: .15rem .4rem; background: var(--context);
          white-space: nowrap; }
        .needed { background: var(--needed); }
        .stuck { background: var(--stuck); border: 2px solid var(--edge); font-weight: bold; }
        .open { border-right: 3px dotted var(--ink); border-radius: 4px 0 0 4px; }
        .place { display: inline-block; min-width: 1.2em; margin-right: .4em; padding: 0 .25em; border-radius: 1em;
          text-align: center; color: var(--paper); background: var(--ink); }
        table { border-collapse: collapse; margin-top: 1rem; }
        th, td { text-align: left; padding: .2rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        """;

    private final Window window;
    private final StringBuilder page = new StringBuilder();

    Timeline(Window window) {
        this.window = window;
    }

    String page() {
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>not linearizable: ")
            .append(escaped(window.partition())).append("</title>\n<style>\n").append(STYLE)
            .append("</style>\n</head>\n<body>\n<h1>Not linearizable: ").append(escaped(window.partition()))
            .append("</h1>\n<p>Before: <code>").append(escaped(WindowText.before(window))).append("</code></p>\n<p>")
            .append(escaped(window.claim())).append(" the coloured bars.</p>\n");
        rows();
        page.append("""
            <p>A bar reaches from call to return; one dotted at its end was never answered. Numbers are places in the \
            longest order that was possible. The framed bar is where it got stuck.</p>
            """);
        order();
        return page.append("</body>\n</html>\n").toString();
    }

    private void rows() {
        final Map<Long, Integer> columns = columns();
        final Map<Integer, List<Window.Entry>> clients = window.entries().stream()
            .collect(Collectors.groupingBy(Window.Entry::client, TreeMap::new, Collectors.toList()));
        page.append("<div class=\"scroll\"><div class=\"rows\">\n");
        int row = 1;
        for (final Map.Entry<Integer, List<Window.Entry>> client : clients.entrySet()) {
            final List<List<Window.Entry>> lanes = lanes(client.getValue());
            page.append("<div class=\"client\" style=\"grid-row:").append(row).append("/span ").append(lanes.size())
                .append("\">client ").append(client.getKey()).append("</div>\n");
            for (final List<Window.Entry> lane : lanes) {
                for (final Window.Entry entry : lane) {
                    bar(entry, row, columns);
                }
                row++;
            }
        }
        page.append("</div></div>\n");
    }

    private void bar(Window.Entry entry, int row, Map<Long, Integer> columns) {
        final String kind = switch (entry.role()) {
            case STUCK -> " stuck";
            case NEEDED -> " needed";
            case CONTEXT -> "";
        };
        page.append("<div class=\"bar").append(kind).append(entry.isOpen() ? " open" : "")
            .append("\" style=\"grid-row:").append(row).append(";grid-column:").append(columns.get(entry.called()))
            .append('/').append(columns.get(entry.returned())).append("\" title=\"")
            .append(escaped("client " + entry.client() + ": " + entry.text() + "\n" + WindowText.time(entry)
                + (entry.place() > 0 ? "\nthen: " + entry.after() : ""))).append("\">");
        if (entry.place() > 0) {
            page.append("<span class=\"place\">").append(entry.place()).append("</span>");
        }
        page.append(entry.role() == Window.Role.STUCK ? "&#10007; " : "").append(escaped(label(entry.text())))
            .append("</div>\n");
    }

    private void order() {
        page.append("<table>\n<tr><th>place</th><th>client</th><th>operation</th><th>state after it</th></tr>\n");
        for (final Window.Entry entry : WindowText.order(window)) {
            line(String.valueOf(entry.place()), entry, entry.after());
        }
        line("✗", window.stuck(), "not possible in " + window.stuckIn());
        page.append("</table>\n");
    }

    private void line(String place, Window.Entry entry, String state) {
        page.append("<tr><td>").append(place).append("</td><td>").append(entry.client()).append("</td><td>")
            .append(escaped(entry.text())).append("</td><td>").append(escaped(state)).append("</td></tr>\n");
    }

    /** The first column is the clients'; open bars end after all others. */
    private Map<Long, Integer> columns() {
        final TreeSet<Long> events = new TreeSet<>();
        window.entries().forEach(entry -> events.addAll(List.of(entry.called(), entry.returned())));
        final Map<Long, Integer> columns = new TreeMap<>();
        events.forEach(event -> columns.put(event, columns.size() + 2));
        return columns;
    }

    /** A client's operations side by side, where they overlap one below the other. */
    private static List<List<Window.Entry>> lanes(List<Window.Entry> entries) {
        final List<List<Window.Entry>> lanes = new ArrayList<>();
        for (final Window.Entry entry : entries) {
            lanes.stream().filter(lane -> lane.getLast().returned() < entry.called()).findFirst()
                .orElseGet(() -> {
                    lanes.add(new ArrayList<>());
                    return lanes.getLast();
                })
                .add(entry);
        }
        return lanes;
    }

    private static String label(String text) {
        return text.length() <= LONGEST_LABEL ? text
            : text.substring(0, LONGEST_LABEL / 2) + "..." + text.substring(text.length() - LONGEST_LABEL / 2);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
            .replace("\n", "&#10;");
    }
}
