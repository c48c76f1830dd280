package io.balsa.raft.spi;

/** Waiting for the threads that the engine and its adapters own. */
public final class Threads {
    private Threads() {
    }

    /**
     * Waits for {@code thread} to end, through interrupts, which stay to be seen: files half closed are worse than an
     * interrupt that comes late. Returns at once for a thread that was never started.
     */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
