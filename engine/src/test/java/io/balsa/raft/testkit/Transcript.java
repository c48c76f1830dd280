package io.balsa.raft.testkit;

import java.util.ArrayDeque;
import java.util.Queue;

/** The last events of a run, one line each. Kept only when a run is replayed: the words cost more than the run. */
final class Transcript {
    private static final int LINES = 400;

    private final boolean on;
    private final Queue<String> lines = new ArrayDeque<>();
    private long written;

    Transcript(boolean on) {
        this.on = on;
    }

    /** Ask before making words. */
    boolean isOn() {
        return on;
    }

    void line(long nowNs, int node, String what) {
        if (on) {
            if (lines.size() == LINES) {
                lines.remove();
            }
            lines.add(String.format("%12.6f ms  n%d  %s", nowNs / 1e6, node, what));
            written++;
        }
    }

    @Override
    public String toString() {
        return (written > lines.size() ? "... " + (written - lines.size()) + " earlier events\n" : "")
            + String.join("\n", lines);
    }
}
