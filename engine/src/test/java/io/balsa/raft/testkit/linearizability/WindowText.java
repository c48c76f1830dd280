package io.balsa.raft.testkit.linearizability;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Puts a window into lines. */
final class WindowText {
    private static final int LONGEST = 110;
    private static final int ENDS = 50;

    private final Window window;
    private final StringBuilder text = new StringBuilder();

    WindowText(Window window) {
        this.window = window;
    }

    @Override
    public String toString() {
        text.append("not linearizable: ").append(window.partition()).append("\nbefore: ").append(before(window));
        text.append('\n').append(window.claim());
        for (final Window.Entry entry : window.entries()) {
            if (entry.role() != Window.Role.CONTEXT) {
                text.append(entry.role() == Window.Role.STUCK ? "\n  ! " : "\n    ").append(line(entry))
                    .append("  [").append(time(entry)).append(']');
            }
        }
        text.append("\nthe longest order has ").append(window.longest()).append(" operations; its end:");
        for (final Window.Entry entry : order(window)) {
            text.append(String.format(Locale.ROOT, "%n  %5d. %s  =>  %s", entry.place(), line(entry),
                shortened(entry.after())));
        }
        return text.append("\n      !  ").append(line(window.stuck())).append(" is not possible in ")
            .append(shortened(window.stuckIn())).toString();
    }

    private static String line(Window.Entry entry) {
        return "client " + entry.client() + ": " + shortened(entry.text());
    }

    /** Those with a place in the longest order, in that order. */
    static List<Window.Entry> order(Window window) {
        return window.entries().stream().filter(entry -> entry.place() > 0)
            .sorted(Comparator.comparingInt(Window.Entry::place)).toList();
    }

    static String before(Window window) {
        final int shown = 4;
        return String.join(" or ", window.before().stream().limit(shown).map(WindowText::shortened).toList())
            + (window.before().size() > shown ? " or " + (window.before().size() - shown) + " other states" : "");
    }

    static String time(Window.Entry entry) {
        return millis(entry.calledNs()) + " .. " + (entry.isOpen() ? "open" : millis(entry.returnedNs())) + " ms";
    }

    /** Long values differ at their ends, more often than not. */
    static String shortened(String words) {
        return words.length() <= LONGEST ? words
            : words.substring(0, ENDS) + " ... " + words.substring(words.length() - ENDS)
                + " (" + words.length() + " characters)";
    }

    private static String millis(long ns) {
        return String.format(Locale.ROOT, "%.6f", ns / 1e6);
    }
}
