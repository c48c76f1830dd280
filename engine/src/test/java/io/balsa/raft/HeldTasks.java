package io.balsa.raft;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs tasks at once, or holds them until a test has them run one by one. */
final class HeldTasks implements Executor {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean held;

    @Override
    public void execute(Runnable task) {
        if (held) {
            waiting.add(task);
        } else {
            task.run();
        }
    }

    /** From now on tasks wait. */
    void hold() {
        held = true;
    }

    /** All that wait are run, and those to come at once. */
    void release() {
        held = false;
        while (runNext()) {
            // in their order
        }
    }

    /** Returns whether there was one. */
    boolean runNext() {
        final Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    int waiting() {
        return waiting.size();
    }

    /** As when the process ends. */
    void forget() {
        waiting.clear();
        held = false;
    }
}
