package io.balsa.mapreduce.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A command that leaves nothing behind when it is told to stop: SIGTERM and ^C interrupt the thread that runs it, and
 * the process waits for a while until that has put its things in order.
 */
final class UntilSignal {
    /** Longer than a worker waits for tasks that do not listen. */
    private static final long MOST_MS = 10_000;

    private final Thread runner = Thread.currentThread();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread atEnd = new Thread(this::stop, "mr-until-signal");

    /** Begins; the calling thread is the one that is interrupted. */
    UntilSignal() {
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    private void stop() {
        runner.interrupt();
        try {
            if (!over.await(MOST_MS, TimeUnit.MILLISECONDS)) {
                Main.say("a task does not end; its files may be left behind");
            }
        } catch (InterruptedException e) {
            // nobody interrupts a JVM that ends
        }
    }

    /** The command has put its things in order. */
    void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException e) {
            // it runs, or has run
        }
    }
}
