package io.balsa.kv.labs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.balsa.raft.spi.Threads;
import io.balsa.raft.testkit.LabGroup.Fork;
import io.balsa.raft.testkit.checks.Violation;

/** Scripts on threads of their own, in real time. The first that fails ends them all. */
final class Forks implements AutoCloseable {
    private final AtomicReference<Violation> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    synchronized Fork fork(String name, Runnable script) {
        final Thread thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                script.run();
            } catch (RuntimeException | AssertionError broken) {
                failure.compareAndSet(null, new Violation("script " + name + ": " + broken.getMessage(), broken));
            }
        });
        threads.add(thread);
        return () -> {
            Threads.join(thread);
            requireSound();
        };
    }

    void sleep(long ms) {
        requireSound();
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Violation("the test has ended", e);
        }
    }

    private void requireSound() {
        if (!closed && failure.get() != null) {
            throw failure.get();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        threads.forEach(Threads::join);
    }
}
