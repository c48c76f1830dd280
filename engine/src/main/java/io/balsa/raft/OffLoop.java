package io.balsa.raft;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What has to wait for a disk and is nobody's hurry, done beside the loop: snapshots are written, read and received
 * here. Tasks of one {@link Lane} run one after the other; what comes of them is handed back to the loop.
 */
final class OffLoop {
    private final Executor executor;
    private final Queue<Runnable> finished = new ConcurrentLinkedQueue<>();

    /** @param executor runs one task per lane at once */
    OffLoop(Executor executor) {
        this.executor = executor;
    }

    /** Hands over what has come to its end since the last call. The loop only. */
    int deliver() {
        int delivered = 0;
        for (Runnable next = finished.poll(); next != null; next = finished.poll()) {
            next.run();
            delivered++;
        }
        return delivered;
    }

    /** Whether something waits to be delivered. Any thread. */
    boolean hasFinished() {
        return !finished.isEmpty();
    }

    /** One task at a time, in the order they were given. Belongs to the loop. */
    final class Lane {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private boolean busy;

        /**
         * Runs {@code task} when the lane is free, and then, on the loop, one of the two others.
         *
         * @param failed told what the task threw
         */
        <T> void run(Callable<T> task, Consumer<T> done, Consumer<Throwable> failed) {
            waiting.add(() -> executor.execute(() -> {
                Runnable outcome;
                try {
                    final T result = task.call();
                    outcome = () -> done.accept(result);
                } catch (Throwable e) {
                    outcome = () -> failed.accept(e);
                }
                final Runnable handed = outcome;
                finished.add(() -> {
                    busy = false;
                    handed.run();
                    next();
                });
            }));
            next();
        }

        private void next() {
            if (!busy && !waiting.isEmpty()) {
                busy = true;
                waiting.remove().run();
            }
        }
    }
}
